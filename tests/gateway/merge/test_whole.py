"""gateway.merge: a profile explains itself, and does not depend on who answered first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import Money, Month
from connectors.records import (
    AccountKind,
    AccountStatus,
    Address,
    Annotation,
    BureauScore,
    ContributionMonth,
    IdDocument,
    Identity,
    InquiryKind,
    IssueKind,
    PublicRecord,
    Record,
)
from consent.subject import Scope
from gateway.merge import merge
from gateway.plans import Plan
from gateway.profile import BorrowerProfile, Conflict, Heard, Outcome, Verdict
from gateway.profile.concluded import Evidence
from gateway.resolve.judged import Judgements, Whose
from tests.gateway.reports import (
    AT,
    CONFIG,
    JUZI,
    SUBJECT,
    TODAY,
    card,
    cny,
    contribution,
    day,
    grid,
    heard,
    income,
    inquiries_of,
    inquiry,
    lines_of,
    loan,
    merged,
    metric,
    phone,
    pulled,
    silent,
    who,
)


def test_a_loan_of_two_bureaus_is_one_line_with_its_evidence() -> None:
    """Each value names who says so and who says otherwise."""
    newer = loan("pboc", balance=cny(6_000), as_of=date(2026, 2, 28))
    older = loan("baihang", balance=cny(6_500), as_of=date(2026, 1, 31))

    (line,) = lines_of(pulled(newer, older))

    here, there = Evidence("pboc", "R-pboc", "A1"), Evidence("baihang", "R-baihang", "A1")
    assert line.records == (there, here)
    assert line.balance is not None
    assert line.original_amount is not None
    assert (line.balance.value, line.balance.basis) == (cny(6_000), (here,))
    assert [(r.value, r.evidence) for r in line.balance.against] == [(cny(6_500), there)]
    assert line.original_amount.basis == (here, there)
    assert line.as_of == date(2026, 2, 28)


def test_a_number_that_one_source_states_is_not_lost_to_one_that_states_none() -> None:
    """Each may leave out the other's; what nobody states is not there."""
    told = loan("pboc", agreement_ref=None), loan("baihang", account_ref=None, agreement_ref="G1")
    (line,) = lines_of(pulled(*told))
    (bare,) = lines_of(pulled(loan(account_ref=None)))

    assert [(one.value, len(one.basis)) for one in line.account_refs] == [("pboc-A1", 1)]
    assert [(one.value, len(one.basis)) for one in line.agreement_refs] == [("G1", 1)]
    assert bare.account_refs == bare.agreement_refs == ()


def test_a_lender_is_called_by_its_own_name() -> None:
    """Not by whichever alias a bureau has for it; the references of both are kept."""
    (line,) = lines_of(pulled(loan("pboc"), loan("baihang")))

    assert line.lender is not None
    assert line.lender.value == "示例晴川消费金融有限公司"
    assert line.institution == "X0000000000014"
    assert [one.value for one in line.account_refs] == ["pboc-A1", "baihang-A1"]


def test_a_dispute_travels_with_the_merged_line() -> None:
    """Even when only one bureau knows of it."""
    dispute = Annotation(kind="dispute", text="示例", added=None)

    (line,) = lines_of(pulled(loan("pboc"), loan("baihang", annotations=(dispute,))))

    assert [(one.value, one.basis[0].source) for one in line.annotations] == [(dispute, "baihang")]


def test_contradictions_are_listed_without_their_values() -> None:
    """Where to look; the values stand in the section."""
    profile = pulled(
        loan("pboc", terms=24, grid=grid("NNN")), loan("baihang", terms=36, grid=grid("N1N"))
    )

    assert profile.conflicts is not None
    assert profile.conflicts.conflicts == (
        Conflict((Scope.TRADELINES,), "baihang:A1", "grid"),
        Conflict((Scope.TRADELINES,), "baihang:A1", "terms"),
    )


def test_identities_that_differ_are_shown_not_averaged() -> None:
    """Two birth dates for one person: both stay, and it is said."""
    profile = merged(
        heard("pboc", who("pboc")), heard("baihang", who("baihang", birth_date=day("1991-01-01")))
    )

    assert profile.identity is not None
    assert profile.identity.birth_date is not None
    assert profile.conflicts is not None
    assert profile.identity.birth_date.value == day("1990-01-01")
    assert [r.value for r in profile.identity.birth_date.against] == [day("1991-01-01")]
    assert Conflict((Scope.IDENTITY,), "", "birth_date") in profile.conflicts.conflicts


