"""connectors.money: what a date can mean, at the edges of the calendar."""

from datetime import date

import pytest

from connectors.money import PartialDate


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2025-03-05", date(2025, 3, 5), date(2025, 3, 5)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
    ],
)
def test_a_date_spans_the_days_it_can_mean(text: str, first: date, last: date) -> None:
    """Sources write 9999-12 for "never": a merge that falls over it loses every other source."""
    day = PartialDate.parse(text)

    assert (day.earliest(), day.latest()) == (first, last)
