"""consent.decision: which objection comes first, and that nothing unsaid reads as yes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.decision import (
    Frequency,
    Grant,
    Jurisdiction,
    Permit,
    Refusal,
    RefusalReason,
    ScopeRule,
    State,
    decide,
)
from consent.subject import Act, Ask, Scope, SubjectRef

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBJECT = SubjectRef(UUID(int=1))
RULES: Mapping[str, Jurisdiction] = {
    "CN": Jurisdiction(
        "CN",
        {
            Scope.INCOME_AND_ASSETS: ScopeRule(
                "art. 14(2)", separate_consent="income_and_assets", consequence_notice=True
            )
        },
        frozenset({"pboc", "baihang"}),
        purposes={"monitoring": frozenset({Scope.TRADELINES})},
        minimisation="PIPL art. 6",
        acts={Act.REPORT: ScopeRule("art. 29", separate_consent="report_to_bureau")},
        licensed_until={"baihang": NOON},
    )
}
GRANT = Grant(
    id=UUID(int=2),
    member="lender",
    subject=SUBJECT,
    state=State.ACTIVE,
    seq=1,
    epoch=1,
    purpose="loan_origination",
    sources=frozenset({"pboc", "baihang"}),
    scopes=frozenset({Scope.TRADELINES, Scope.INCOME_AND_ASSETS}),
    separate_consents=frozenset(),
    consequence_notice=None,
    not_before=NOON - timedelta(days=1),
    expires_at=NOON + timedelta(days=30),
)
ASK = Ask("lender", SUBJECT, "pboc", "loan_origination", frozenset({Scope.TRADELINES}))


def verdict(
    grant: Grant | None = GRANT,
    ask: Ask = ASK,
    at: datetime = NOON,
    used_at: Sequence[datetime] = (),
) -> Permit | Refusal:
    return decide(grant, ask, at=at, rules=RULES, used_at=used_at)


def reason(
    grant: Grant | None = GRANT, ask: Ask = ASK, at: datetime = NOON
) -> RefusalReason | None:
    got = verdict(grant, ask, at)
    return got.reason if isinstance(got, Refusal) else None


def test_what_is_granted_is_permitted() -> None:
    """The permit carries the ask, the epoch it was decided under, and how long it holds."""
    permit = verdict()

    assert isinstance(permit, Permit)
    assert (permit.ask, permit.grant.epoch, permit.valid_until) == (ASK, 1, GRANT.expires_at)


EACH_REASON = [
    (RefusalReason.NOT_FOUND, None, ASK),
    (RefusalReason.NOT_YET_VALID, replace(GRANT, not_before=NOON + timedelta(seconds=1)), ASK),
    (RefusalReason.NOT_AUTHORISED, replace(GRANT, state=State.REQUESTED), ASK),
    (RefusalReason.REJECTED, replace(GRANT, state=State.REJECTED), ASK),
    (RefusalReason.WITHDRAWN, replace(GRANT, state=State.WITHDRAWN), ASK),
    (RefusalReason.SUPERSEDED, replace(GRANT, state=State.SUPERSEDED), ASK),
    (RefusalReason.PAUSED, replace(GRANT, state=State.PAUSED), ASK),
    (RefusalReason.EXPIRED, replace(GRANT, expires_at=NOON), ASK),
    (RefusalReason.EXPIRED, replace(GRANT, state=State.EXPIRED), ASK),
    (RefusalReason.CONSUMED, replace(GRANT, max_uses=2, used=2), ASK),
    (RefusalReason.OTHER_MEMBER, GRANT, replace(ASK, member="other")),
    (RefusalReason.OTHER_SUBJECT, GRANT, replace(ASK, subject=SubjectRef(UUID(int=9)))),
    (RefusalReason.SOURCE_NOT_GRANTED, GRANT, replace(ASK, source="bairong")),
    (RefusalReason.PURPOSE_NOT_GRANTED, GRANT, replace(ASK, purpose="monitoring")),
    (RefusalReason.SCOPE_EMPTY, GRANT, replace(ASK, scopes=frozenset())),
    (RefusalReason.SCOPE_NOT_GRANTED, GRANT, replace(ASK, scopes=frozenset({Scope.SCORES}))),
    (
        RefusalReason.SCOPE_BEYOND_PURPOSE,
        replace(GRANT, purpose="monitoring"),
        replace(ASK, purpose="monitoring", scopes=frozenset({Scope.INCOME_AND_ASSETS})),
    ),
    (
        RefusalReason.SEPARATE_CONSENT_MISSING,
        GRANT,
        replace(ASK, scopes=frozenset({Scope.INCOME_AND_ASSETS})),
    ),
    (
        RefusalReason.CONSEQUENCE_NOTICE_MISSING,
        replace(GRANT, separate_consents=frozenset({"income_and_assets"})),
        replace(ASK, scopes=frozenset({Scope.INCOME_AND_ASSETS})),
    ),
    (
        RefusalReason.DATA_RANGE,
        replace(GRANT, data_from=date(2026, 1, 1)),
        replace(ASK, since=date(2025, 12, 31)),
    ),
    (RefusalReason.JURISDICTION, replace(GRANT, jurisdiction="XX"), ASK),
]


@pytest.mark.parametrize(("expected", "grant", "ask"), EACH_REASON, ids=lambda v: str(v)[:20])
def test_each_objection_is_raised_alone(
    expected: RefusalReason, grant: Grant | None, ask: Ask
) -> None:
    """One thing wrong, one reason: a caller can act on it."""
    assert reason(grant, ask) is expected


def test_the_first_objection_is_the_one_told() -> None:
    """With everything wrong at once the order is the published one."""
    everything = replace(
        GRANT, not_before=NOON + timedelta(days=1), state=State.WITHDRAWN, expires_at=NOON
    )
    ask = replace(ASK, source="bairong", scopes=frozenset())

    assert reason(everything, ask) is RefusalReason.NOT_YET_VALID
    assert reason(replace(everything, not_before=NOON), ask) is RefusalReason.WITHDRAWN


def test_the_order_of_reasons_is_pinned() -> None:
    """Callers are told the first objection; if the order moves, write an ADR."""
    assert [r.value for r in RefusalReason] == [
        "not_found", "not_yet_valid", "not_authorised", "rejected", "withdrawn", "superseded",
        "paused", "expired", "consumed", "other_member", "other_subject", "source_not_granted",
        "purpose_not_granted", "scope_empty", "scope_not_granted", "scope_beyond_purpose",
        "separate_consent_missing", "consequence_notice_missing", "data_range",
        "frequency_exhausted", "jurisdiction", "changed",
    ]  # fmt: skip


@given(st.integers(-3, 3), st.integers(1, 3))
def test_the_window_is_closed_below_and_open_above(offset_s: int, length_s: int) -> None:
    """[not_before, expires_at): the instant of expiry no longer counts (R6)."""
    start = NOON
    grant = replace(GRANT, not_before=start, expires_at=start + timedelta(seconds=length_s))

    got = reason(grant, ASK, start + timedelta(seconds=offset_s))

    assert (got is None) == (0 <= offset_s < length_s)


def test_the_law_can_be_satisfied() -> None:
    """With the separate consent and the notice of consequences, income may be asked for."""
    grant = replace(
        GRANT, separate_consents=frozenset({"income_and_assets"}), consequence_notice="2026-01"
    )

    assert reason(grant, replace(ASK, scopes=frozenset({Scope.INCOME_AND_ASSETS}))) is None


def test_a_source_outside_the_jurisdiction_is_refused() -> None:
    """征信业管理条例 art. 24: what a place does not list cannot be asked about its people."""
    grant = replace(GRANT, sources=frozenset({"experian"}))

    assert reason(grant, replace(ASK, source="experian")) is RefusalReason.JURISDICTION


@given(st.integers(-2, 2), st.sampled_from(Act))
def test_no_source_is_asked_after_its_licence(offset_s: int, act: Act) -> None:
    """From the instant on that it ends, nobody asks or tells it anything; what it said stays."""
    grant = replace(GRANT, separate_consents=frozenset({"report_to_bureau"}))
    at = NOON + timedelta(seconds=offset_s)

    got = reason(grant, replace(ASK, source="baihang", act=act), at)

    over = offset_s >= 0 and act is not Act.READ
    assert got is (RefusalReason.JURISDICTION if over else None)


def test_a_purpose_uses_no_more_than_it_needs() -> None:
    """PIPL art. 6: even what the subject granted stays out when the purpose does not need it."""
    grant = replace(GRANT, purpose="monitoring", scopes=frozenset(Scope))
    watch = replace(ASK, purpose="monitoring")

    got = verdict(grant, replace(watch, scopes=frozenset({Scope.TRADELINES, Scope.SCORES})))

    assert isinstance(got, Refusal)
    assert got.explanation == "monitoring may use tradelines (PIPL art. 6)"
    assert reason(grant, watch) is None


def test_telling_a_bureau_needs_a_consent_of_its_own() -> None:
    """征信业管理条例 art. 29: whoever agreed to a query has not agreed to be reported."""
    tell = replace(ASK, act=Act.REPORT)
    agreed = replace(GRANT, separate_consents=frozenset({"report_to_bureau"}))

    got = verdict(GRANT, tell)

    assert isinstance(got, Refusal)
    assert got.reason is RefusalReason.SEPARATE_CONSENT_MISSING
    assert "'report_to_bureau' (art. 29)" in got.explanation
    assert reason(agreed, tell) is None
    assert reason(GRANT, ASK) is None


def test_what_an_act_asks_for_adds_to_what_its_scopes_do() -> None:
    """Agreeing to be reported is no leave to report income, which has an article of its own."""
    tell = replace(ASK, act=Act.REPORT, scopes=frozenset({Scope.INCOME_AND_ASSETS}))
    agreed = replace(GRANT, separate_consents=frozenset({"report_to_bureau"}))

    got = verdict(agreed, tell)

    assert isinstance(got, Refusal)
    assert got.reason is RefusalReason.SEPARATE_CONSENT_MISSING
    assert "'income_and_assets' (art. 14(2))" in got.explanation


@given(st.integers(-2, 2), st.integers(-2, 2))
def test_data_is_of_the_granted_days_only(since: int, until: int) -> None:
    """The first and the last day of the range are of it; one beyond either end is refused."""
    first, last = date(2026, 1, 10), date(2026, 1, 20)
    grant = replace(GRANT, data_from=first, data_to=last)
    start, end = first + timedelta(days=since), last + timedelta(days=until)
    ask = replace(ASK, since=start, until=end)

    assert reason(grant, ask) is (
        None if first <= start and end <= last else RefusalReason.DATA_RANGE
    )
    assert reason(GRANT, ask) is None


@given(st.lists(st.integers(0, 47), max_size=6), st.integers(1, 3))
def test_frequency_counts_a_sliding_window(hours_ago: list[int], limit: int) -> None:
    """At most N in 24 hours, whatever the order; the refusal says when it is next possible."""
    grant = replace(GRANT, frequency=Frequency(timedelta(hours=24), limit))
    used = [NOON - timedelta(hours=h) for h in hours_ago]

    got = verdict(grant, used_at=used)

    recent = sorted(u for u in used if u > NOON - timedelta(hours=24))
    assert isinstance(got, Refusal) == (len(recent) >= limit)
    if isinstance(got, Refusal):
        assert got.retry_at is not None
        later = decide(grant, ASK, at=got.retry_at, rules=RULES, used_at=used)
        assert isinstance(later, Permit)


def test_a_used_up_consent_still_covers_reading() -> None:
    """One fetch was allowed; what it brought may be looked at while the consent lasts."""
    spent = replace(GRANT, state=State.CONSUMED, max_uses=1, used=1)

    assert reason(spent) is RefusalReason.CONSUMED
    assert reason(spent, replace(ASK, act=Act.READ)) is None
    assert reason(replace(spent, expires_at=NOON), replace(ASK, act=Act.READ)) is not None


def test_receiving_needs_a_consent_not_used_up_and_is_not_counted() -> None:
    """What a source sends unasked is no look at the subject, nor is one look leave to watch."""
    receive = replace(ASK, act=Act.RECEIVE)
    often = replace(GRANT, frequency=Frequency(timedelta(hours=24), 1))

    assert reason(replace(GRANT, state=State.CONSUMED, max_uses=1, used=1), receive) is (
        RefusalReason.CONSUMED
    )
    assert isinstance(decide(often, receive, at=NOON, rules=RULES, used_at=[NOON]), Permit)


GRANTS = st.builds(
    replace,
    st.just(GRANT),
    state=st.sampled_from(State),
    sources=st.frozensets(st.sampled_from(["pboc", "baihang", "bairong"])),
    scopes=st.frozensets(st.sampled_from(list(Scope))),
    purpose=st.sampled_from(["loan_origination", "monitoring"]),
    max_uses=st.integers(0, 2),
    used=st.integers(0, 2),
)
ASKS = st.builds(
    replace,
    st.just(ASK),
    source=st.sampled_from(["pboc", "baihang", "bairong"]),
    scopes=st.frozensets(st.sampled_from(list(Scope))),
    purpose=st.sampled_from(["loan_origination", "monitoring"]),
)


@given(GRANTS, ASKS)
def test_a_permit_never_exceeds_its_grant(grant: Grant, ask: Ask) -> None:
    """Whatever the combination: yes means each part was granted, and the state allows it."""
    got = decide(grant, ask, at=NOON, rules=RULES)

    if isinstance(got, Permit):
        assert ask.scopes
        assert ask.scopes <= grant.scopes
        assert ask.source in grant.sources
        assert ask.purpose == grant.purpose
        assert grant.state is State.ACTIVE
        assert not grant.max_uses or grant.used < grant.max_uses


def test_a_permit_cannot_be_made_by_hand() -> None:
    """The connectors trust the type, so the type must have one maker."""
    with pytest.raises(TypeError, match="decide"):
        Permit(GRANT, ASK, NOON, NOON, object())
    permit = verdict()
    assert isinstance(permit, Permit)
    with pytest.raises((TypeError, ValueError)):
        replace(permit, ask=replace(ASK, source="baihang"))  # type: ignore[call-arg]