def test_somebody_elses_report_is_set_aside_whole() -> None:
    """Nothing of it is in the profile, and the caller sees that."""
    other = who(
        "pboc", name="丙辰溪", documents=(IdDocument(type="CN_RIC", number="999999199001010024"),)
    )
    profile = merged(
        heard("pboc", other, loan("pboc"), phone("10000000000"), metric("pboc", "x", 1)),
        heard("baihang"),
    )

    assert profile.sources is not None
    assert profile.identity is not None
    assert profile.inquiries is not None
    baihang, pboc = profile.sources.lines
    assert lines_of(profile) == ()
    assert profile.identity.phones == ()
    assert profile.inquiries.metrics == ()
    assert (baihang.quarantined, pboc.quarantined) == (False, True)
    assert (pboc.outcome, pboc.reason) == (Outcome.REPORT, "identity_mismatch")
    assert pboc.judgement is not None
    assert pboc.judgement.verdict is Verdict.MISMATCH


def test_a_doubtful_report_is_not_merged_either() -> None:
    """Review means a person must look; until then it is not the subject's."""
    doubtful = who("pboc", name="丙辰溪", birth_date=None)
    profile = merged(heard("pboc", doubtful, loan("pboc")))

    assert profile.sources is not None
    assert lines_of(profile) == ()
    assert profile.sources.lines[0].reason == "identity_review"


DOUBTFUL = who("pboc", name="丙辰溪", birth_date=None)
OTHERS = who("pboc", name="丙辰溪", documents=(IdDocument(type="CN_RIC", number="x"),))
PLAN = Plan(
    name="careless",
    sources=("pboc",),
    scopes=(Scope.TRADELINES, Scope.INQUIRIES),
    deadline_ms=1_000,
    review_scopes=(Scope.INQUIRIES,),
)


def test_of_a_report_under_review_only_what_the_plan_allows_is_merged() -> None:
    """The line says so, and what was not merged counts as unknown, not as nothing."""
    home = Address(source="pboc", record_id="H1", as_of=TODAY, text="示例市云山区虚构路1号")
    told = heard("pboc", DOUBTFUL, loan("pboc"), inquiry("pboc"), home)
    profile = merge([told], SUBJECT, CONFIG, at=AT, jurisdiction="CN", plan=PLAN)

    assert profile.sources is not None
    assert profile.inquiries is not None
    assert profile.identity is not None
    assert profile.attributes is not None
    (line,) = profile.sources.lines
    assert (line.quarantined, line.reason) == (True, "identity_review")
    assert line.merged_under_review == (Scope.INQUIRIES,)
    assert profile.sources.plan == "careless"
    assert [one.records[0].source for one in profile.inquiries.inquiries] == ["pboc"]
    assert (lines_of(profile), profile.identity.addresses) == ((), ())
    missing = {one.name: one.missing for one in profile.attributes.values}
    assert missing["open_tradelines"] == "no_source"
    assert missing["hard_inquiries_30d"] is None


def test_nothing_is_said_to_be_merged_that_was_not_asked_for() -> None:
    """The plan allows inquiries; this source was asked for accounts alone."""
    told = heard("pboc", DOUBTFUL, loan("pboc"), scopes=(Scope.TRADELINES,))
    profile = merge([told], SUBJECT, CONFIG, at=AT, jurisdiction="CN", plan=PLAN)

    assert profile.sources is not None
    assert profile.sources.lines[0].merged_under_review == ()


@pytest.mark.parametrize(
    ("identity", "ruling"), [(OTHERS, None), (DOUBTFUL, False)], ids=["mismatch", "ruled out"]
)
def test_no_plan_merges_a_mismatch_or_what_was_ruled_out(
    identity: Identity, *, ruling: bool | None
) -> None:
    """A plan weighs a doubt; it cannot make somebody else's report the subject's."""
    told = heard("pboc", identity, inquiry("pboc"))
    assert told.report is not None
    said = () if ruling is None else (Whose("pboc", told.report.report_id, ruling),)
    rulings = Judgements(reports=said)
    profile = merge(
        [told], SUBJECT, CONFIG, at=AT, jurisdiction="CN", plan=PLAN, judgements=rulings
    )

    assert profile.sources is not None
    assert profile.inquiries is not None
    assert profile.sources.lines[0].merged_under_review == ()
    assert profile.inquiries.inquiries == ()


