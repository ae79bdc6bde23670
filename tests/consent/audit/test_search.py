"""Search: what is asked for, all of it, once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from consent.audit.catalogue import Actor, ConsentStamp, EventType
from consent.audit.search import Page, Query, search
from consent.errors import InvalidInput
from tests.consent.audit.world import World


def find(world: World, after: str | None = None, limit: int = 100, **wanted: Any) -> Page:
    """A page of this member's log."""
    with world.engine.connect() as conn:
        return search(conn, Query(member=world.member, **wanted), after=after, limit=limit)


def numbers(page: Page) -> list[object]:
    """Which entries a page holds."""
    return [orjson.loads(found.leaf)["facts"].get("number") for found in page.entries]


@pytest.fixture
def filled(world: World) -> World:
    """Ten entries that differ in everything one can search for."""
    for n in range(10):
        at = world.noon + timedelta(seconds=n)
        world.append(
            world.entry(
                n,
                at=at,
                id=UUID(int=n),
                type=EventType.PROFILE_READ if n % 2 else EventType.FETCH_OK,
                subject=f"{n % 3:032x}",
                actor=Actor("client", f"client-{n % 4}", "api_key"),
                purpose="monitoring" if n < 5 else "loan_origination",
                source="pboc" if n == 7 else "baihang",
                consent=ConsentStamp(UUID(int=n % 2), 1, 1),
                req=f"req-{n // 5}",
            ),
            world.entry(n + 100, at=at, member="lender-8", subject=f"{n % 3:032x}"),
        )
    return world


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"subject": (f"{1:032x}",)}, [7, 4, 1]),
        ({"client": "client-3"}, [7, 3]),
        ({"purpose": "monitoring"}, [4, 3, 2, 1, 0]),
        ({"source": "pboc"}, [7]),
        ({"types": frozenset({EventType.PROFILE_READ})}, [9, 7, 5, 3, 1]),
        ({"types": frozenset()}, []),
        ({"types": frozenset({EventType.LOG_OPENED})}, [None]),
        ({"consent": UUID(int=0), "purpose": "monitoring"}, [4, 2, 0]),
        ({"req": "req-1"}, [9, 8, 7, 6, 5]),
        ({"id": UUID(int=6)}, [6]),
        ({"subject": (f"{1:032x}",), "source": "pboc"}, [7]),
        ({"subject": ("unknown",)}, []),
    ],
)
def test_each_filter_finds_its_entries(
    filled: World, wanted: dict[str, Any], found: list[int]
) -> None:
    """An auditor who is shown too little is deceived, too much is a breach."""
    assert numbers(find(filled, **wanted)) == found


def test_a_window_of_time_holds_its_start_and_not_its_end(filled: World) -> None:
    """Two windows that touch must not show an entry twice."""
    noon = filled.noon
    at = [noon + timedelta(seconds=s) for s in (0, 3, 6)]

    assert numbers(find(filled, since=at[1], until=at[2])) == [5, 4, 3]
    assert numbers(find(filled, since=at[0], until=at[1])) == [2, 1, 0, None]


def test_an_entry_is_found_where_it_stands(filled: World) -> None:
    """The position is what a proof is asked for with."""
    (found,) = find(filled, id=UUID(int=6)).entries

    assert (found.position.origin, found.position.index) == (
        "credit.example/audit/lender-7/2026",
        7,
    )


def test_another_members_entries_are_not_there(filled: World) -> None:
    """Members are isolated, also where subjects' pseudonyms are guessed."""
    assert all(n is None or int(str(n)) < 100 for n in numbers(find(filled)))
    assert find(filled, id=UUID(int=100)).entries == ()


def test_pages_show_every_entry_once_while_the_log_grows(world: World) -> None:
    """Also entries of one instant, and though newer ones push in at the front."""
    world.append(*world.entries(23))
    seen: list[object] = []
    after: str | None = None
    while True:
        page = find(world, after=after, limit=5)
        seen += numbers(page)
        world.append(world.entry(1000))
        after = page.after
        if after is None:
            break

    assert seen == [*range(22, -1, -1), None]


def test_a_page_that_is_just_full_is_the_last(world: World) -> None:
    """A cursor to an empty page is a wasted call and a confused reader."""
    world.append(*world.entries(4))

    assert find(world, limit=5).after is None
    assert find(world, limit=4).after is not None


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.", ".1", "1.2.3", "-1.2", "².1", "9" * 40])
def test_a_made_up_cursor_is_refused(world: World, cursor: str) -> None:
    """It comes back from outside, so it is checked like anything from outside."""
    with pytest.raises(InvalidInput, match="cursor"):
        find(world, after=cursor)


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_a_size(world: World, limit: int) -> None:
    """One request must not read the whole log into memory."""
    with pytest.raises(InvalidInput, match="limit"):
        find(world, limit=limit)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"subject": ("s",)}, "ix_audit_entry_member_subject_at_us"),
        ({"types": frozenset({EventType.CONSENT_WITHDRAWN})}, "ix_audit_entry_member_type_at_us"),
        ({"purpose": "monitoring"}, "ix_audit_entry_member_at_us_actor_purpose_source"),
        ({"client": "scoring"}, "ix_audit_entry_member_at_us_actor_purpose_source"),
    ],
)
def test_a_search_walks_an_index(
    world: World, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, Any], index: str
) -> None:
    """A year has millions of entries; nothing may read or sort them all for one page."""
    plans: list[str] = []
    with world.engine.connect() as conn:
        execute = conn.execute

        def explain(statement: Any) -> Any:
            text = statement.compile(conn, compile_kwargs={"literal_binds": True})
            plans.extend(row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))
            return execute(statement)

        monkeypatch.setattr(conn, "execute", explain)
        search(conn, Query(member=world.member, **wanted))

    assert any(index in step for step in plans), plans
    assert "USE TEMP B-TREE FOR ORDER BY" not in plans
