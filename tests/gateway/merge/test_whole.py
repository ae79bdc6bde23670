"""gateway.merge: a profile explains itself, and does not depend on who answered first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from connectors.records import (
    AccountStatus,
    Address,
    Annotation,
    BureauScore,
    IdDocument,
    Record,
)
from consent.subject import Scope
from gateway.merge import merge
from gateway.profile import Conflict, Heard, Outcome
from gateway.profile.concluded import Evidence
from tests.gateway.reports import (
    AT,
    CONFIG,
    SUBJECT,
    TODAY,
    cny,
    day,
    grid,
    heard,
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


def test_documents_stand_newest_first() -> None:
    """Whoever answered first."""
    told = [
        heard(source, who(source, documents=(IdDocument(type=kind, number=kind),), as_of=seen))
        for source, kind, seen in (
            ("baihang", "PASSPORT", date(2025, 1, 1)),
            ("pboc", "MILITARY", date(2026, 1, 1)),
        )
    ]
    for some in (told, told[::-1]):
        identity = merged(*some).identity
        assert identity is not None
        assert [one.value.type for one in identity.documents] == ["MILITARY", "PASSPORT"]


def test_every_source_of_the_request_has_a_line() -> None:
    """What is missing is said, with the reason."""
    profile = merged(heard("pboc"), silent("baihang"), silent("bairong", Outcome.NO_HIT))

    assert profile.sources is not None
    assert [(line.source, line.outcome.value) for line in profile.sources.lines] == [
        ("baihang", "unavailable"), ("bairong", "no_hit"), ("pboc", "report"),
    ]  # fmt: skip


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
