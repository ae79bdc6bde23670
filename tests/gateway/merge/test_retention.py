"""gateway.merge.retention: adverse information is shown to its last day and not a day longer.

The days are moved by moving the day of the merge; the law is the shipped one (CN, five years).
"""

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import Month
from connectors.records import (
    AccountKind,
    AccountStatus,
    Annotation,
    PaymentStatus,
    Postpaid,
    PublicRecord,
    Record,
    SpecialTransaction,
)
from gateway.merge import MergeConfig, merge
from gateway.profile import BorrowerProfile, Withheld, WithheldSection
from gateway.profile.rule_names import KIND_ONLY
from tests.gateway.reports import (
    CONFIG,
    SUBJECT,
    cny,
    day,
    grid,
    heard,
    lines_of,
    loan,
)

YEARS = 5
ARTICLE = "征信业管理条例 art. 16"
DAYS = st.dates(date(2012, 1, 1), date(2024, 12, 31))
LEAP = st.sampled_from([date(2012, 2, 29), date(2016, 2, 29), date(2020, 2, 29)])


def last_day(ended: date) -> date:
    """民法典 art. 201, 202, spelled out by hand: the corresponding day, or the month's last."""
    year = ended.year + YEARS
    return date(year, ended.month, min(ended.day, monthrange(year, ended.month)[1]))


def on(today: date, *records: Record, config: MergeConfig = CONFIG) -> BorrowerProfile:
    """The profile of these records as merged at noon of a day in China."""
    noon = datetime.combine(today, time(4), UTC)
    sources = sorted({record.source for record in records})
    told = [heard(s, *(r for r in records if r.source == s)) for s in sources]
    return merge(told, SUBJECT, config, at=noon, jurisdiction="CN")


def judged(kind: str = "civil_judgment", **facts: Any) -> PublicRecord:
    """A public record, unless `facts` say otherwise not over."""
    known: dict[str, Any] = {
        "source": "pboc",
        "record_id": "F1",
        "as_of": date(2024, 12, 31),
        "authority": "示例人民法院",
        "subject_matter": None,
        "amount": None,
        "filed": None,
        "ended": None,
        "status": None,
    }
    return PublicRecord(kind=kind, **{**known, **facts})


def withheld(profile: BorrowerProfile) -> WithheldSection:
    assert profile.withheld is not None
    return profile.withheld


def public(profile: BorrowerProfile) -> int:
    assert profile.public_records is not None
    return len(profile.public_records.records)


@given(DAYS | LEAP, st.integers(-2, 2))
def test_a_judgment_is_shown_through_its_last_day(ended: date, offset: int) -> None:
    """The day before and the day of: there. The day after: gone, counted, and told by which law."""
    record = judged(ended=day(ended.isoformat()))

    profile = on(last_day(ended) + timedelta(days=offset), record)

    gone = offset > 0
    assert public(profile) == (0 if gone else 1)
    assert withheld(profile) == WithheldSection(
        records=(Withheld("pboc", "cn_adverse/2", ARTICLE, 1),) if gone else (),
        shown_until=None if gone else last_day(ended),
    )


@pytest.mark.parametrize(
    ("ended", "last"),
    [
        ("2020-02-29", date(2025, 2, 28)),
        ("2019-02-28", date(2024, 2, 28)),
        ("2019-12-31", date(2024, 12, 31)),
        ("2019-12", date(2024, 12, 1)),
        ("2019", date(2024, 1, 1)),
    ],
)
def test_the_last_days_of_odd_dates(ended: str, last: date) -> None:
    """A leap day has no like five years on; a month or a year counts from its first day."""
    record = judged(ended=day(ended))

    assert public(on(last, record)) == 1
    assert public(on(last + timedelta(days=1), record)) == 0


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (judged("enforcement", ended=day("2015-01-01")), 0),
        (judged("penalty", filed=day("2015-01-01")), 0),
        (judged("penalty", filed=day("2015-01-01"), ended=day("2023-01-01")), 1),
        (judged("enforcement", filed=day("2001-01-01")), 1),
        (judged("tax_arrears", filed=day("2001-01-01")), 1),
        (judged("award", filed=day("2001-01-01"), ended=day("2002-01-01")), 1),
        (judged("relief", ended=day("2002-01-01")), 1),
        (judged(ended=day("2015-01-01"), source="unlisted"), 1),
    ],
    ids=lambda value: value.kind if isinstance(value, PublicRecord) else str(value),
)
def test_what_has_not_ended_or_is_not_adverse_stays(record: PublicRecord, shown: int) -> None:
    """An enforcement still open and taxes still owed have no term; an award is no blemish."""
    assert public(on(date(2025, 1, 1), record)) == shown


