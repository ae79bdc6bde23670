"""Regional risk: a region is asked for, never a person, and only an answer about it is read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import httpx
import orjson
import pytest
import respx

from connectors.base import Connector, Discreet, SourceSettings
from connectors.errors import SourceBrokeContract, SourceRejectedAsk
from connectors.http import RawAnswer, SourceClient
from connectors.money import Month
from connectors.records import IssueKind, NoHit, RegionIndex, RegionMonth, Report
from connectors.sources import region_risk
from consent import identity
from consent.decision import Permit

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTINGS = SourceSettings(
    name="region_risk",
    reasons={"loan_origination": "-"},
    options={"path": "/index"},
    secrets={"key": "CANARY"},
)
OK = {"region": "999999", "published": "2026-02-20", "months": [{"month": "2026-01", "index": 41}]}


@pytest.fixture
def connector(client_of: Callable[[str], SourceClient]) -> Connector:
    """The connector, without a network."""
    return region_risk.build(client_of("region_risk"), SETTINGS)


def read(connector: Connector, **changed: object) -> Report | NoHit:
    """What it reads in a good answer with some fields replaced."""
    return connector.read(RawAnswer(orjson.dumps({**OK, **changed}), NOON))


def rows(*pairs: tuple[str, object]) -> list[dict[str, object]]:
    return [{"month": month, "index": index} for month, index in pairs]


async def test_the_ask_carries_a_region_and_no_person(
    connector: Connector,
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
) -> None:
    """Whoever keeps the table learns that somebody of a region was looked at, and no more."""
    route = router.post("https://source.invalid/base/index").respond(200, json=OK)
    await connector.fetch(permit_for("region_risk"), subject, at=NOON)
    request = route.calls.last.request

    assert orjson.loads(request.content) == {"region": "999999"}
    sent = request.content.decode() + str(request.url) + str(request.headers)
    assert subject.id_number[6:] not in sent
    assert subject.name not in sent
    assert str(subject.mobile)[2:] not in sent
    assert isinstance(connector, Discreet)
    assert connector.sends(subject) == {"region": "999999"}


async def test_who_has_no_region_is_not_asked_about(
    connector: Connector,
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
) -> None:
    """The first letters of a passport number are no region."""
    traveller = replace(subject, id_type="PASSPORT", id_number="123456789")
    with pytest.raises(SourceRejectedAsk, match="id_type"):
        await connector.fetch(permit_for("region_risk"), traveller, at=NOON)

    assert router.calls.call_count == 0
    assert isinstance(connector, Discreet)
    assert connector.sends(traveller) == {}


@pytest.mark.parametrize("region", ["999998", None, 999999, ""])
async def test_an_answer_about_another_region_does_not_come_in(
    *,
    connector: Connector,
    router: respx.MockRouter,
    permit_for: Callable[..., Permit],
    subject: identity.Identity,
    region: object,
) -> None:
    """It would be evidence about somebody else."""
    body = orjson.dumps({**OK, "region": region})
    router.post("https://source.invalid/base/index").mock(httpx.Response(200, content=body))

    with pytest.raises(SourceBrokeContract, match="another_region"):
        await connector.fetch(permit_for("region_risk"), subject, at=NOON)


def test_months_become_one_record_about_the_region(connector: Connector) -> None:
    """Newest first, whatever order the table has; with the reason why this region."""
    said = read(connector, months=rows(("2025-12", 40), ("2026-02", 45), ("2026-01", 0)))

    assert isinstance(said, Report)
    assert said.records == (
        RegionIndex(
            source="region_risk",
            record_id="region",
            as_of=date(2026, 2, 20),
            region="999999",
            chosen_by="id_number",
            months=(
                RegionMonth(month=Month(2026, 2), index=45),
                RegionMonth(month=Month(2026, 1), index=0),
                RegionMonth(month=Month(2025, 12), index=40),
            ),
        ),
    )
    assert said.issues == ()


def test_a_region_that_is_not_in_the_table_is_a_no_hit(connector: Connector) -> None:
    """Not a region without risk."""
    assert read(connector, months=[]) == NoHit(source="region_risk", as_of=NOON)


@pytest.mark.parametrize(
    ("month", "index", "where"),
    [
        ("2026-03", 5, "months.month"),
        ("2026-13", 5, "months.month"),
        ("202601", 5, "months.month"),
        (None, 5, "months.month"),
        ("2026-01", 101, "months.index"),
        ("2026-01", -1, "months.index"),
        ("2026-01", "41", "months.index"),
        ("2026-01", 4.1, "months.index"),
        ("2026-01", True, "months.index"),
    ],
)
def test_an_odd_row_is_left_out_and_counted(
    connector: Connector, month: str, index: object, where: str
) -> None:
    """A percentage taken for an index would move a whole region."""
    said = read(connector, months=[*rows((month, index)), *rows(("2025-12", 7))])

    assert isinstance(said, Report)
    assert [(i.kind, i.where) for i in said.issues] == [(IssueKind.BAD_VALUE, where)]
    (only,) = said.records
    assert isinstance(only, RegionIndex)
    assert [m.index for m in only.months] == [7]


def test_two_indexes_of_one_month_count_as_none(connector: Connector) -> None:
    """One of them is wrong, and nobody here can tell which; the same twice is the same."""
    said = read(connector, months=rows(("2026-01", 5), ("2026-01", 90), ("2025-12", 7)))
    same = read(connector, months=rows(("2026-01", 5), ("2026-01", 5)))

    assert isinstance(said, Report)
    assert isinstance(same, Report)
    assert [i.kind for i in said.issues] == [IssueKind.CONTRADICTION]
    assert [m.index for r in said.records if isinstance(r, RegionIndex) for m in r.months] == [7]
    assert [i.kind for i in same.issues] == [IssueKind.DUPLICATE]
    assert [m.index for r in same.records if isinstance(r, RegionIndex) for m in r.months] == [5]


@pytest.mark.parametrize("changed", [{"region": "99999"}, {"region": None}, {"published": "今天"}])
def test_an_answer_without_its_head_breaks_the_contract(
    connector: Connector, changed: dict[str, object]
) -> None:
    """Of which region and of which day: without these the numbers are nobody's."""
    with pytest.raises(SourceBrokeContract, match="missing"):
        read(connector, **changed)
