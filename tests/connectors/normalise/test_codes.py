"""Code tables: a code means what its table and account type say, and nothing else."""

import pytest

from connectors.normalise import codes
from consent.errors import ConfigError

HEAD = "table,account_type,code,word,label,source"


def test_one_code_means_different_things_by_account_type() -> None:
    """Status 4 is a bad debt on a loan and a closed account on a card; mixing them ruins both."""
    tables = codes.load("pboc")
    names = ("A.27", "A.28", "A.29", "A.30", "A.31")

    assert tables.words(*names, account_type="D1")["4"] == "charged_off"
    assert tables.words(*names, account_type="R2")["4"] == "closed"
    assert "4" not in tables.words(*names, account_type="C1")
    assert "4" not in tables.words(*names)


def test_rows_without_a_type_hold_for_every_type() -> None:
    """Symbols seen outside the appendix were seen on every kind of account."""
    tables = codes.load("pboc")

    assert tables.words("A.33x", account_type="R3") == tables.words("A.33x")


def test_an_unknown_table_stops_the_start() -> None:
    """A misspelt table must not read as one without codes."""
    with pytest.raises(ConfigError, match=r"A\.99"):
        codes.load("pboc").words("A.99")


def test_two_tables_may_not_disagree_about_a_code() -> None:
    """Looked up in both, the code would mean whatever came first."""
    tables = codes.parse("x", [HEAD, "A,,1,yes,是,doc", "B,,1,no,否,doc"])

    with pytest.raises(ConfigError, match="two meanings"):
        tables.words("A", "B")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["A,,1,yes,是,doc", "A,,1,no,否,doc"], "repeats"),
        (["A,,1,yes,是,"], "empty cell"),
        (["A,,,yes,是,doc"], "empty cell"),
    ],
)
def test_a_damaged_file_stops_the_start(rows: list[str], says: str) -> None:
    """A row without citation or with a second meaning is a slip of whoever edited the file."""
    with pytest.raises(ConfigError, match=says):
        codes.parse("x", [HEAD, *rows])


def test_wrong_columns_stop_the_start() -> None:
    """A column renamed would turn every meaning into nothing."""
    with pytest.raises(ConfigError, match="columns"):
        codes.parse("x", ["table,code,word", "A,1,yes"])


def test_a_source_without_tables_stops_the_start() -> None:
    """The message says which file is expected."""
    with pytest.raises(ConfigError, match=r"config/codes/nobody\.csv"):
        codes.load("nobody")
