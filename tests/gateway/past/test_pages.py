"""past.pages: a page says where the next one begins, and where there is none."""

from uuid import UUID

import orjson
import pytest

from consent.subject import SubjectRef
from gateway.past.pages import Unseen, page

LOOKED = [Unseen(UUID(int=number), "withdrawn") for number in range(3)]


@pytest.mark.parametrize(("limit", "after"), [(2, LOOKED[1]), (3, None), (4, None)])
def test_a_page_goes_on_only_while_there_is_more(limit: int, after: Unseen | None) -> None:
    """Of three that were looked at, as many as asked for are told; a full last page is the last."""
    told = orjson.loads(page(SubjectRef(UUID(int=7)), "monitoring", LOOKED, limit=limit).body)

    assert [one["id"] for one in told["snapshots"]] == [str(one.id) for one in LOOKED[:limit]]
    assert told["after"] == (after and str(after.id))
