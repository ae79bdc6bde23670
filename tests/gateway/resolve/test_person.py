"""gateway.resolve.person: nobody else's report, and not refusing one's own over a slip."""

from dataclasses import replace
from datetime import date

import pytest

from connectors.money import PartialDate
from connectors.records import IdDocument
from gateway.profile import Verdict
from gateway.resolve import person
from gateway.resolve.person import Level, judge
from tests.gateway.reports import CONFIG, SUBJECT, metric, phone, report, who

RULES = CONFIG.rules.person
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


def test_reasons_hold_no_value_of_a_person() -> None:
    """They are shown, stored in clear sections and logged."""
    got = judge(SUBJECT, report("pboc", who(name="丙辰溪"), phone("10099999999")), RULES)

    told = repr(got)
    for value in ("丙辰溪", SUBJECT.name, SUBJECT.id_number, "10099999999", "1990"):
        assert value not in told


@pytest.mark.parametrize(
    "reported",
    ["甲云帆", "甲 云帆", "甲·云帆", "甲•云帆", " 甲云帆 ", "甲・云帆"],
)
def test_spaces_and_dots_do_not_change_a_name(reported: str) -> None:
    """Every bureau types names its own way."""
    assert person.name("甲云帆", reported) is Level.SAME


@pytest.mark.parametrize(
    ("ours", "reported", "level"),
    [
        ("Ａnna  Example", "EXAMPLE ANNA", Level.SAME),  # width, case, order
        ("José Ñandú", "Jose Nandu", Level.SAME),
        ("Anna O'Example", "anna oexample", Level.SAME),
        ("Anna Example", "Anna Exampel", Level.NEAR),
        ("Anna Example", "Anna Sample", Level.DIFFERENT),
        ("甲云帆", "甲**", Level.MASKED),
        ("甲云帆", "乙**", Level.DIFFERENT),
        ("甲云帆", "甲*", Level.DIFFERENT),
        ("甲云帆", "甲云禾", Level.DIFFERENT),  # one letter of three is another name
        ("甲云帆", "Jia Yunfan", None),  # a transliteration says nothing
        ("甲云帆", "", None),
    ],
)
def test_names(ours: str, reported: str, level: Level | None) -> None:
    """Variants of spelling, not of letters."""
    assert person.name(ours, reported) is level


@pytest.mark.parametrize(
    ("reported", "level"),
    [
        ("999999199001010016", Level.SAME),
        ("９９９９９９１９９００１０１００１６", Level.SAME),
        ("999999900101001", Level.SAME),  # the 15 digits of before 1999
        ("999999********0016", Level.MASKED),
        ("999999********0024", Level.DIFFERENT),
        ("9****************6", None),  # two digits shown: anybody's
        ("1****************6", Level.DIFFERENT),
        ("999999199001010116", Level.MISTYPED),
        (TWIN, Level.DIFFERENT),
    ],
)
def test_documents(reported: str, level: Level | None) -> None:
    """Exact after normalising; what is hidden says nothing; a valid other number is another's."""
    assert person.document(SUBJECT, ric(reported)) is level


def test_a_document_of_another_type_says_nothing() -> None:
    """A passport number cannot contradict a resident id."""
    assert person.document(SUBJECT, (IdDocument(type="PASSPORT", number="XX1234567"),)) is None


def test_one_fitting_document_is_enough() -> None:
    """Reports list former numbers beside the present one."""
    assert person.document(SUBJECT, ric(TWIN) + ric(SUBJECT.id_number)) is Level.SAME


@pytest.mark.parametrize(
    ("reported", "level"),
    [
        ("1990-04-05", Level.SAME),
        ("1990-04", Level.PARTIAL),
        ("1990", Level.PARTIAL),
        ("1990-05-04", Level.TRANSPOSED),
        ("1990-04-06", Level.DIFFERENT),
        ("1991", Level.DIFFERENT),
    ],
)
def test_birth_dates(reported: str, level: Level) -> None:
    """A date is compared as far as it goes."""
    got = person.birth_date(date(1990, 4, 5), PartialDate.parse(reported))

    assert got is level


@pytest.mark.parametrize(
    ("reported", "level"),
    [
        (["+86 100-1234-5678"], Level.SAME),
        (["10000000000", "0086 10012345678"], Level.SAME),
        (["10000000000"], Level.DIFFERENT),
        (["021-5550000", "100****5678"], None),
        ([], None),
    ],
)
def test_phones(reported: list[str], level: Level | None) -> None:
    """Any of the numbers; a landline or a masked number says nothing."""
    assert person.phone(SUBJECT.mobile, reported) is level
