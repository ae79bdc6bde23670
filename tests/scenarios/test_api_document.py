"""The OpenAPI document is valid, and every reply of every scenario is what it says.

That every reply is held against it is the stage's doing (`contract`): here is only what keeps
that from being an empty promise.
"""

from typing import Any

import orjson
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.scenarios.contract import BrokenContract
from tests.scenarios.given import Answer, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_served_document_is_valid(stage: Stage) -> None:
    """OpenAPI 3.1, every reference resolved, readable without a key."""
    served = await stage.call("GET", "/openapi.json", key="")

    assert served.headers["content-type"] == "application/json"
    assert served.json["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(served.json).iter_errors()) == []


async def test_every_operation_says_what_it_takes_and_gives(stage: Stage) -> None:
    """Each has a name of its own, its role, a promised reply and the problem document."""
    operations = [
        operation
        for operations in stage.contract.document["paths"].values()
        for operation in operations.values()
    ]

    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    for operation in operations:
        assert "role" in operation["description"]
        assert "application/problem+json" in operation["responses"]["default"]["content"]
        assert any(code.startswith("2") for code in operation["responses"])


async def test_every_parameter_of_a_read_about_a_person_says_what_it_is(stage: Stage) -> None:
    """A scoring engineer has this page and nothing else: whose id, which purpose, which instant."""
    reads = {
        path: operations["get"]["parameters"]
        for path, operations in stage.contract.document["paths"].items()
        if path.startswith("/v1/borrowers/")
    }
    unsaid = [
        (path, one["name"])
        for path, parameters in reads.items()
        for one in parameters
        if not (one.get("description") or one["schema"].get("description"))
    ]

    assert len(reads) == 3
    assert unsaid == []


def altered(answer: Answer, *way: str | int, value: Any = None) -> bytes:
    """The reply with another value somewhere in it, or without it."""
    document = answer.json
    place = document
    for step in way[:-1]:
        place = place[step]
    if value is None:
        del place[way[-1]]
    else:
        place[way[-1]] = value
    return orjson.dumps(document)


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("snapshot", "entry"), None),
        (("snapshot", "extra"), 1),
        (("scopes", 0), "everything"),
        (("profile", "sources", "lines", 0, "outcome"), "maybe"),
        (("profile", "tradelines", "lines", 0, "kind", "rule"), None),
        (("profile", "attributes", "values", 0, "value"), "many"),
        (("profile", "surprise"), {}),
    ],
)
async def test_a_reply_that_is_not_as_promised_is_noticed(
    stage: Stage, way: tuple[str | int, ...], value: Any
) -> None:
    """The check that all scenarios rest on refuses a field too many, too few or of another kind."""
    pull = await stage.pull(await stage.consented(stage.world.persona("steady")))
    body = altered(pull, *way, value=value)

    stage.contract.check("POST", "/v1/profiles", 200, "application/json", pull.body)
    with pytest.raises(BrokenContract):
        stage.contract.check("POST", "/v1/profiles", 200, "application/json", body)


@pytest.mark.parametrize(
    ("status", "media_type"), [(201, "application/json"), (200, "text/html"), (400, "text/plain")]
)
async def test_a_status_or_type_nobody_promised_is_noticed(
    stage: Stage, status: int, media_type: str
) -> None:
    """Errors are problem documents, successes what is listed, and nothing else."""
    with pytest.raises(BrokenContract):
        stage.contract.check("POST", "/v1/profiles", status, media_type, b"{}")


async def test_what_is_open_to_all_tells_nothing(stage: Stage) -> None:
    """Without a key one learns that we are alive, and what the interface is; no more."""
    for path, told in (("/healthz", b"ok\n"), ("/readyz", b"ok\n")):
        answer = await stage.call("GET", path, key="")
        assert (answer.status, answer.body) == (200, told)
        assert answer.headers["cache-control"] == "no-store"
