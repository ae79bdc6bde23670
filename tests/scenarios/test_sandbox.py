"""The sandbox over real HTTP, on loopback: it answers, refuses and misbehaves as told."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import aiohttp
import orjson
import pytest

from connectors.sandbox.desks import Credentials
from connectors.sandbox.server import SOURCES, TOO_LARGE_BYTES, start
from connectors.sandbox.world import World

NOON = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
MEMBER = Credentials()
WORLD = World(seed=3, today=date(2026, 3, 15), size=20)
WHO = WORLD.persona("many-lenders").person
QUESTION = orjson.dumps(
    {
        "api_code": MEMBER.bairong_api_code,
        "products": ["ApplyLoanStr"],
        "id": WHO.id_number,
        "cell": WHO.mobile,
        "name": WHO.name,
    }
)


class Caller:
    """A client of a running sandbox."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session = session
        self.base = base

    async def ask(self) -> tuple[int, bytes]:
        """Ask Bairong about the persona."""
        async with self.session.post(f"{self.base}/bairong/query", data=QUESTION) as response:
            return response.status, await response.read()

    async def plan(self, **fault: object) -> int:
        """Plan a fault of Bairong."""
        body = orjson.dumps({"source": "bairong"} | fault)
        async with self.session.post(f"{self.base}/_sandbox/faults", data=body) as response:
            return response.status

    async def calls(self) -> dict[str, int]:
        """How often each source was called so far."""
        async with self.session.get(f"{self.base}/_sandbox/calls") as response:
            found: dict[str, int] = orjson.loads(await response.read())
            return found


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """A sandbox of its own for each test, with nothing planned."""
    WORLD.faults.clear()
    runner, base = await start(WORLD, clock=lambda: NOON)
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield Caller(session, base)
    await runner.cleanup()


async def test_it_listens_on_loopback_only(caller: Caller) -> None:
    """Invented or not, a credit report is not served to the network."""
    assert caller.base.startswith("http://127.0.0.1:")


async def test_each_source_answers_at_its_own_address(caller: Caller) -> None:
    """A question to one source is no call to another."""
    status, body = await caller.ask()

    assert (status, orjson.loads(body)["flag_applyloanstr"]) == (200, "1")
    assert await caller.calls() == {**dict.fromkeys(SOURCES, 0), "bairong": 1}


async def test_baihang_refuses_strangers(caller: Caller) -> None:
    """Basic authentication over the wire: 401 and the documented error."""
    url = f"{caller.base}/baihang/api/v1/credit/report"
    async with caller.session.post(url, data=b"{}") as response:
        assert response.status == 401
        assert orjson.loads(await response.read())["errorCode"] == "ERR-20001"


async def test_pboc_answers_rubbish_with_a_result_code(caller: Caller) -> None:
    """CCRC speaks in result codes, never in HTTP errors."""
    async with caller.session.post(f"{caller.base}/pboc", data=b"rubbish") as response:
        assert response.status == 200
        assert b"<ResultCode>ABM001</ResultCode>" in await response.read()


async def test_an_error_lasts_as_many_calls_as_planned(caller: Caller) -> None:
    """`count` calls go wrong, the next is right again."""
    await caller.plan(kind="http_error", status=502, count=2)

    assert [(await caller.ask())[0] for _ in range(3)] == [502, 502, 200]


async def test_no_hit_is_a_good_answer_about_nobody(caller: Caller) -> None:
    """The person exists; the bureau says it does not know them."""
    await caller.plan(kind="no_hit")
    status, body = await caller.ask()

    assert (status, orjson.loads(body)["flag_applyloanstr"]) == (200, "0")


async def test_a_delay_is_late_and_right(caller: Caller) -> None:
    """The body arrives after `seconds`, whole."""
    right = await caller.ask()
    await caller.plan(kind="delay", seconds=0.2)
    since = time.perf_counter()

    assert await caller.ask() == right
    assert time.perf_counter() - since >= 0.2


async def test_garbage_is_no_json(caller: Caller) -> None:
    """200 and bytes that mean nothing."""
    await caller.plan(kind="garbage")
    status, body = await caller.ask()

    assert status == 200
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(body)


async def test_a_flood_is_larger_than_any_report(caller: Caller) -> None:
    """More bytes than a gateway may read, without an announced length."""
    await caller.plan(kind="too_large")

    async with caller.session.post(f"{caller.base}/bairong/query", data=QUESTION) as response:
        assert response.content_length is None
        read = 0
        async for chunk in response.content.iter_any():
            read += len(chunk)
    assert read == TOO_LARGE_BYTES


@pytest.mark.parametrize("kind", ["drop", "truncate"])
async def test_a_cut_connection_is_seen_by_the_caller(caller: Caller, kind: str) -> None:
    """Neither nothing nor half a body passes for an answer."""
    await caller.plan(kind=kind)

    with pytest.raises(aiohttp.ClientError):
        await caller.ask()
    assert (await caller.ask())[0] == 200


async def test_a_hang_ends_with_its_caller(caller: Caller) -> None:
    """Nothing comes, and the caller's own patience ends it; the next call is served."""
    await caller.plan(kind="hang")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.ask(), 0.2)
    assert (await caller.ask())[0] == 200
    assert (await caller.calls())["bairong"] == 2


async def test_a_dribble_never_stops_and_never_ends_in_time(caller: Caller) -> None:
    """Each byte comes soon enough to look alive; the whole would take minutes."""
    await caller.plan(kind="dribble", seconds=0.01)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.ask(), 0.3)


async def test_a_wrong_plan_is_refused_with_what_is_known(caller: Caller) -> None:
    """A typo in a test must not read as "no fault"."""
    for plan in (
        {"kind": "explode"},
        {"kind": "delay", "source": "nobody"},
        {"kind": "delay", "x": 1},
    ):
        assert await caller.plan(**plan) == 400
    assert (await caller.ask())[0] == 200


async def test_clearing_forgets_plans_and_counts(caller: Caller) -> None:
    """A test starts from nothing without starting a server."""
    await caller.plan(kind="http_error", count=9)
    await caller.ask()
    await caller.session.delete(f"{caller.base}/_sandbox/faults")

    assert (await caller.ask())[0] == 200
    assert (await caller.calls())["bairong"] == 1