def test_one_bureau_that_knows_the_end_is_enough() -> None:
    """Of one case the other bureau only says that it was filed: it is over all the same."""
    told: dict[str, Any] = {"filed": day("2017-03-01"), "amount": cny(5_000)}
    mine = judged("enforcement", ended=day("2018-05-04"), **told)
    theirs = judged("enforcement", source="baihang", **told)

    assert public(on(date(2023, 5, 4), mine, theirs)) == 1
    after = on(date(2023, 5, 5), mine, theirs)
    assert public(after) == 0
    assert [one.source for one in withheld(after).records] == ["baihang", "pboc"]


# -- accounts --------------------------------------------------------------------------------------


def months(profile: BorrowerProfile) -> list[str]:
    """The months shown of the one account."""
    (line,) = lines_of(profile)
    return [str(entry.month) for entry in line.grid.value.months] if line.grid else []


def attribute(profile: BorrowerProfile, name: str) -> int | None:
    assert profile.attributes is not None
    return next(one.value for one in profile.attributes.values if one.name == name)


def late(**facts: Any) -> Any:
    """Good months, two in arrears, cured in 2019-04, and good again ever since."""
    text = "N" * 60 + "21NN"
    newest = Month(2019, 4).plus(59)
    return loan(opened=day("2018-01-05"), grid=grid(text, newest), as_of=date(2024, 3, 31), **facts)


@pytest.mark.parametrize("today", [date(2024, 3, 31), date(2024, 4, 1), date(2024, 4, 2)])
def test_arrears_end_with_the_month_that_was_good_again(today: date) -> None:
    """Cured in April 2019: known to its month, so from its first day. What is left starts there."""
    profile, shown = on(today, late()), today <= date(2024, 4, 1)

    assert (months(profile)[-1] == "2018-12") is shown
    assert (months(profile)[-1] == "2019-04") is not shown
    assert withheld(profile).records == (
        () if shown else (Withheld("pboc", "cn_adverse/2", ARTICLE, 1),)
    )
    assert withheld(profile).shown_until == (date(2024, 4, 1) if shown else None)


def test_what_is_withheld_is_not_counted() -> None:
    """An attribute that still knew of the arrears would tell them."""
    before, after = on(date(2024, 4, 1), late()), on(date(2024, 4, 2), late())

    name = "months_since_last_delinquency"
    assert attribute(before, name) == 61
    assert attribute(after, name) is None
    assert b"dpd" not in repr([line.grid for line in lines_of(after)]).encode()


def test_arrears_still_owed_have_no_term() -> None:
    """Seven years in arrears are seven years in arrears."""
    owed = loan(
        status=AccountStatus.OVERDUE,
        opened=day("2015-01-05"),
        past_due=cny(900),
        grid=grid("7" * 100, Month(2024, 3)),
        as_of=date(2024, 3, 31),
    )

    profile = on(date(2024, 4, 2), owed)

    assert len(months(profile)) == 100
    assert withheld(profile) == WithheldSection()


def test_an_old_lapse_goes_while_a_later_one_stays() -> None:
    """Each lapse has an end of its own, and the newer is not pardoned with the older."""
    twice = loan(
        opened=day("2016-01-05"),
        grid=grid("NN1N" + "N" * 68 + "2NN", Month(2024, 3)),
        as_of=date(2024, 3, 31),
    )

    profile = on(date(2024, 4, 2), twice)

    assert [str(e.status) for line in lines_of(profile) if line.grid for e in line.grid.value.months
            if e.status.dpd] == ["dpd_1_30"]  # fmt: skip
    assert withheld(profile).shown_until == date(2029, 2, 1)


def test_the_months_of_one_source_end_what_another_left_open() -> None:
    """One bureau saw the arrears, the other the cure: together they know when it ended."""
    mine = loan("pboc", opened=day("2018-01-05"), grid=grid("21NN", Month(2019, 3)),
                as_of=date(2024, 3, 31))  # fmt: skip
    theirs = loan("baihang", opened=day("2018-01-05"), grid=grid("N" * 60, Month(2024, 3)),
                  as_of=date(2024, 3, 31))  # fmt: skip

    profile = on(date(2024, 4, 2), mine, theirs)

    assert len(lines_of(profile)) == 1
    assert months(profile)[-1] == "2019-04"
    assert [one.source for one in withheld(profile).records] == ["pboc"]


