"""connectors.sandbox.render.baihang and bairong: windows are what the life says they are."""

from datetime import UTC, date, datetime, timedelta

import orjson
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import LenderType
from connectors.sandbox.facts import Life
from connectors.sandbox.life import life
from connectors.sandbox.render import baihang, bairong
from connectors.sandbox.temperament import STRETCHED

TODAY = date(2026, 3, 15)
NOON = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
LATEST_SHOWN = TODAY - timedelta(days=2)
INDEXES = st.integers(0, 10**6)
ORDER = bairong.Order(customer="3000001", products=frozenset({"ApplyLoanStr"}), mobile=None)


def lent(one: Life, days: int) -> list[int]:
    """Amounts of the instalment loans Baihang's lenders granted in the last `days` days."""
    return [
        account.amount or 0
        for account in one.accounts
        if account.kind in {"instalment_loan", "revolving_subaccount"}
        and "baihang" in account.lender.reports_to
        and TODAY - timedelta(days=days) < account.opened <= LATEST_SHOWN
    ]


@given(INDEXES)
def test_baihang_windows_count_the_loans_of_the_life(index: int) -> None:
    """Counts and decimal yuan of D30 to D360, recomputed from the accounts."""
    one = life(7, index, TODAY, STRETCHED)
    block = orjson.loads(baihang.answer(one, NOON))["nonRevolvingLoan"]

    for days in (30, 90, 180, 360):
        amounts = lent(one, days)
        window = block[f"D{days}"]
        assert window["loanCount"] == len(amounts)
        assert window["loanAmount"] == f"{sum(amounts) // 100}.{sum(amounts) % 100:02d}"
        assert window["maxLoanAmount"] == f"{max(amounts, default=0) // 100}.00"


@given(INDEXES)
def test_baihang_windows_only_grow(index: int) -> None:
    """What happened in 30 days happened in 90, 180 and 360 too."""
    report = orjson.loads(baihang.answer(life(7, index, TODAY, STRETCHED), NOON))

    for block in ("nonRevolvingLoan", "revolvingLoan"):
        windows = [report[block][f"D{days}"] for days in (30, 90, 180, 360)]
        for name in ("applyTenantCount", *[n for n in windows[0] if n.endswith("Count")]):
            counts = [window[name] for window in windows]
            assert counts == sorted(counts)


@given(INDEXES)
def test_baihang_overdue_is_days_and_agrees_with_the_amount(index: int) -> None:
    """A status without an overdue amount, or the reverse, would contradict itself."""
    report = orjson.loads(baihang.answer(life(7, index, TODAY, STRETCHED), NOON))
    summary = report["nonRevolvingLoan"]["summary"]

    late = summary["remainingOverdueLoanCount"]
    assert (summary["remainingOverdueAmount"] != "0.00") == (late > 0)
    assert (summary["remainingMaxOverdueStatus"] != "") == (late > 0)
    assert late <= summary["openLoanCount"] <= summary["loanCount"]


@given(INDEXES)
def test_baihang_history_is_a_year_newest_first(index: int) -> None:
    """Institutions appear under their trade names, never under PBOC's letters."""
    history = orjson.loads(baihang.answer(life(7, index, TODAY, STRETCHED), NOON))["queryHistory"]
    days = [date.fromisoformat(entry["date"]) for entry in history]

    assert days == sorted(days, reverse=True)
    assert all((TODAY - day).days < 365 for day in days)
    assert all(entry["tenantName"].startswith("示例") for entry in history)


@given(INDEXES)
def test_bairong_counts_are_those_of_the_applications(index: int) -> None:
    """`allnum` counts applications, `orgnum` institutions, by window and class of lender."""
    one = life(7, index, TODAY, STRETCHED)
    flat = orjson.loads(bairong.answer(one, ORDER, NOON))

    for window, days in (("d7", 7), ("m1", 30), ("m3", 90), ("m12", 360)):
        recent = [
            a
            for a in one.applications
            if "bairong" in a.lender.asks and a.on > TODAY - timedelta(days=days)
        ]
        banks = [a for a in recent if a.lender.type is LenderType.BANK]
        small = [a for a in recent if a.lender.type is LenderType.MICROLENDER]
        for scope, found in (("bank", banks), ("nbank_mc", small)):
            count = flat.get(f"als_{window}_id_{scope}_allnum", "")
            assert count == (str(len(found)) if found else "")
            lenders = flat.get(f"als_{window}_id_{scope}_orgnum", "")
            assert lenders == (str(len({a.lender.code for a in found})) if found else "")


def test_bairong_matches_by_mobile_what_was_applied_for_with_it() -> None:
    """An old telephone hides applications from `cell`, never from `id`."""
    hidden = 0
    for index in range(60):
        one = life(7, index, TODAY, STRETCHED)
        order = bairong.Order(
            customer="3000001", products=frozenset({"ApplyLoanStr"}), mobile=one.person.mobile
        )
        flat = orjson.loads(bairong.answer(one, order, NOON))
        for name, value in flat.items():
            if name.endswith("_allnum") and "_cell_" in name:
                by_id = int(flat[name.replace("_cell_", "_id_")] or 0)
                assert int(value or 0) <= by_id
                hidden += by_id - int(value or 0)

    assert hidden


@given(INDEXES)
def test_bairong_is_flat_and_all_text(index: int) -> None:
    """One object of strings; nothing ordered, nothing told."""
    order = bairong.Order(
        customer="3000001", products=frozenset({"ApplyLoanStr", "SpecialList_c"}), mobile=None
    )
    flat = orjson.loads(bairong.answer(life(7, index, TODAY), order, NOON))

    assert all(isinstance(value, str) for value in flat.values())
    assert flat["code"] == "00"
    assert {flat["flag_applyloanstr"], flat["flag_speciallist_c"]} <= {"0", "1"}
    assert not any("_cell_" in name for name in flat)