def test_three_birth_dates_are_shown_and_not_averaged() -> None:
    """Each source's stands with its evidence; the conflict is listed."""
    profile = merged(
        *(
            heard(source, who(source, birth_date=day(born)))
            for source, born in (
                ("pboc", "1990-01-01"), ("baihang", "1990-02-01"), ("bairong", "1990"),
                ("tongdun", "1991-01-01"),
            )
        )
    )  # fmt: skip

    assert profile.identity is not None
    assert profile.conflicts is not None
    born = profile.identity.birth_date
    assert born is not None
    assert str(born.value) == "1990-01-01"
    assert {str(one.value) for one in born.against} >= {"1990-02-01", "1991-01-01"}
    assert Conflict((Scope.IDENTITY,), "", "birth_date") in profile.conflicts.conflicts


def test_a_judgement_made_before_the_scopes_were_cut_holds() -> None:
    """Without its identity records a report would say nothing against the subject."""
    other = heard("pboc", who("pboc", documents=(IdDocument(type="CN_RIC", number="x"),)))
    judged = merged(other).sources
    assert judged is not None
    told = heard("pboc", loan("pboc"), judgement=judged.lines[0].judgement)
    assert told.report is not None
    cut = tuple(r for r in told.report.records if r.record_id != "ID")

    assert lines_of(merged(Heard(told.line, replace(told.report, records=cut)))) == ()


def test_an_application_seen_by_two_bureaus_counts_once() -> None:
    """The lender asked both; the person applied once."""
    found = inquiries_of(pulled(inquiry("pboc"), inquiry("baihang")))

    assert [(one.institution, len(one.records)) for one in found] == [("X0000000000014", 2)]


def test_bureaus_may_name_one_application_differently() -> None:
    """PBOC says card, Baihang has one word for all credit: still one lender asked once."""
    card = inquiry("pboc", kind=InquiryKind.CARD_APPLICATION)

    assert len(inquiries_of(pulled(card, inquiry("baihang")))) == 1


@pytest.mark.parametrize("newest", ["baihang", "pboc"])
def test_an_application_is_called_what_its_newest_record_calls_it(newest: str) -> None:
    """Whichever source stands first."""
    kinds = {"baihang": InquiryKind.LOAN_APPLICATION, "pboc": InquiryKind.CARD_APPLICATION}
    told = [
        inquiry(source, kind=kind, as_of=date(2026, 3, 16 if source == newest else 15))
        for source, kind in kinds.items()
    ]
    (found,) = inquiries_of(pulled(*told))

    assert found.kind is kinds[newest]


@pytest.mark.parametrize(
    "other",
    [
        inquiry("baihang", on=day("2026-03-09")),
        inquiry("baihang", kind=InquiryKind.ACCOUNT_REVIEW),
        inquiry("baihang", institution=JUZI["baihang"]),
        inquiry("baihang", institution=None),
        inquiry("baihang", institution="AN"),  # what pboc calls it, not baihang
        inquiry("baihang", on=day("2026-03")),
    ],
    ids=["day", "a review", "institution", "nobody named", "foreign alias", "day unknown"],
)
def test_inquiries_that_differ_are_two(other: Record) -> None:
    """Another day or institution, or no application; what is unknown is not guessed."""
    assert len(inquiries_of(pulled(inquiry("pboc"), other))) == 2


def test_inquiries_known_to_the_month_are_not_one() -> None:
    """Two in one month may be two applications."""
    month = day("2026-03")

    assert len(inquiries_of(pulled(inquiry("pboc", on=month), inquiry("baihang", on=month)))) == 2


def test_counts_of_bureaus_are_kept_apart() -> None:
    """Their populations overlap: a sum would count a lender twice."""
    profile = pulled(metric("bairong", "orgnum", 7), metric("baihang", "applyTenantCount", 5))

    assert profile.inquiries is not None
    assert [(m.source, m.value) for m in profile.inquiries.metrics] == [
        ("baihang", 5), ("bairong", 7),
    ]  # fmt: skip


def test_equal_statements_are_one_with_all_their_evidence() -> None:
    """Two bureaus with one address; scores are each bureau's own."""
    homes = [
        Address(source=s, record_id="H", as_of=seen, text="示例市星河区样例路1号")
        for s, seen in (("pboc", date(2025, 1, 1)), ("baihang", date(2026, 1, 1)))
    ]
    scores = [
        BureauScore(source=s, record_id="S", as_of=TODAY, product="x", value=600, percentile=None)
        for s in ("pboc", "baihang")
    ]
    profile = pulled(*homes, *scores)

    assert profile.identity is not None
    assert profile.scores is not None
    (home,) = profile.identity.addresses
    assert (home.record.source, [e.source for e in home.basis]) == ("baihang", ["baihang", "pboc"])
    assert len(profile.scores.scores) == 2


