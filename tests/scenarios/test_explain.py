"""Why a value is what it is, over HTTP and at the terminal."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from rich.console import Console

from gateway.cli.explain_page import draw
from gateway.clients import Role
from tests.scenarios.given import Answer, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def why(stage: Stage, consent: Any, path: str, *, key: str | None = None) -> Answer:
    asked = f"purpose={consent['purpose']}&explain={quote(path)}"
    return await stage.call("GET", f"/v1/borrowers/{consent['subject']}/profile?{asked}", key=key)


def shared(profile: Any) -> tuple[str, Any]:
    """A conclusion that rests on the records of more than one source."""
    for name, one in profile["identity"].items():
        basis = one.get("basis", ()) if isinstance(one, dict) else ()
        if len({evidence.partition("/")[0] for evidence in basis}) > 1:
            return f"/identity/{name}", one
    raise AssertionError("no two sources agree on anything")


async def test_a_value_is_explained_with_the_days_of_its_records(stage: Stage) -> None:
    """Each record with its day, out of the stored answers, and what it says itself."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    pull = await stage.pull(consent)
    path, concluded = shared(pull.json["profile"])

    reply = (await why(stage, consent, path)).json
    found = reply["explanation"]

    assert reply["snapshot"] == pull.json["snapshot"]
    assert reply["profile"] == {}
    assert (found["path"], found["value"]) == (path, concluded["value"])
    assert all(one["as_of"] for one in found["evidence"])
    told = {f"{one['source']}/{one['report']}/{one['record']}" for one in found["evidence"]}
    assert told >= set(concluded["basis"])
    assert {one["says"] for one in found["evidence"] if not one["against"]} == {found["value"]}


async def test_each_source_is_quoted_with_its_own_words(stage: Stage) -> None:
    """Over a real report: a lender's full name is our directory's, PBOC writes a code."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    lines = (await stage.pull(consent)).json["profile"]["tradelines"]["lines"]
    quoted: set[str] = set()
    for place, line in enumerate(lines[:3]):
        lender, grid = [
            (await why(stage, consent, f"/tradelines/lines/{place}/{part}")).json["explanation"]
            if part in line
            else {"evidence": []}
            for part in ("lender", "grid")
        ]
        quoted |= {one["source"] for one in (*lender["evidence"], *grid["evidence"])}
        assert all(one["says"] for one in lender["evidence"])
        assert all(one["says"]["months"] for one in grid["evidence"])
        said = [one["says"] for one in lender["evidence"] if one["source"] == "pboc"]
        assert "institution" not in line or line["lender"]["value"] not in said

    assert "pboc" in quoted


async def test_a_past_version_is_explained_as_it_was(stage: Stage) -> None:
    """`as_of` names the snapshot, and the evidence is that of its day."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    pulls = [await stage.pull(consent), await stage.pull(consent, sources=["baihang"])]
    first, second = [pull.json["snapshot"] for pull in pulls]
    then = (await stage.read(consent, explain="/identity/name", as_of=first["at"])).json
    now = (await stage.read(consent, explain="/identity/name")).json

    assert (then["snapshot"], now["snapshot"]) == (first, second)
    assert {one["source"] for one in then["explanation"]["evidence"]} > {"baihang"}
    assert {one["source"] for one in now["explanation"]["evidence"]} == {"baihang"}


async def test_an_attribute_is_explained_by_its_definition(stage: Stage) -> None:
    """The catalogue of the snapshot says what it means, in words."""
    consent = await stage.consented(stage.somebody())
    await stage.pull(consent)
    found = (await why(stage, consent, "/attributes/values/hard_inquiries_30d")).json["explanation"]

    assert found["words"] == found["details"]["definition"]["formula"]
    assert found["details"]["definition"]["inputs"]