OLD_FIGURES: dict[str, Any] = {
    "status": AccountStatus.OVERDUE,
    "payment_status": PaymentStatus.DPD_61_90,
    "past_due": cny(700),
    "past_due_61_90": cny(700),
    "overdue_terms": 3,
    "five_class": "substandard",
}


@pytest.mark.parametrize("months", ["3NN", ""])
@pytest.mark.parametrize("today", [date(2024, 2, 1), date(2024, 2, 2)])
def test_figures_go_with_the_month_they_are_of(today: date, months: str) -> None:
    """One bureau last heard of it when it was late, the other tells that it was good again."""
    late = loan(
        "baihang", opened=day("2018-01-05"), as_of=date(2019, 1, 31),
        grid=grid(months, Month(2019, 1)), **OLD_FIGURES,
    )  # fmt: skip
    paid = loan("pboc", opened=day("2018-01-05"), as_of=date(2024, 1, 31),
                grid=grid("N" * 61, Month(2024, 1)))  # fmt: skip

    profile = on(today, late, paid)

    (line,) = lines_of(profile)
    shown = today.day == 1
    told = [getattr(line, name) for name in OLD_FIGURES if name != "status"]
    assert len(line.records) == 2
    assert [one is not None for one in told] == [shown] * len(told)
    assert bool(line.status.against) == shown
    assert ("baihang" in {one.source for one in withheld(profile).records}) != shown


def test_figures_another_source_denies_have_their_term() -> None:
    """Of one day one bureau says late, and the one that is believed sooner says well."""
    seen: dict[str, Any] = {"opened": day("2018-01-05"), "as_of": date(2026, 1, 31), "grid": ()}
    for late in (
        loan("baihang", **seen, status=AccountStatus.OVERDUE),
        loan("baihang", **seen, five_class="loss"),
    ):
        well = loan(**seen, five_class="normal")
        assert withheld(on(date(2026, 2, 2), late, well)).shown_until == date(2031, 1, 31)
        assert withheld(on(date(2026, 2, 2), late)).shown_until is None


@pytest.mark.parametrize("name", OLD_FIGURES.keys() - {"past_due_61_90"})
def test_any_one_of_them_is_adverse(name: str) -> None:
    """A class of bad loans has its term also where no arrears are told."""
    late = loan(
        "baihang", opened=day("2018-01-05"), as_of=date(2019, 1, 31), grid=(),
        **{name: OLD_FIGURES[name]},
    )  # fmt: skip
    paid = loan("pboc", opened=day("2018-01-05"), as_of=date(2024, 1, 31),
                grid=grid("N" * 60, Month(2024, 1)))  # fmt: skip
    shown, gone = on(date(2024, 2, 1), late, paid), on(date(2024, 2, 2), late, paid)

    told = [getattr(lines_of(each)[0], name) for each in (shown, gone)]
    if name == "status":
        told = [one.against for one in told]
    assert [bool(one) for one in told] == [True, False]
    assert withheld(shown).shown_until == date(2024, 2, 1)


def test_a_class_nobody_calls_better_since_stays() -> None:
    """The newest figures put the loan among the bad ones: that has not ended."""
    bad = loan("pboc", opened=day("2018-01-05"), as_of=date(2019, 1, 31), grid=(),
               five_class="substandard")  # fmt: skip

    profile = on(date(2026, 2, 2), bad)

    assert lines_of(profile)[0].five_class is not None
    assert withheld(profile) == WithheldSection()
    better = loan("baihang", opened=day("2018-01-05"), as_of=date(2020, 1, 31), grid=())
    assert withheld(on(date(2025, 1, 31), bad, better)).shown_until == date(2025, 1, 31)
    assert lines_of(on(date(2025, 2, 1), bad, better))[0].five_class is None


def test_figures_nobody_calls_better_since_stay() -> None:
    """Late by the older record and by the newer one: what is still owed has no term."""
    older = loan(
        "baihang", opened=day("2018-01-05"), as_of=date(2019, 1, 31), grid=(), **OLD_FIGURES
    )
    newer = replace(older, source="pboc", lender=loan("pboc").lender, as_of=date(2026, 1, 31))

    profile = on(date(2026, 2, 2), older, newer)

    (line,) = lines_of(profile)
    assert line.past_due is not None
    assert len(line.past_due.basis) == 2
    assert withheld(profile) == WithheldSection()


