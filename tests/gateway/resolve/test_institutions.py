"""gateway.resolve.institutions: whom each bureau means."""

import pytest

from connectors.records import LenderType
from connectors.sandbox.lenders import LENDERS
from consent.errors import ConfigError
from gateway.resolve.institutions import InstitutionRow, Institutions, named
from tests.gateway.reports import CONFIG, institution_rows, lines_of, loan, pulled


def row(institution: str, source: str, alias: str) -> InstitutionRow:
    """One line of the directory."""
    return InstitutionRow(
        institution=institution, name=f"示例{institution}", type=LenderType.BANK,
        source=source, alias=alias,
    )  # fmt: skip


def test_the_directory_knows_every_lender_of_the_sandbox() -> None:
    """A name that is not listed is counted as one more lender; the demo must not do that."""
    unknown = [
        (bureau, lender.code)
        for lender in LENDERS
        for bureau, alias in lender.aliases.items()
        if (found := CONFIG.institutions.find(bureau, alias)) is None or found.id != lender.code
    ]

    assert unknown == []


def test_the_directory_holds_made_up_institutions_only() -> None:
    """Whom a real bureau means by AB is the member's own knowledge, not ours to publish."""
    assert all(one.name.startswith("示例") for one in institution_rows())


def test_one_alias_is_another_lender_at_another_bureau() -> None:
    """Two bureaus may use the same two letters for two lenders."""
    known = Institutions.of([row("X1", "pboc", "AB"), row("X2", "north", "AB")])

    assert (known.key("pboc", "AB"), known.key("north", "AB")) == ("X1", "X2")


def test_a_full_name_is_known_at_any_source() -> None:
    """The registered name means the same everywhere, in whatever width it is typed."""
    known = Institutions.of([row("X1", "pboc", "AB")])

    assert known.key("south", "示例 Ｘ１") == "X1"


def test_an_unlisted_lender_is_nobody_elses() -> None:
    """Without the directory, the same word at two bureaus proves nothing."""
    known = Institutions.of([])

    assert known.key("pboc", "AB") != known.key("north", "AB")
    assert known.find("pboc", "AB") is None


def test_an_alias_with_two_meanings_stops_the_start() -> None:
    """It would merge two lenders' loans."""
    with pytest.raises(ConfigError, match="X1 and X2"):
        Institutions.of([row("X1", "pboc", "AB"), row("X2", "pboc", "ab")])


@pytest.mark.parametrize("mask", ["**", "＊＊", "示例**消费金融有限公司", "某消费金融公司"])
def test_a_masked_name_names_nobody(mask: str) -> None:
    """Two lenders may have one mask, also at one source."""
    assert CONFIG.institutions.key("pboc", mask) is None
    assert named(mask) is None


@pytest.mark.parametrize("mask", ["****", "示例**消费金融有限公司", "某消费金融公司"])
def test_one_mask_at_two_sources_is_no_common_lender(mask: str) -> None:
    """Two loans of one day and one sum, taken from two lenders that both bureaus mask."""
    records = [loan(source, lender=mask, account_ref=None) for source in ("pboc", "baihang")]
    profile = pulled(*records)

    assert len(lines_of(profile)) == 2
    assert profile.attributes is not None
    assert {one.value for one in profile.attributes.values if one.name == "open_lenders"} == {0}


def test_a_plain_name_stands_before_a_masked_one() -> None:
    """Of one account, by its number: the lender is called what anybody calls it."""
    number = "6222000000001234"
    masked = loan("pboc", lender="示例**小贷", account_ref=number)
    (line,) = lines_of(pulled(masked, loan("baihang", lender="示例未列小贷", account_ref=number)))

    assert line.lender is not None
    assert line.lender.value == "示例未列小贷"


def test_a_word_of_the_sources_own_goes_before_everybodys() -> None:
    """One source may call one lender what all others call another."""
    plain = {"type": "bank", "name": "", "alias": "AA"}
    rows = [
        InstitutionRow.model_validate({**plain, "institution": i, "name": i, "source": s})
        for i, s in (("B1", ""), ("B2", "pboc"))
    ]
    found = [Institutions.of(rows).find(source, "AA") for source in ("pboc", "baihang")]

    assert [one.id for one in found if one] == ["B2", "B1"]


def test_one_institution_has_one_name() -> None:
    """Two lines that give one alias another name contradict each other, though the id agrees."""
    plain = {"institution": "B1", "type": "bank", "source": "pboc", "alias": "AA"}
    rows = [InstitutionRow.model_validate({**plain, "name": name}) for name in ("one", "another")]

    with pytest.raises(ConfigError, match="AA"):
        Institutions.of(rows)