async def test_an_unknown_path_names_the_nearest(stage: Stage) -> None:
    """422, and what would have been right; which accounts there are is not told on the way."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    profile = (await stage.pull(consent)).json["profile"]
    reply = await why(stage, consent, "/attributes/values/hard_inquiries_3d")
    probe = await why(stage, consent, "/tradelines/lines/zzz")

    assert (reply.status, probe.status) == (422, 422)
    assert "/attributes/values/hard_inquiries_30d" in reply.json["errors"][0]["expected"]
    assert "/tradelines/lines/{id}" in probe.json["errors"][0]["expected"]
    ids = [record for line in profile["tradelines"]["lines"] for record in line["records"]]
    assert ids
    assert not any(one.split("/")[1] in probe.body.decode() for one in ids)


async def test_what_may_not_be_seen_is_not_explained(stage: Stage) -> None:
    """A name is masked for a client without that role, and nothing is told after a withdrawal."""
    life = stage.somebody()
    consent = await stage.consented(life)
    await stage.pull(consent)
    nameless = await stage.new_client(Role.PROFILE_READ)

    name = life.person.name.encode()
    assert name in (await why(stage, consent, "/identity/name")).body
    assert name not in (await why(stage, consent, "/identity/name", key=nameless)).body
    await stage.withdraw(consent)
    assert (await why(stage, consent, "/identity/name")).status == 403


async def test_without_the_scope_a_guess_is_answered_alike(stage: Stage) -> None:
    """Who may not read the accounts must not learn by asking which ids there are.

    Who holds the scope reads the ids in the profile anyway; each guess of theirs is on record.
    """
    life = stage.somebody()
    wide = await stage.consented(life)
    profile = (await stage.pull(wide)).json["profile"]
    await stage.withdraw(wide)
    narrow = await stage.consented(life, scopes=["inquiries"])
    ids = [line["id"].replace("/", "~1") for line in profile["tradelines"]["lines"]]  # RFC 6901
    guesses = [
        (f"/tradelines/lines/{one}{part}", f"/tradelines/lines/{absent}{part}")
        for one, absent in ((ids[0], "zz"), (ids[-1], "zz"), ("0", "99"))
        for part in ("", "/balance", "/balance/basis", "/nothing")
    ]
    guesses.append(("/identity/documents/0", "/identity/documents/99"))

    assert ids
    for pair in guesses:
        found, absent = [await why(stage, narrow, path) for path in pair]
        assert told(found) == told(absent), pair
        assert found.status == 422
        assert [await stage.kinds(one.req) for one in (found, absent)] == [["profile.denied"]] * 2


def told(reply: Answer) -> tuple[int, Any]:
    """A reply but for the id of the request."""
    return reply.status, {name: value for name, value in reply.json.items() if name != "instance"}


async def test_an_explanation_is_on_record(stage: Stage) -> None:
    """Which value of which snapshot was looked into, and the digest of what left."""
    consent = await stage.consented(stage.somebody())
    pull = await stage.pull(consent)
    await why(stage, consent, "/signals/results/income_drop")
    (entry, *_) = (await stage.entries(subject=consent["subject"]))[::-1]

    assert entry["type"] == "profile.explained"
    assert entry["facts"]["snapshot"] == pull.json["snapshot"]["id"]
    assert entry["facts"]["path"].startswith("/signals/results/")


async def test_without_the_answers_it_explains_without_their_days(stage: Stage) -> None:
    """An explanation does not need the raw answers; the days of the records do."""
    consent = await stage.consented(stage.world.persona("card-overdue"))
    pull = await stage.pull(consent)
    stage.sql("DELETE FROM report WHERE subject = ?", consent["subject"].replace("-", ""))
    path, _ = shared(pull.json["profile"])

    found = (await why(stage, consent, path)).json["explanation"]
    assert {one["as_of"] for one in found["evidence"]} == {None}
    assert {one["says"] for one in found["evidence"] if not one["against"]} == {None}
    assert found["rule"]


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/tradelines/lines/0/balance", ("because", "newest date", "for")),
        ("/attributes/values/hard_inquiries_30d", ("inputs", "inquir")),
        ("/signals/results/multi_lender_surge", ("counts from",)),
        ("/sources/lines/pboc", ("judgement",)),
    ],
)
async def test_a_person_can_read_it(
    stage: Stage, path: str, parts: tuple[str, ...], tmp_path: Path
) -> None:
    """The page at the terminal says it in words."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    await stage.pull(consent)
    reply = (await why(stage, consent, path)).json
    with (tmp_path / "page").open("w") as file:
        draw(Console(file=file, width=140), reply)

    page = (tmp_path / "page").read_text()
    for part in parts:
        assert part in page
