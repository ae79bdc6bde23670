"""Bad input: what is wrong is named, what would be right is said, and nothing is half-written."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
import pytest_asyncio

from connectors.sandbox.facts import Life
from tests.scenarios.given import Answer, Stage, consent_request, gateway_on

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONSENTS, PROFILES = "/v1/consents", "/v1/profiles"
_NOWHERE = object()


@dataclass
class Scene:
    """A borrower with a consent: everything a right request needs."""

    life: Life
    consent: dict[str, Any]
    pull: dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(shared_stage: Stage) -> AsyncIterator[Scene]:
    life = shared_stage.somebody()
    consent = await shared_stage.consented(life)
    yield Scene(life, consent, shared_stage.pull_request(consent))


def changed(document: Any, pointer: str, value: Any) -> Any:
    """A copy of `document` with another value at `pointer`, or with none."""
    copy: Any = orjson.loads(orjson.dumps(document))
    *way, last = pointer.removeprefix("/").split("/")
    place = copy
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    if value is _NOWHERE:
        del place[last]
    else:
        place[last] = value
    return copy


async def recorded(stage: Stage, answer: Answer) -> list[tuple[str, str, str]]:
    """The entries of the refused request."""
    entries = await stage.entries(req=answer.req)
    return [(e["type"], e["verdict"], e["reason"]) for e in entries]


# -- consents: pointer, wrong value, what the answer must speak of ---------------------------------

WRONG_CONSENTS: list[tuple[str, Any, str]] = [
    ("/subject", 5, "object"),
    ("/subject", [], "object"),
    ("/subject", None, "object"),
    ("/subject", _NOWHERE, "required"),
    ("/subject/name", _NOWHERE, "required"),
    ("/subject/name", "", "1"),
    ("/subject/name", "   ", "1 to 120"),
    ("/subject/name", "x" * 121, "120"),
    ("/subject/name", "甲\u0001云", "control"),
    ("/subject/name", "甲\u0000云", "control"),
    ("/subject/name", 7, "string"),
    ("/subject/address", "", "1"),
    ("/subject/address", "x" * 301, "300"),
    ("/subject/employer", "甲\u0001", "control"),
    ("/subject/id_type", "DRIVING_LICENCE", "CN_RIC, PASSPORT"),
    ("/subject/id_number", "999999199001010011", "check digit"),
    ("/subject/id_number", "99999919900101", "18 characters"),
    ("/subject/id_number", "123456199001010010", "check digit"),
    ("/subject/id_number", "999999199013320014", "date"),
    ("/subject/mobile", "12345", "11 digits"),
    ("/subject/mobile", "+44 7700 900123", "11 digits"),
    ("/subject/nickname", "x", "known: address, employer, id_number, id_type, mobile, name"),
    ("/consent/sources", [], "at least one"),
    ("/consent/sources", ["pboc", "nrthbank"], "app_logins, baihang, bairong, housing_fund"),
    ("/consent/sources", "pboc", "array"),
    ("/consent/scopes", [], "at least one"),
    ("/consent/scopes", ["everything"], "tradelines"),
    ("/consent/purpose", "marketing", "loan_origination"),
    ("/consent/purpose", "Loan Origination", "pattern"),
    ("/consent/expires_at", "2020-01-01T00:00:00Z", "future"),
    ("/consent/expires_at", "2999-01-01T00:00:00", "UTC offset"),
    ("/consent/expires_at", "9999-12-31T23:59:59-14:00", "9999"),
    ("/consent/expires_at", "tomorrow", "an instant"),
    ("/consent/not_before", "0001-01-01T00:00:00+14:00", "9999"),
    ("/consent/not_before", "2999-01-01T00:00:00Z", "later than not_before"),
    ("/consent/evidence/time", "2999-01-01T00:00:00Z", "future"),
    ("/consent/evidence/time", "0001-01-01T00:00:00+14:00", "9999"),
    ("/consent/evidence/document_sha256", "abc", "pattern"),
    ("/consent/evidence/method", "handshake", "paper"),
    ("/consent/notice", _NOWHERE, "required"),
    ("/consent/jurisdiction", "XX", "CN"),
    ("/consent/max_uses", -1, "0"),
    ("/consent/fetch", "SOMETIMES", "ONETIME"),
    ("/consent/frequency", {"unit": "decade", "value": 1}, "year"),
    ("/consent/everything_else", True, "known: "),
    ("/supersedes", "not-a-uuid", "UUID"),
    ("/extra", 1, "known: consent, subject, supersedes"),
]


@pytest.mark.parametrize(
    ("pointer", "value", "right"),
    WRONG_CONSENTS,
    ids=[f"{p}-{n}" for n, (p, _, _) in enumerate(WRONG_CONSENTS)],
)
async def test_a_wrong_consent_is_refused_by_the_field(
    stage: Stage, pointer: str, value: Any, right: str
) -> None:
    """The caller learns which field and what it should be; we keep an entry and nothing else."""
    grant = consent_request(stage.somebody())  # whom we do not know, and must not afterwards
    before = stage.rows()
    answer = await stage.call("POST", CONSENTS, changed(grant, pointer, value))

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    named = {error["field"]: error["expected"] for error in answer.json["errors"]}
    field = next((f for f in named if f == pointer or f.startswith(f"{pointer}/")), None)
    if right == "later than not_before":
        field = "/consent"
    assert field in named
    assert right.lower() in named[field].lower()
    assert stage.rows() == before
    assert await recorded(stage, answer) == [("consent.attempted", "deny", "invalid_input")]


WRONG_PULLS: list[tuple[str, Any, str]] = [
    ("/subject", {}, "ref"),
    ("/subject", 5, "object"),
    ("/subject", {"ref": "x"}, "UUID"),
    ("/subject", {"id_type": "CN_RIC"}, "id_number"),
    ("/subject", {"id_type": "CN_RIC", "id_number": "999999199001010011"}, "check digit"),
    ("/subject", {"id_type": "LIBRARY_CARD", "id_number": "1"}, "CN_RIC"),
    ("/purpose", "marketing", "loan_origination"),
    ("/purpose", _NOWHERE, "required"),
    ("/consent_id", "1", "UUID"),
    ("/sources", [], "at least one"),
    ("/sources", ["pboc", "nrthbank"], "app_logins, baihang, bairong, housing_fund"),
    ("/sources", ["pboc", "pboc"], "once"),
    ("/sources", ["pboc"] * 65, "64"),
    ("/scopes", [], "at least one"),
    ("/scopes", ["everything"], "tradelines"),
    ("/max_age_s", -1, "0"),
    ("/max_age_s", 10**12, "31622400"),
    ("/deadline_ms", 99, "100"),
    ("/deadline_ms", 100.5, "integer"),
    ("/view", "all", "full"),
    ("/extra", 1, "known: attributes, consent_id"),
]


@pytest.mark.parametrize(
    ("pointer", "value", "right"),
    WRONG_PULLS,
    ids=[f"{p}-{n}" for n, (p, _, _) in enumerate(WRONG_PULLS)],
)
async def test_a_wrong_pull_is_refused_by_the_field(
    stage: Stage, scene: Scene, pointer: str, value: Any, right: str
) -> None:
    """No source hears of a request that was not right, and that it was made is on record."""
    before = stage.rows()
    answer = await stage.call("POST", PROFILES, changed(scene.pull, pointer, value))

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    named = {error["field"]: error["expected"] for error in answer.json["errors"]}
    field = next((f for f in named if f == pointer or f.startswith(f"{pointer}/")), None)
    assert field in named
    assert right.lower() in named[field].lower()
    assert stage.rows() == before
    assert sum((await stage.calls()).values()) == 0
    assert await recorded(stage, answer) == [("profile.denied", "deny", "invalid_input")]


async def test_every_wrong_field_is_named_at_once(stage: Stage, scene: Scene) -> None:
    """Three mistakes are one round trip, not three."""
    wrong = {**scene.pull, "purpose": 1, "scopes": [], "deadline_ms": "soon"}
    answer = await stage.call("POST", PROFILES, wrong)

    fields = {error["field"] for error in answer.json["errors"]}
    assert fields == {"/purpose", "/scopes", "/deadline_ms"}


# -- bodies that are none --------------------------------------------------------------------------

BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    "empty": (b"", {}, 400),
    "not json": (b"subject=1", {}, 400),
    "cut off": (b'{"subject": {', {}, 400),
    "not an object": (b"[]", {}, 400),
    "null": (b"null", {}, 400),
    "not utf-8": (b'{"subject": "\xff"}', {}, 400),
    "half a surrogate": (b'{"subject": "\\ud800"}', {}, 400),
    "two documents": (b"{}{}", {}, 400),
    "far too deep": (b"[" * 60_000, {}, 400),
    "nan": (b'{"deadline_ms": NaN}', {}, 422),
    "a huge number": (b'{"deadline_ms": 1' + b"0" * 400 + b"}", {}, 422),
    "too large": (b" " * 70_000, {}, 413),
    "a small bomb": (gzip.compress(bytes(32 << 20)), {"Content-Encoding": "gzip"}, 413),
    "broken gzip": (b"\x1f\x8b\x08nonsense", {"Content-Encoding": "gzip"}, 400),
}


@pytest.mark.parametrize("path", [CONSENTS, PROFILES])
@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_is_none_is_refused(stage: Stage, path: str, name: str) -> None:
    """Whatever the bytes are, the answer is a problem document and an entry, never a 500."""
    raw, headers, status = BODIES[name]
    before = stage.rows()
    answer = await stage.call("POST", path, raw=raw, headers=headers)

    assert answer.status == status
    assert answer.json["code"] in {"malformed_body", "body_too_large", "invalid_input"}
    assert answer.json["detail"]
    assert stage.rows() == before
    assert [verdict for _, verdict, _ in await recorded(stage, answer)] == ["deny"]


# -- queries, headers, paths -----------------------------------------------------------------------

BORROWER = "/v1/borrowers/{subject}/profile"
NUMBER = "9" * 30
WRONG_QUERIES: list[tuple[str, str, str]] = [
    (f"{BORROWER}?purpose=marketing", "/purpose", "loan_origination"),
    (BORROWER, "/purpose", "required"),
    (f"{BORROWER}?purpose=loan_origination&as_of=yesterday", "/as_of", "an instant"),
    (f"{BORROWER}?purpose=loan_origination&as_of=2026-01-01T00:00:00", "/as_of", "UTC offset"),
    (f"{BORROWER}?purpose=loan_origination&as_of=0001-01-01T00:00:00%2B14:00", "/as_of", "9999"),
    (f"{BORROWER}?purpose=loan_origination&view=all", "/view", "full"),
    (
        f"{BORROWER}?purpose=loan_origination&name=x",
        "/name",
        "known: as_of, explain, purpose, view",
    ),
    ("/v1/consents?subject=1", "/subject", "UUID"),
    ("/v1/consents", "/subject", "required"),
    ("/v1/audit/entries?limit=0", "/limit", "1"),
    ("/v1/audit/entries?limit=1001", "/limit", "1000"),
    ("/v1/audit/entries?after=x", "/after", "cursor"),
    ("/v1/audit/entries?after=1.", "/after", "cursor"),
    (f"/v1/audit/entries?after={NUMBER}.{NUMBER}", "/after", "cursor"),
    ("/v1/audit/entries?type=consent.forgotten", "/type", "consent.withdrawn"),
    ("/v1/audit/entries?since=0001-01-01T00:00:00%2B14:00", "/since", "9999"),
    ("/v1/audit/entries?subject=x", "/subject", "UUID"),
    ("/v1/audit/proof/inclusion", "/entry", "entry id"),
    (f"/v1/audit/proof/inclusion?year={NUMBER}&index=0", "/year", "9999"),
    ("/v1/audit/proof/inclusion?year={year}&index=-1", "/index", "0"),
    (f"/v1/audit/proof/inclusion?year={{year}}&index={NUMBER}", "/index", "0 to"),
    ("/v1/audit/proof/inclusion?year={year}&index=0&size=0", "/size", "1"),
    (f"/v1/audit/proof/consistency?year={{year}}&old={NUMBER}", "/old", "1 to"),
    ("/v1/audit/proof/consistency?year={year}&old=2&new=1", "/old", "1 to 1"),
    ("/v1/sources?verbose=1", "/verbose", "known: none"),
]


@pytest.mark.parametrize(
    ("path", "field", "right"), WRONG_QUERIES, ids=[q[0] for q in WRONG_QUERIES]
)
async def test_a_wrong_query_is_refused_by_the_field(
    stage: Stage, scene: Scene, path: str, field: str, right: str
) -> None:
    """Parameters are named as the caller wrote them, with what would have been right."""
    year = stage.clock().year
    answer = await stage.call("GET", path.format(subject=scene.consent["subject"], year=year))

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    named = {error["field"]: error["expected"] for error in answer.json["errors"]}
    assert field in named
    assert right.lower() in named[field].lower()


ABOUT_PERSONS: list[tuple[str, str, str]] = [
    ("POST", CONSENTS, "consent.attempted"),
    ("POST", "/v1/consents/{consent}/withdraw", "consent.attempted"),
    ("POST", PROFILES, "profile.denied"),
    ("GET", BORROWER, "profile.denied"),
    ("GET", "/v1/borrowers/{subject}/attributes", "profile.denied"),
    ("GET", "/v1/borrowers/{subject}/history", "profile.denied"),
    ("POST", "/v1/links", "link.denied"),
    ("GET", "/v1/links", "link.denied"),
    ("POST", "/v1/links/{consent}/undo", "link.denied"),
    ("POST", "/v1/reporting/baihang", "report.denied"),
]


@pytest.mark.parametrize(("method", "path", "kind"), ABOUT_PERSONS)
async def test_a_wrong_call_about_a_person_is_on_record(
    stage: Stage, scene: Scene, method: str, path: str, kind: str
) -> None:
    """Whoever tries is to be found, also when what they sent was no question at all."""
    where = path.format(subject=scene.consent["subject"], consent=scene.consent["id"])
    answer = await stage.call(method, where, {"odd": 1} if method == "POST" else None)

    assert answer.status == 422
    assert await recorded(stage, answer) == [(kind, "deny", "invalid_input")]


async def test_test_people_are_nobody_where_they_are_not_allowed(
    stage: Stage, scene: Scene
) -> None:
    """Region 999999 is for demos: neither is consent recorded of such a number, nor is it found."""
    known = stage.services.settings
    strict = known.gateway.model_copy(update={"allow_test_identifiers": False})
    document = {"id_type": "CN_RIC", "id_number": scene.life.person.id_number}
    async with gateway_on(replace(known, gateway=strict), clock=stage.clock, wire=stage.wire) as (
        services,
        url,
    ):
        there = stage.at(services, url)
        recording = await there.call("POST", CONSENTS, consent_request(scene.life))
        pulling = await there.call("POST", PROFILES, {**scene.pull, "subject": document})

    for answer in (recording, pulling):
        assert answer.status == 422
        assert answer.json["errors"][0]["field"].endswith("/id_number")


NOT_THERE = [
    "/v1/consents/1",
    "/v1/consents/%00",
    "/v1/consents/%ED%A0%80",
    "/v1/consents/01a2094a-01bc-72b9-bb60-bc7141482f31",
    "/v1/borrowers/1/profile?purpose=loan_origination",
    "/v1/borrowers/01a2094a-01bc-72b9-bb60-bc7141482f31/profile?purpose=loan_origination",
    "/v1/audit/proof/inclusion?entry=01a2094a-01bc-72b9-bb60-bc7141482f31",
    f"/log/lender/{NUMBER}/checkpoint",
    f"/log/lender/{'9' * 4400}/checkpoint",
    "/log/lender/%D9%A2%D9%A0%D9%A2%D9%A6/checkpoint",
    "/log/lender/{year}/tile/0/999",
    "/log/lender/{year}/tile/9/000",
    "/log/lender/{year}/tile/entries/000.p/0",
    "/log/lender/{year}/tile/0/000.p/256",
    "/log/lender/{year}/../../../etc/passwd",
    "/log/lender/{year}/tile/0/..%2F..%2Fcheckpoint",
]


@pytest.mark.parametrize("path", NOT_THERE, ids=[p[:60] for p in NOT_THERE])
async def test_what_is_not_there_is_not_found(stage: Stage, path: str) -> None:
    """Ids, years and tiles that never were: 404, never a 500."""
    answer = await stage.call("GET", path.replace("{year}", str(stage.clock().year)))

    assert answer.status == 404
    assert answer.json["code"] in {"not_found", "unknown_route"}


@pytest.mark.parametrize("tag", ["x", '"x"', "", '"1", "2"'])
async def test_a_wrong_if_match_is_no_withdrawal(stage: Stage, scene: Scene, tag: str) -> None:
    """Whoever names a version must name one; nothing is withdrawn by mistake."""
    answer = await stage.withdraw(scene.consent, headers={"If-Match": tag})

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "If-Match")
    assert (await stage.gateway.consent(scene.consent["id"]))["state"] == "ACTIVE"
    assert await recorded(stage, answer) == [("consent.attempted", "deny", "invalid_input")]


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_wrong_idempotency_key_is_no_pull(stage: Stage, scene: Scene, key: str) -> None:
    """A key we cannot keep would let the caller believe in a protection that is not there."""
    answer = await stage.pull(scene.consent, headers={"Idempotency-Key": key})

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert sum((await stage.calls()).values()) == 0


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", PROFILES, {"POST"}),
        ("DELETE", CONSENTS, {"GET", "POST"}),
        ("PUT", "/v1/audit/entries", {"GET"}),
        ("OPTIONS", PROFILES, {"POST"}),
        ("POST", "/v1/sources", {"GET"}),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(
    stage: Stage, method: str, path: str, allowed: set[str]
) -> None:
    """405 with Allow, as HTTP has it."""
    answer = await stage.call(method, path)

    assert (answer.status, answer.json["code"]) == (405, "unknown_route")
    assert {one.strip() for one in answer.headers["allow"].split(",")} == allowed


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v2/profiles", "/v1/profiles/", "/console/x", "/.git"]
)
async def test_an_unknown_path_points_to_the_document(stage: Stage, path: str) -> None:
    """404, and where to look."""
    answer = await stage.call("GET", path)

    assert (answer.status, answer.json["code"]) == (404, "unknown_route")
    assert "/openapi.json" in answer.json["detail"]


RAW: dict[str, tuple[bytes, int]] = {
    "a key beyond ASCII": (b"GET /v1/sources HTTP/1.1\r\nAuthorization: Bearer cg_\xe9_\xe9", 401),
    "a header beyond ASCII": (b"GET /healthz HTTP/1.1\r\nX-Request-Id: \xff\xfe", 200),
    "a method nobody knows": (b"FETCH /v1/sources HTTP/1.1", 400),
    "a path beyond ASCII": (b"GET /v1/\xff HTTP/1.1", 400),
    "an endless header": (b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 20_000, 400),
    "another protocol": (b"\x16\x03\x01\x02\x00\x01", 400),
}


@pytest.mark.parametrize("name", RAW)
async def test_bytes_no_client_would_send_are_no_crash(stage: Stage, name: str) -> None:
    """What arrives on the socket is whatever somebody sends; it ends as a refusal of theirs."""
    sent, status = RAW[name]
    head = await spoken(stage, sent + b"\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert int(head.split()[1]) == status


async def test_a_caller_that_hangs_up_is_no_error_of_ours(fresh_stage: Stage) -> None:
    """Half a body and silence: counted as the caller's mistake, and nothing comes of it."""
    stage = fresh_stage
    host, port = stage.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    key = stage.key.encode()
    writer.write(
        b"POST /v1/profiles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
        b"Content-Length: 1000\r\n\r\n{" % key
    )
    await writer.drain()
    before = stage.rows()
    writer.close()
    await writer.wait_closed()
    metrics = b""
    async with asyncio.timeout(5):
        while b"/v1/profiles" not in metrics:
            metrics = (await stage.call("GET", "/metrics")).body

    assert b'route="/v1/profiles",status="400"' in metrics
    assert b'status="500"' not in metrics
    assert stage.rows() == before


async def spoken(stage: Stage, sent: bytes) -> bytes:
    """The first line of what the gateway says to these very bytes."""
    host, port = stage.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer.partition(b"\r\n")[0]


async def test_an_unknown_document_is_nobodys_inquiry(stage: Stage, scene: Scene) -> None:
    """Whoever never consented is not found here, and that somebody looked is on record."""
    stranger = stage.somebody().person.id_number
    asked = {**scene.pull, "subject": {"id_type": "CN_RIC", "id_number": stranger}}
    answer = await stage.call("POST", PROFILES, asked)

    assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert stranger not in answer.body.decode()
    assert await recorded(stage, answer) == [("profile.denied", "deny", "not_found")]


async def test_the_same_person_is_found_however_the_number_is_written(
    stage: Stage, scene: Scene
) -> None:
    """Spaces, full-width digits and a small x are the same document."""
    number = scene.life.person.id_number
    wide = number.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    spellings = [number, f"  {number} ", wide, number.lower()]
    found = set()
    for spelling in spellings:
        subject = {"id_type": "CN_RIC", "id_number": spelling}
        answer = await stage.pull(scene.consent, subject=subject, sources=["bairong"])
        found.add(answer.json["subject"])

    assert found == {scene.consent["subject"]}