def test_every_source_of_the_request_has_a_line() -> None:
    """What is missing is said, with the reason."""
    profile = merged(heard("pboc"), silent("baihang"), silent("bairong", Outcome.NO_HIT))

    assert profile.sources is not None
    assert [(line.source, line.outcome.value) for line in profile.sources.lines] == [
        ("baihang", "unavailable"), ("bairong", "no_hit"), ("pboc", "report"),
    ]  # fmt: skip


def test_absurd_records_are_counted_and_kept() -> None:
    """Nothing is repaired and nothing is dropped."""
    profile = pulled(
        loan("pboc", "A1", opened=day("2025-03-05"), closed=day("2024-01-01")),
        loan("pboc", "A2", opened=day("2027-01-01")),
        card("pboc", "A3", credit_limit=Money(-1, "CNY")),
        inquiry("pboc", on=day("2026-12-01")),
    )

    assert profile.issues is not None
    assert {
        (one.where, one.what)
        for one in profile.issues.issues
        if one.kind is IssueKind.CONTRADICTION
    } == {
        ("tradelines.closed", "before the opening date"),
        ("tradelines.opened", "in the future"),
        ("tradelines.credit_limit", "below zero"),
        ("inquiries.on", "in the future"),
    }
    assert len(lines_of(profile)) == 3


def public(**facts: Any) -> PublicRecord:
    """A judgment of last year, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "record_id": "P1", "as_of": TODAY, "kind": "civil_judgment", "authority": None,
        "subject_matter": None, "amount": None, "filed": day("2025-03-05"), "ended": None,
        "status": None,
    }  # fmt: skip
    return PublicRecord(source="pboc", **{**known, **facts})


NEXT_MONTH = Month.of(TODAY).plus(1)


@pytest.mark.parametrize(
    ("record", "where", "what"),
    [
        (public(filed=day("2099-01-01")), "public_records.filed", "in the future"),
        (public(filed=day("9999-12-31")), "public_records.filed", "in the future"),
        (public(ended=day("2025-03-04")), "public_records.ended", "before the filing date"),
        (public(ended=day("2024")), "public_records.ended", "before the filing date"),
        (public(amount=cny(-1)), "public_records.amount", "below zero"),
        (public(outcome_amount=cny(-1)), "public_records.outcome_amount", "below zero"),
        (who(birth_date=day("2090-01-01"), documents=()), "identity.birth_date", "in the future"),
        (contribution(paid_to=Month(2099, 1)), "contributions.paid_to", "in the future"),
        (contribution(first_paid=NEXT_MONTH), "contributions.first_paid", "in the future"),
        (contribution(enrolled=day("2099")), "contributions.enrolled", "in the future"),
        (
            contribution(months=(ContributionMonth(month=NEXT_MONTH),)),
            "contributions.months",
            "in the future",
        ),
        (contribution(base=cny(-1)), "contributions.base", "below zero"),
        (contribution(monthly_amount=cny(-1)), "contributions.monthly_amount", "below zero"),
        (income(9_000, newest=NEXT_MONTH), "incomes.months", "in the future"),
        (income(9_000, -1), "incomes.months", "below zero"),
        (loan(balance=cny(-500)), "tradelines.balance", "below zero"),
        (loan(closed=day("2025-03-04")), "tradelines.closed", "before the opening date"),
        (loan(transferred=day("2025-02")), "tradelines.transferred", "before the opening date"),
        (loan(matures=day("2025-03-04")), "tradelines.matures", "before the opening date"),
        (loan(last_payment=day("2026-03-18")), "tradelines.last_payment", "in the future"),
        (loan(transferred=day("2026-04")), "tradelines.transferred", "in the future"),
        (loan(grid=grid("N", NEXT_MONTH)), "tradelines.grid", "in the future"),
        (loan(as_of=date(2026, 3, 18)), "tradelines.as_of", "in the future"),
        (public(as_of=date(2099, 1, 1)), "public_records.as_of", "in the future"),
        (loan(scheduled_payment=cny(-5)), "tradelines.scheduled_payment", "below zero"),
        (card(credit_limit=cny(-5)), "tradelines.credit_limit", "below zero"),
    ],
)
def test_every_kind_of_absurd_record_is_an_issue(record: Record, where: str, what: str) -> None:
    """Whoever reads the profile sees that a source contradicts itself, and where."""
    assert contradictions(pulled(record)) == {(where, what)}


@pytest.mark.parametrize(
    "record",
    [
        public(ended=day("2099-01-01"), kind="penalty"),  # it ends when it ends
        public(filed=day("2025"), ended=day("2025-01-01")),  # it may have been filed that day
        public(filed=day("2026-03")),
        contribution(paid_to=Month.of(TODAY)),
        card(balance=cny(-500), used=cny(-500)),  # overpaid
        loan(balance=cny(0), past_due=cny(0)),
        loan(closed=day("2025-03")),  # it may have been opened and closed that month
        loan(last_payment=day("2026-03"), transferred=day("2026")),
        loan(grid=grid("N", Month.of(TODAY))),
    ],
)
def test_what_may_be_is_no_issue(record: Record) -> None:
    """Counting what is in order would bury what is not."""
    assert contradictions(pulled(record)) == set()


def contradictions(profile: BorrowerProfile) -> set[tuple[str, str]]:
    """Where records contradict themselves, and how."""
    assert profile.issues is not None
    return {
        (one.where, one.what)
        for one in profile.issues.issues
        if one.kind is IssueKind.CONTRADICTION
    }


def test_unlisted_lenders_and_copies_are_counted() -> None:
    """An unlisted lender cannot be told from another bureau's; the operator should list it."""
    profile = pulled(
        loan("pboc", "A1", lender="ZZ"),
        loan("pboc", "A2", lender="ZZ", account_ref="pboc-A1"),
        inquiry("pboc", institution="YY"),
    )

    assert profile.issues is not None
    assert [(one.kind.value, one.where, one.count) for one in profile.issues.issues] == [
        ("duplicate", "tradelines", 1),
        ("unknown_code", "institution", 1),
        ("unknown_code", "lender", 1),
    ]


