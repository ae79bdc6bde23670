"""gateway.resolve.person: nobody else's report, and not refusing one's own over a slip."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import Address, Employment, IdDocument, Record
from gateway.profile import Judgement, Verdict
from gateway.resolve.person import judge
from tests.gateway.reports import AT, CONFIG, SUBJECT, day, metric, phone, report, who

RULES = CONFIG.person["CN"]
TWIN = "999999199001010024"  # the next number of that day, check digit and all


def ric(number: str) -> tuple[IdDocument, ...]:
    """A resident identity card."""
    return (IdDocument(type="CN_RIC", number=number),)


def verdict(*records: object) -> Verdict:
    """What is made of a report of these records."""
    return judge(SUBJECT, report("pboc", *records), RULES).verdict  # type: ignore[arg-type]


def test_the_subjects_own_report_matches() -> None:
    """The everyday case, with every field in agreement."""
    assert verdict(who(), phone("100 1234 5678")) is Verdict.MATCH


@pytest.mark.parametrize(
    ("told", "reported"),
    [
        ("Lukasz Example", "Zukasz Example"),
        ("Lukasz Example", "Lukasz Examplee"),
        ("Łukasz Strauß", "Strauss Lukasz"),
        ("張麗華", "张丽华"),
    ],
)
def test_a_slip_or_another_script_costs_nobody_their_report(told: str, reported: str) -> None:
    """The passport and the birth date agree: wherever the slip is, the name speaks for it too."""
    subject = replace(SUBJECT, name=told, id_type="PASSPORT", id_number="X0000001")
    same = (IdDocument(type="PASSPORT", number="X0000001"),)

    found = judge(subject, report("pboc", who(name=reported, documents=same)), RULES)
    assert found.verdict is Verdict.MATCH


def test_traditional_characters_are_the_same_name() -> None:
    """Without a number, one name in two scripts weighs as much as one written alike."""
    subject = replace(SUBJECT, name="劉麗華")
    told = (replace(who(name=name), documents=()) for name in ("刘丽华", "劉麗華"))
    one, other = (judge(subject, report("pboc", record), RULES) for record in told)

    assert one == other
    assert one.verdict is Verdict.MATCH


def test_a_report_that_says_nothing_of_identity_matches() -> None:
    """Some sources answer with counts alone; they looked the person up by what they were sent."""
    got = judge(SUBJECT, replace(report("x"), records=(metric("x", "orgnum", 3),)), RULES)

    assert (got.verdict, got.reasons) == (Verdict.MATCH, ())


def test_the_same_name_is_not_the_same_person() -> None:
    """Names are shared by thousands; another id number is another person."""
    assert verdict(who(documents=ric(TWIN), birth_date=None)) is Verdict.MISMATCH


def test_a_namesake_of_the_same_birthday_is_not_merged() -> None:
    """Same name, same day of birth, another number: a mismatch, not a doubt to be merged."""
    assert verdict(who(documents=ric(TWIN))) is Verdict.MISMATCH


def test_twins_at_one_phone_stay_apart() -> None:
    """One digit in the name and number, the same birthday and telephone: still somebody else."""
    got = judge(
        SUBJECT,
        report("pboc", who(name="甲云禾", documents=ric(TWIN)), phone("10012345678")),
        RULES,
    )

    assert got.verdict is Verdict.MISMATCH
    assert [reason.level for reason in got.reasons] == ["different", "different", "same", "same"]


@pytest.mark.parametrize(
    "facts",
    [{"birth_date": day("1971-05-23")}, {"birth_date": day("1991-01-01")}, {"sex": "female"}],
    ids=["birth", "year", "sex"],
)
def test_a_number_repeated_on_anothers_file_is_no_evidence(facts: dict[str, Any]) -> None:
    """PBOC's head repeats what was asked; a mixed file is known by what contradicts the number."""
    got = judge(SUBJECT, report("pboc", who(**facts), phone("10099999999")), RULES)

    assert got.verdict is not Verdict.MATCH


@pytest.mark.parametrize("fact", [{"birth_date": day("1971-05-23")}, {"sex": "female"}])
def test_a_copied_head_is_worth_less_than_none(fact: dict[str, Any]) -> None:
    """The name goes with the number it was copied with; a bureau's own name still counts."""
    copied, own = (
        judge(SUBJECT, report("pboc", who(**{"birth_date": None} | fact, documents=told)), RULES)
        for told in (ric(SUBJECT.id_number), ())
    )

    assert {reason.level for reason in copied.reasons} == {"implied", "different"}
    assert copied.score < own.score