@pytest.mark.parametrize("today", [date(2024, 4, 15), date(2024, 4, 16)])
def test_arrears_no_month_ends_went_with_the_account(today: date) -> None:
    """Paid off in April 2019: that a source still vouched for it years later starts no new term."""
    paid = loan(
        status=AccountStatus.CLOSED,
        closed=day("2019-04-15"),
        opened=day("2018-01-05"),
        balance=None,
        grid=grid("21NN", Month(2019, 3)),
        as_of=date(2022, 3, 31),
    )

    assert months(on(today, paid)) == (
        ["2019-03", "2019-02", "2019-01", "2018-12"] if today.day == 15 else []
    )


def test_a_debt_sold_in_arrears_is_not_good_again() -> None:
    """`G` says the account ended, not that it was repaid: nobody here knows when it will be."""
    sold = loan(
        status=AccountStatus.TRANSFERRED,
        opened=day("2016-01-05"),
        grid=grid("G77", Month(2018, 3)),
        as_of=date(2018, 3, 31),
    )

    profile = on(date(2025, 1, 1), sold)

    assert months(profile) == ["2018-03", "2018-02", "2018-01"]
    assert withheld(profile) == WithheldSection()


def charged_off(**facts: Any) -> Any:
    """A debt that was written off and closed on 2019-03-15."""
    known: dict[str, Any] = {
        "status": AccountStatus.CHARGED_OFF,
        "closed": day("2019-03-15"),
        "opened": day("2016-01-05"),
        "grid": (),
        "as_of": date(2024, 3, 31),
    }
    return loan(**{**known, **facts})


@pytest.mark.parametrize(
    ("facts", "shown_on_the_last_day", "shown_after"),
    [
        ({}, 1, 0),
        ({"status": AccountStatus.CLOSED, "kind": AccountKind.COLLECTION}, 1, 0),
        ({"status": AccountStatus.CLOSED, "five_class": "loss"}, 1, 0),
        ({"status": AccountStatus.CLOSED}, 1, 1),
        ({"closed": None}, 1, 1),
        ({"status": AccountStatus.TRANSFERRED, "closed": None}, 1, 1),
    ],
)
def test_an_account_that_ended_badly_goes_whole(
    facts: dict[str, Any], shown_on_the_last_day: int, shown_after: int
) -> None:
    """The account itself is the blemish; one paid off is none, one still owed is not over."""
    record = charged_off(**facts)

    assert len(lines_of(on(date(2024, 3, 15), record))) == shown_on_the_last_day
    after = on(date(2024, 3, 16), record)
    assert len(lines_of(after)) == shown_after
    assert sum(one.records for one in withheld(after).records) == 1 - shown_after


@pytest.mark.parametrize("under", ["baihang", "pboc"])
def test_a_law_takes_away_what_its_own_sources_say(under: str) -> None:
    """Whichever of the records stands first; who is under no law is shown for ever."""
    told = [charged_off(source=source) for source in ("baihang", "pboc")]
    law = replace(CONFIG, retention={under: CONFIG.retention[under]})
    profile = on(date(2024, 3, 16), *told, config=law)

    (line,) = lines_of(profile)
    assert [one.source for one in line.records] == [
        one for one in ("baihang", "pboc") if one != under
    ]
    assert [one.source for one in withheld(profile).records] == [under]


def test_a_payment_by_the_guarantor_goes_with_its_day() -> None:
    """A special transaction is an event of one day; a harmless one of the same day stays."""
    paid = SpecialTransaction(kind="guarantor_paid", on=day("2019-03-15"))
    early = SpecialTransaction(kind="early_repayment", on=day("2019-03-15"))
    record = loan(transactions=(paid, early), as_of=date(2024, 3, 10))

    def kinds(today: date) -> list[str]:
        (line,) = lines_of(on(today, record))
        return sorted(one.value.kind for one in line.transactions)

    assert kinds(date(2024, 3, 15)) == ["early_repayment", "guarantor_paid"]
    assert kinds(date(2024, 3, 16)) == ["early_repayment"]


@pytest.mark.parametrize(("arrears", "shown"), [(0, ["2019-03"]), (80, ["2019-03", "2019-02"])])
def test_a_telephone_bill_is_no_different(arrears: int, shown: list[str]) -> None:
    """Post-paid arrears that were paid are over after five years; those still owed are not."""
    phone = Postpaid(
        source="pboc",
        record_id="E1",
        as_of=date(2019, 3, 31),
        account_type=None,
        provider=None,
        service=None,
        opened=None,
        status=None,
        arrears=cny(arrears),
        month=None,
        grid=((Month(2019, 3), "unknown"), (Month(2019, 2), "arrears_1_month")),
        annotations=(Annotation(kind="dispute", text=None, added=None),),
    )

    profile = on(date(2024, 4, 1), phone)

    assert profile.tradelines is not None
    (stated,) = profile.tradelines.postpaid
    assert [str(month) for month, _ in stated.record.grid] == shown


