"""gateway.reasons: a reason has its evidence and who furnished it, or it is not given."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.records import AccountStatus, Annotation, PaymentStatus, Record
from consent.subject import Scope
from gateway.merge import merge
from gateway.profile import AdverseReason, BorrowerProfile, Outcome
from gateway.reasons import ReasonRules
from tests.gateway.attributes.borrower import BORROWER, bill
from tests.gateway.reports import (
    AT,
    CONFIG,
    SUBJECT,
    card,
    cny,
    day,
    grid,
    heard,
    inquiry,
    loan,
    merged,
    pulled,
    silent,
    table,
)


def reasons(profile: BorrowerProfile) -> dict[str, AdverseReason]:
    """The reasons by code, in their order."""
    assert profile.reasons is not None
    return {one.code: one for one in profile.reasons.reasons}


def old(*more: Record) -> BorrowerProfile:
    """A borrower with six years of history, and more."""
    return pulled(card("pboc", "C0", account_ref="C0"), *more)


def overdue_cards(**facts: Any) -> list[Record]:
    """Three cards, all in arrears since this month."""
    return [
        card(
            "pboc", f"C{n}", lender=lender, account_ref=f"C{n}", grid=grid("2NNNNNNNNNNN"), **facts
        )
        for n, lender in enumerate(("AA", "AB", "AC"))
    ]


def test_a_borrower_without_a_fault_has_no_reason() -> None:
    """Whoever looks for reasons in a good file finds none."""
    assert reasons(old()) == {}


def test_a_reason_names_what_it_rests_on_and_who_furnished_it() -> None:
    """The notice must say whose data it was: here one loan that two bureaus report."""
    got = reasons(old(loan("pboc", grid=grid("N2N")), loan("baihang", grid=grid("N2N"))))["R06"]

    assert (got.cause, got.value, got.threshold) == ("max_dpd_24m", 31, 31)
    assert got.sources == ("baihang", "pboc")
    assert [str(one) for one in got.basis] == ["baihang/R-baihang/A1", "pboc/R-pboc/A1"]
    assert got.scopes == (Scope.TRADELINES,)
    assert (bool(got.zh), bool(got.en), got.disputed) == (True, True, ())


def test_who_said_nothing_of_it_furnished_nothing() -> None:
    """Baihang answered too, and is not named for what PBOC alone reports."""
    assert reasons(old(bill("T1", 30)))["R16"].sources == ("pboc",)


@pytest.mark.parametrize(
    ("code", "records"),
    [
        ("R01", [loan(status=AccountStatus.CHARGED_OFF)]),
        ("R02", [loan(status=AccountStatus.LEGAL_RECOVERY)]),
        ("R04", [loan(overdue_terms=1)]),
        ("R07", [loan(grid=grid("1N1N1"))]),
        ("R08", [loan(five_class="substandard")]),
        ("R11", [inquiry("pboc", f"Q{n}", on=day(f"2026-02-{n + 10}")) for n in range(8)]),
        ("R12", [card("pboc", "C9", lender="AB", credit_limit=cny(200_000), used=cny(199_000))]),
    ],
)
def test_reasons_hold_from_their_threshold(code: str, records: list[Record]) -> None:
    """And carry the records that say so."""
    got = reasons(old(*records))

    assert code in got
    assert got[code].basis


def test_below_its_threshold_a_reason_does_not_hold() -> None:
    """Thirty days late is not more than thirty."""
    assert "R06" not in reasons(old(loan(grid=grid("N1N"))))
    assert "R07" not in reasons(old(loan(grid=grid("1N1"))))


def test_the_gravest_come_first() -> None:
    """The order is that of the rules, whatever order the evidence is in."""
    got = list(reasons(pulled(*BORROWER)))
    stated = [one.code for one in CONFIG.reasons.reasons]

    assert len(got) > 4
    assert got == [code for code in stated if code in got]


def test_disputed_evidence_is_flagged() -> None:
    """A lender that declines on it should know before the borrower says so."""
    note = Annotation(kind="dispute", text=None, added=day("2026-02-01"))
    late: dict[str, Any] = {"grid": grid("N2N"), "payment_status": PaymentStatus.CURRENT}

    assert reasons(old(loan(**late, annotations=(note,))))["R06"].disputed
    assert not reasons(old(loan(**late)))["R06"].disputed
    found = reasons(pulled(*overdue_cards(annotations=(note,))))["R05"]
    assert (found.cause, found.disputed) == ("card_overdue_increase", found.basis)
    assert not reasons(pulled(*overdue_cards()))["R05"].disputed


def test_no_account_is_a_reason_only_when_all_answered() -> None:
    """Who says there is no account are those who looked; one that is silent may know of some."""
    assert reasons(pulled())["R18"].sources == ("pboc",)
    nobody = reasons(merged(silent("pboc", Outcome.NO_HIT)))["R18"]
    assert (nobody.missing, nobody.sources) == ("no_file", ("pboc",))
    assert reasons(merged(silent("pboc"), heard("baihang"))) == {}


def test_nothing_known_is_no_reason() -> None:
    """No source answered: the lender knows nothing to decide against anybody."""
    assert reasons(merged(silent("pboc"), silent("baihang"))) == {}


def test_a_fired_signal_is_a_reason_and_a_quiet_one_is_not() -> None:
    """More cards overdue than before; the signal's own evidence."""
    got = reasons(pulled(*overdue_cards()))

    assert got["R05"].cause == "card_overdue_increase"
    assert got["R05"].sources == ("pboc",)
    assert "R05" not in reasons(old())


def rules(when: list[dict[str, Any]]) -> ReasonRules:
    """The shipped reasons, the first of them with other conditions."""
    shipped = table("reasons.toml")
    first, *rest = shipped["reasons"]
    return ReasonRules.model_validate({**shipped, "reasons": [{**first, "when": when}, *rest]})


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"attribute": "tradelines_ever"},
        {"attribute": "tradelines_ever", "at_least": 1, "at_most": 2},
        {"signal": "income_drop", "at_least": 1},
        {"signal": "income_drop", "attribute": "tradelines_ever", "at_least": 1},
        {"attribute": "tradelines_ever", "missing": "no_source"},
    ],
)
def test_a_condition_looks_at_one_thing_in_one_way(condition: dict[str, Any]) -> None:
    """And that nobody answered is never one."""
    with pytest.raises(ValidationError):
        rules([condition])


def test_what_falls_short_counts_only_when_nobody_is_missing() -> None:
    """PBOC lists no inquiry; Baihang, which is silent, may list ten."""
    few = rules([{"attribute": "hard_inquiries_90d", "at_most": 0}])
    config = replace(CONFIG, reasons=few)
    both = merge([heard("pboc"), heard("baihang")], SUBJECT, config, at=AT, jurisdiction="CN")
    one = merge([heard("pboc"), silent("baihang")], SUBJECT, config, at=AT, jurisdiction="CN")

    assert reasons(both)["R01"].sources == ("baihang", "pboc")
    assert "R01" not in reasons(one)


def test_a_condition_on_what_nobody_measures_stops_the_start() -> None:
    """It would never hold, and nobody would notice."""
    with pytest.raises(ValueError, match=r"no such attribute or signal: .*max_dpd_25m"):
        rules([{"attribute": "max_dpd_25m", "at_least": 1}]).check({"max_dpd_24m"}, set())