@pytest.mark.parametrize("born", ["1990-01-02", "1991-01-01"])
def test_a_slip_in_the_birth_date_costs_nobody_their_report(born: str) -> None:
    """The number agrees and the telephone too: the date is the clerk's, or a time zone's."""
    assert verdict(who(birth_date=day(born)), phone("10012345678")) is Verdict.MATCH


def test_a_mistyped_number_with_name_and_birthday_matches() -> None:
    """A number one slip away that cannot exist is the clerk's, not a second person."""
    assert verdict(who(documents=ric("999999199001010116"))) is Verdict.MATCH


def test_a_mistyped_number_with_a_name_alone_is_for_review() -> None:
    """A namesake may have such a number; nobody should be merged on that."""
    got = verdict(who(documents=ric("999999199001010116"), birth_date=None))

    assert got is Verdict.REVIEW


def test_another_name_under_the_same_number_is_for_review() -> None:
    """A changed surname or a mixed file: a person must look."""
    assert verdict(who(name="丙辰溪", birth_date=None)) is Verdict.REVIEW


def test_the_worst_identity_of_a_report_decides() -> None:
    """A report that echoes our ask and also tells of somebody else is not ours."""
    got = verdict(who(), who(record_id="ID2", name="丙辰溪", documents=ric(TWIN)))

    assert got is Verdict.MISMATCH


@pytest.mark.parametrize("born", ["1990-01-01", "1990-01", "1990"])
def test_a_birthday_inside_the_number_is_no_second_witness(born: str) -> None:
    """A resident id holds birth date and sex: bureaus copy them from it."""
    got = judge(SUBJECT, report("pboc", who(sex="male", birth_date=day(born))), RULES)

    assert [(r.field, r.level) for r in got.reasons] == [
        ("document", "same"), ("name", "same"), ("birth_date", "implied"), ("sex", "implied"),
    ]  # fmt: skip
    assert got.score == judge(SUBJECT, report("pboc", who(birth_date=None)), RULES).score


@pytest.mark.parametrize(("sex", "told"), [("female", ["different"]), ("unknown", []), (None, [])])
def test_the_other_sex_than_the_number_says_counts_against(
    sex: str | None, told: list[str]
) -> None:
    """Twins and spouses differ in it; what a source does not know is nothing."""
    got = judge(SUBJECT, report("pboc", who(sex=sex)), RULES)

    assert [reason.level for reason in got.reasons if reason.field == "sex"] == told


@pytest.mark.parametrize(
    "spouse",
    [
        {"spouse_document": IdDocument(type="CN_RIC", number=SUBJECT.id_number.lower())},
        {"spouse_name": SUBJECT.name, "name": "丙辰溪"},
        {"spouse_name": SUBJECT.name, "name": "Chan Tai Man"},
        {
            "spouse_name": SUBJECT.name,
            "name": "丙辰溪",
            "spouse_document": IdDocument(type="PASSPORT", number="X0000001"),
        },
    ],
)
def test_a_report_that_calls_the_subject_the_spouse_is_the_others(
    spouse: dict[str, object],
) -> None:
    """Same flat, same telephone, the subject's own name in it: and about somebody else."""
    told: dict[str, Any] = {"name": None, "documents": (), "birth_date": None, **spouse}

    got = judge(SUBJECT, report("pboc", who(**told), phone("10012345678")), RULES)
    assert (got.verdict, got.reasons[-2].field) == (Verdict.MISMATCH, "spouse")


def test_a_spouse_of_the_same_name_is_no_sign() -> None:
    """When the report is in the subject's own name, a namesake for a spouse says nothing."""
    assert verdict(who(spouse_name=SUBJECT.name)) is Verdict.MATCH


def test_where_the_subject_lives_and_works_is_compared_with_all_a_report_lists() -> None:
    """Homes and employers stand in several records, and in the identity itself."""
    home, work = "示例市云山区虚构路12号", "示例云山软件有限公司"
    subject = replace(SUBJECT, address=home, employer=work)
    stamp = {"source": "pboc", "as_of": AT.date()}
    told = report(
        "pboc",
        who(mailing_address=home),
        Address(**stamp, record_id="A1", text="示例市星河区样例路1号"),  # type: ignore[arg-type]
        Employment(**stamp, record_id="E1", employer=None),  # type: ignore[arg-type]
        Employment(**stamp, record_id="E2", employer="示例云山软件"),  # type: ignore[arg-type]
    )

    got = {r.field: r.level for r in judge(subject, told, RULES).reasons}
    assert (got["address"], got["employer"]) == ("same", "same")
    assert {"address", "employer"}.isdisjoint(
        reason.field for reason in judge(SUBJECT, told, RULES).reasons
    )
    moved = Address(**stamp, record_id="A2", text=home)  # type: ignore[arg-type]
    listed = judge(subject, report("pboc", who(), *told.records[1:], moved), RULES)
    assert ("address", "same") in {(reason.field, reason.level) for reason in listed.reasons}