@pytest.mark.parametrize(
    "record",
    [
        loan(closed=day("9999-12-31"), status=AccountStatus.CLOSED, grid=grid("3NN")),
        judged(ended=day("9996-02-29")),
        judged(ended=day("9999-12-31")),
    ],
)
def test_an_end_in_the_last_years_of_the_calendar_has_no_last_day_beyond(record: Record) -> None:
    """9999-12-31 stands in many a database for "never": no reason to lose the whole report."""
    assert withheld(on(date(2024, 3, 20), record)).records == ()


@given(
    st.lists(st.sampled_from("N*1237B#C"), min_size=1, max_size=80).map("".join),
    st.integers(0, 40),
)
def test_no_day_shows_more_than_the_day_before(text: str, days: int) -> None:
    """Time only ever takes away: a read later never shows arrears an earlier one withheld."""
    record = loan(opened=day("2010-01-05"), grid=grid(text, Month(2019, 3)),
                  as_of=date(2019, 4, 10))  # fmt: skip
    first = date(2024, 3, 20)

    def arrears(today: date) -> set[str]:
        (line,) = lines_of(on(today, record))
        return {str(e.month) for e in (line.grid.value.months if line.grid else ()) if e.status.dpd}

    earlier, later = on(first, record), arrears(first + timedelta(days=days))
    until = withheld(earlier).shown_until

    assert later <= arrears(first)
    assert until is None or until >= first
    if until is None or first + timedelta(days=days) <= until:
        assert later == arrears(first)


def test_no_doubt_is_told_about_an_account_that_is_over() -> None:
    """A pair left apart names its records: of two that may not be shown, that is too much."""
    past = {
        "status": AccountStatus.CHARGED_OFF, "grid": (), "opened": day("2016-03-05"),
        "matures": None, "closed": day("2019-06-30"), "original_amount": cny(7_700),
    }  # fmt: skip
    alike = [loan(source, name, **past) for source in ("pboc", "baihang") for name in ("T1", "T2")]
    shown, gone = on(date(2024, 6, 30), *alike), on(date(2024, 7, 1), *alike)

    assert shown.tradelines is not None
    assert gone.tradelines is not None
    assert len(shown.tradelines.doubts) == 4
    assert (gone.tradelines.lines, gone.tradelines.doubts) == ((), ())


def test_a_case_is_over_when_any_of_its_records_says_so() -> None:
    """The newest record stands for the case; that another one alone knows the end is enough."""
    number = (("case_number", "（2018）示例民初1号"),)
    open_, ended = (
        judged(source=source, details=number, as_of=as_of, ended=day(end))
        for source, as_of, end in (
            ("pboc", date(2024, 12, 31), None), ("baihang", date(2020, 1, 1), "2019-06-30"),
        )
    )  # fmt: skip

    assert public(on(date(2024, 6, 30), open_, ended)) == 1
    gone = on(date(2024, 7, 1), open_, ended)
    assert public(gone) == 0
    assert [(one.source, one.records) for one in withheld(gone).records] == [
        ("baihang", 1),
        ("pboc", 1),
    ]


def test_a_hit_on_a_list_counts_where_the_case_may_not_be_shown() -> None:
    """What is withheld stands in nobody's way: to leave the hit out would tell that it is there."""
    over = judged("enforcement", filed=day("2018-03-01"), ended=day("2019-06-30"))
    hit = judged("enforcement", source="bairong", authority=None, as_of=date(2019, 6, 30))
    sections = [on(today, over, hit) for today in (date(2024, 6, 30), date(2024, 7, 1))]
    rules = [[one.rule for one in each.public_records.records] for each in sections]  # type: ignore[union-attr]

    assert rules == [[None, KIND_ONLY], [None]]


@pytest.mark.parametrize(
    ("status", "owed", "there"),
    [
        (AccountStatus.OVERDUE, 900, 1),
        (AccountStatus.CURRENT, 900, 1),
        (AccountStatus.CLOSED, 900, 0),
    ],
)
def test_arrears_of_an_account_that_goes_on_have_no_end(
    status: AccountStatus, owed: int, there: int
) -> None:
    """A closing date beside a living account ends nothing: what is still owed stays."""
    odd = loan("pboc", status=status, closed=day("2018-06-30"), past_due=cny(owed), grid=())

    assert len(lines_of(on(date(2026, 3, 17), odd))) == there