def test_the_states_database_classifies_for_its_state() -> None:
    """五级分类 of a CN subject is PBOC's, however new another's copy; elsewhere it is not."""
    told = [
        heard("pboc", loan("pboc", five_class="loss", as_of=date(2026, 1, 31))),
        heard("baihang", loan("baihang", five_class="normal")),
    ]
    both = replace(CONFIG, person=dict.fromkeys(("CN", "XX"), CONFIG.person["CN"]))
    here, elsewhere = (
        lines_of(merge(told, SUBJECT, both, at=AT, jurisdiction=code))[0].five_class
        for code in ("CN", "XX")
    )

    assert here is not None
    assert elsewhere is not None
    assert (here.value, [r.value for r in here.against]) == ("loss", ["normal"])
    assert (elsewhere.value, elsewhere.rule) == ("normal", "latest_then_rank/1")


def test_five_hundred_copies_are_one_line_with_little_to_read() -> None:
    """One institution reports the same loan 500 times: one account, 499 issues, a short line."""
    many = [loan("pboc", f"A{n:03}", account_ref="N1") for n in range(500)]
    profile = pulled(*many)

    (line,) = lines_of(profile)
    assert profile.issues is not None
    assert len(line.records) == 500
    assert line.balance is not None
    assert len(line.balance.basis) == 1
    assert [(i.what, i.count) for i in profile.issues.issues] == [("copy of another record", 499)]


def test_four_hundred_aliases_are_kept_and_bounded() -> None:
    """A person with 400 names, a lender with 400 words: nothing is averaged, nothing explodes."""
    names = [who("pboc", f"I{n}", name=f"甲云帆{n}") for n in range(400)]
    words = [loan("baihang", f"A{n}", lender=f"示例{n}号", account_ref=f"N{n}") for n in range(400)]
    said = merged(heard("pboc", who("pboc"), *names), heard("baihang", *words))

    assert len(lines_of(said)) == 400
    assert said.issues is not None
    assert said.issues.issues[-1].count == 400  # lenders not in the directory
    profile = merge(
        [heard("pboc", who("pboc"), *names, quarantined=False)],
        SUBJECT,
        CONFIG,
        at=AT,
        jurisdiction="CN",
        judgements=Judgements(reports=(Whose("pboc", "R-pboc", subject=True),)),
    )
    assert profile.identity is not None
    assert profile.identity.name is not None
    assert len(profile.identity.name.against) == 400


OVER = Month(2026, 4)