def test_an_older_number_is_a_former_one() -> None:
    """Numbers are given to somebody else after a while."""
    old = replace(phone("10012345678"), as_of=date(2019, 1, 1))

    got = judge(SUBJECT, report("pboc", who(), old, phone("10099999999")), RULES)
    assert [reason.level for reason in got.reasons if reason.field == "phone"] == ["former"]


@given(st.permutations(range(4)))
def test_the_order_of_records_and_documents_is_irrelevant(order: list[int]) -> None:
    """Reports come as they come."""
    records: list[Record] = [
        who(),
        who(record_id="ID2", name="甲云禾"),
        phone("10012345678"),
        phone("1"),
    ]

    got = judge(SUBJECT, report("pboc", *(records[n] for n in order)), RULES)
    assert got == judge(SUBJECT, report("pboc", *records), RULES)


@given(st.permutations(["乙云帆", "Chan Tai Man", "甲云帆"]))
def test_names_that_leave_the_same_doubt_are_told_in_one_order(names: list[str]) -> None:
    """Another surname weighs as much as an unread name: the reasons must not depend on luck."""
    told = [who(record_id=f"ID{n}", name=name) for n, name in enumerate(names)]

    found = judge(SUBJECT, report("pboc", *told), RULES)
    assert [reason.level for reason in found.reasons if reason.field == "name"] == ["renamed"]


def test_reasons_hold_no_value_of_a_person() -> None:
    """They are shown, stored in clear sections and logged."""
    subject = replace(SUBJECT, address="虚构路1号", employer="虚构公司")
    told_by = report(
        "pboc", who(name="丙辰溪", registered_address="虚构路2号"), phone("10099999999")
    )

    told = repr(judge(subject, told_by, RULES))
    for value in ("丙辰溪", SUBJECT.name, SUBJECT.id_number, "10099999999", "1990", "虚构"):
        assert value not in told


FULL = replace(SUBJECT, address="示例市云山区虚构路12号", employer="示例云山软件有限公司")
FACTS: dict[str, tuple[Any, Any, Any]] = {
    "name": (SUBJECT.name, None, "丙辰溪"),
    "documents": (ric(SUBJECT.id_number), (), ric(TWIN)),
    "birth_date": (day("1990-01-01"), None, day("1971-05-23")),
    "sex": ("male", None, "female"),
    "mailing_address": (FULL.address, None, "示例市星河区样例路1号"),
    "phone": ("10012345678", None, "10099999999"),
    "employer": (FULL.employer, None, "示例星河餐饮有限公司"),
}
"""Each fact as the subject has it, left out, and as somebody else has it."""
TELLING = st.fixed_dictionaries({fact: st.sampled_from([0, 1, 2]) for fact in FACTS})


def told_of(which: dict[str, int]) -> Judgement:
    """What is made of a report with these of the facts."""
    facts = {fact: FACTS[fact][n] for fact, n in which.items()}
    number, firm = facts.pop("phone"), facts.pop("employer")
    work = Employment(source="pboc", as_of=AT.date(), record_id="E1", employer=firm)
    more = [phone(number)] if number else []
    return judge(FULL, report("pboc", who(**facts), work, *more), RULES)


@settings(max_examples=4 * settings().max_examples)
@given(TELLING, st.sampled_from(sorted(FACTS)))
def test_what_agrees_never_lowers_and_what_contradicts_never_raises(
    which: dict[str, int], fact: str
) -> None:
    """Or a report would gain by leaving a fact out, or by telling it wrong."""
    agrees, silent, contradicts = (told_of({**which, fact: n}) for n in range(3))

    # A number that only repeats what was asked takes the name with it (`_who`): beside facts of
    # somebody else it is worth less than nothing said.
    if fact != "documents" or 2 not in {which["birth_date"], which["sex"]}:
        assert agrees.score >= silent.score
    assert silent.score >= contradicts.score
    assert fact.removesuffix("s").removeprefix("mailing_") not in {
        reason.field for reason in silent.reasons
    }


def test_one_strange_fact_is_never_outweighed_into_a_match() -> None:
    """Whatever else agrees: another number, name or birth date needs a person to look."""
    for fact in ("documents", "name", "birth_date"):
        all_else = dict.fromkeys(FACTS, 0)
        assert told_of({**all_else, fact: 2}).verdict is not Verdict.MATCH