def test_absurd_dates_join_and_link_nothing() -> None:
    """Closed before opened, opened in the year 9999, negative limits: issues, no wrong merge."""
    absurd = [
        loan("pboc", "A1", opened=day("9999-12-31"), closed=day("0001-01-01")),
        loan("baihang", "B1", opened=day("0001-01-01"), past_due=cny(-5), grid=grid("NNN", OVER)),
        loan("pboc", "A2", transferred=day("9999-12"), status=AccountStatus.TRANSFERRED),
        loan("pboc", "A3", original_amount=Money(-5, "CNY"), kind=AccountKind.COLLECTION),
        card("pboc", "A4", credit_limit=cny(-5)),
        card("baihang", "B4", credit_limit=cny(-7)),
    ]
    profile = pulled(*absurd)

    assert len(lines_of(profile)) == 6
    assert all(line.links == () for line in lines_of(profile))
    assert profile.issues is not None
    found = {(one.where, one.what) for one in profile.issues.issues}
    assert found >= {
        ("tradelines.closed", "before the opening date"),
        ("tradelines.matures", "before the opening date"),
        ("tradelines.opened", "in the future"),
        ("tradelines.transferred", "in the future"),
        ("tradelines.grid", "in the future"),
        ("tradelines.original_amount", "below zero"),
        ("tradelines.past_due", "below zero"),
        ("tradelines.credit_limit", "below zero"),
    }


def test_a_person_decides_about_a_report_that_was_set_aside() -> None:
    """Its records come in; what the facts say is still shown, and that a person decided."""
    doubtful = who("pboc", name="丙辰溪", birth_date=None)
    told = heard("pboc", doubtful, loan("pboc"))
    said = Judgements(reports=(Whose("pboc", "R-pboc", subject=True),))
    profile = merge([told], SUBJECT, CONFIG, at=AT, jurisdiction="CN", judgements=said)

    assert len(lines_of(profile)) == 1
    assert profile.sources is not None
    (line,) = profile.sources.lines
    assert line.judgement is not None
    assert (line.quarantined, line.rule) == (False, "judged/1")
    assert line.judgement.verdict is Verdict.REVIEW


T = TypeVar("T")
SOURCES = st.sampled_from(["pboc", "baihang", "north"])
STATUSES = st.sampled_from([AccountStatus.CURRENT, AccountStatus.OVERDUE, AccountStatus.UNKNOWN])
RECORDS: st.SearchStrategy[Record] = st.one_of(
    st.builds(
        lambda source, n, status, yuan, seen, history: loan(
            source, f"A{n}", status=status, balance=cny(yuan), as_of=seen, grid=grid(history)
        ),
        SOURCES,
        st.integers(0, 9),
        STATUSES,
        st.sampled_from([None, 6_000, 4_000]),
        st.sampled_from([date(2026, 1, 31), date(2026, 2, 28)]),
        st.sampled_from(["", "NNN", "N1N", "#NN"]),
    ),
    st.builds(
        lambda source, n, on: inquiry(source, f"Q{n}", on=day(on)),
        SOURCES,
        st.integers(0, 9),
        st.sampled_from(["2026-03-10", "2026-03", "2026-01-01"]),
    ),
    st.builds(
        lambda source, n, born: who(source, f"I{n}", birth_date=day(born)),
        SOURCES,
        st.integers(0, 9),
        st.sampled_from(["1990-01-01", "1990-01", "1990"]),
    ),
    st.builds(lambda source, n: phone(f"1000000000{n}", source), SOURCES, st.integers(0, 9)),
    st.builds(lambda source, n: metric(source, f"m{n}", n), SOURCES, st.integers(0, 9)),
)


@given(
    st.lists(RECORDS, max_size=14, unique_by=lambda r: (r.source, r.record_id)),
    st.randoms(use_true_random=False),
)
def test_the_order_of_sources_and_records_never_matters(
    records: Sequence[Record], rnd: Random
) -> None:
    """Sources answer in any order, so the profile must not depend on it."""
    told = [
        heard(source, *(r for r in records if r.source == source))
        for source in ("pboc", "baihang", "north")
    ]
    again = [
        Heard(one.line, replace(one.report, records=tuple(shuffled(rnd, one.report.records))))
        for one in shuffled(rnd, told)
        if one.report is not None
    ]

    assert merge(again, SUBJECT, CONFIG, at=AT, jurisdiction="CN") == merge(
        told, SUBJECT, CONFIG, at=AT, jurisdiction="CN"
    )


def shuffled(rnd: Random, things: Sequence[T]) -> list[T]:
    """The same things in another order."""
    return rnd.sample(things, len(things))
