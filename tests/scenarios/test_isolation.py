"""Members do not see each other, and a client does what its roles say and no more."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from connectors.sandbox.facts import Life
from consent.audit.catalogue import Actor, Trail
from consent.clock import utc_now
from gateway import clients
from gateway.clients import Role
from tests.scenarios.given import MEMBER, Answer, Stage, consent_request, lines

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Rival:
    """Another member with a client of every role, and what is the lender's."""

    key: str
    life: Life
    consent: dict[str, Any]
    entry: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rival(shared_stage: Stage) -> AsyncIterator[Rival]:
    """The lender has a borrower with a profile; the rival knows every id of it."""
    life = shared_stage.somebody()
    consent = await shared_stage.consented(life)
    pull = await shared_stage.pull(consent)
    yield Rival(
        await shared_stage.new_client(member="rival"),
        life,
        consent,
        pull.json["snapshot"]["entry"],
    )


def not_there(answer: Answer) -> None:
    """Exactly what one hears of a thing that never was."""
    assert (answer.status, answer.json["code"]) == (404, "not_found")


async def test_another_members_consent_is_not_there(stage: Stage, rival: Rival) -> None:
    """Neither to be read nor to be withdrawn, by nobody but the member it was given to."""
    id_ = rival.consent["id"]

    not_there(await stage.call("GET", f"/v1/consents/{id_}", key=rival.key))
    not_there(await stage.call("POST", f"/v1/consents/{id_}/withdraw", {}, key=rival.key))
    listed = f"/v1/consents?subject={rival.consent['subject']}"
    assert (await stage.call("GET", listed, key=rival.key)).json == {"consents": []}
    assert (await stage.gateway.consent(id_))["state"] == "ACTIVE"


async def test_another_members_borrower_is_not_there(stage: Stage, rival: Rival) -> None:
    """Neither by our reference nor by the person's document, for who never met that person."""
    key = await stage.new_client(member="stranger")
    document = {"id_type": "CN_RIC", "id_number": rival.life.person.id_number}
    by_document = stage.pull_request(rival.consent, subject=document)

    not_there(await stage.read(rival.consent, key=key))
    not_there(await stage.pull(rival.consent, key=key))
    not_there(await stage.call("POST", "/v1/profiles", by_document, key=key))
    assert sum((await stage.calls()).values()) == 0


async def test_the_same_person_is_somebody_else_to_another_member(
    stage: Stage, rival: Rival
) -> None:
    """Two members cannot find out by our references, or by the log, that they share a borrower."""
    request = consent_request(rival.life)
    theirs = (await stage.call("POST", "/v1/consents", request, key=rival.key)).json
    pull = await stage.pull(theirs, key=rival.key)
    log = (await stage.call("GET", f"/v1/audit/entries?req={pull.req}", key=rival.key)).json
    ours = await stage.entries(type="profile.release")

    assert theirs["subject"] != rival.consent["subject"]
    assert pull.status == 200
    names = {one["entry"]["subject"] for one in log["entries"]}
    assert len(names) == 1
    assert not names & {entry["subject"] for entry in ours}


async def test_another_members_answers_are_not_reused(stage: Stage, rival: Rival) -> None:
    """What one member paid for and had consent to does not stand in for another's inquiry."""
    request = consent_request(rival.life, sources=["bairong"])
    theirs = (await stage.call("POST", "/v1/consents", request, key=rival.key)).json
    key = await stage.new_client(member="third")
    third = (await stage.call("POST", "/v1/consents", request, key=key)).json
    await stage.pull(theirs, key=rival.key)
    pull = await stage.pull(third, key=key, max_age_s=3600)

    assert lines(pull.json)["bairong"]["outcome"] == "report"


@pytest.mark.parametrize(
    "path",
    [
        f"/log/{MEMBER}/{{year}}/checkpoint",
        f"/log/{MEMBER}/{{year}}/tile/entries/000.p/1",
        f"/log/{MEMBER}/{{year}}/tile/0/000.p/1",
        "/v1/audit/proof/inclusion?entry={entry}",
        "/v1/audit/proof/inclusion?year=1999&index=0",
        "/v1/audit/proof/consistency?year=1999&old=1",
        "/log/rival/1999/checkpoint",
    ],
)
async def test_another_members_log_is_not_there(stage: Stage, rival: Rival, path: str) -> None:
    """Tiles, proofs and checkpoints of one member are for that member's auditors."""
    where = path.format(year=utc_now().year, entry=rival.entry)

    not_there(await stage.call("GET", where, key=rival.key))


async def test_another_members_entries_are_not_found(stage: Stage, rival: Rival) -> None:
    """Whatever one searches for, one finds one's own."""
    for query in (
        f"consent={rival.consent['id']}",
        f"subject={rival.consent['subject']}",
        "limit=9",
    ):
        page = await stage.call("GET", f"/v1/audit/entries?{query}", key=rival.key)
        assert {one["entry"]["member"] for one in page.json["entries"]} <= {"rival"}


async def test_superseding_another_members_consent_changes_nothing(
    stage: Stage, rival: Rival
) -> None:
    """A new consent may end an older one of the same subject, at the same member, only."""
    before = stage.rows()
    request = {**consent_request(stage.somebody()), "supersedes": rival.consent["id"]}

    not_there(await stage.call("POST", "/v1/consents", request, key=rival.key))
    wrong = await stage.call("POST", "/v1/consents", request)
    assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, "/supersedes")
    assert stage.rows() == before
    assert (await stage.gateway.consent(rival.consent["id"]))["state"] == "ACTIVE"


# -- roles -----------------------------------------------------------------------------------------

ROUTES: list[tuple[Role, str, str, Any]] = [
    (Role.CONSENT_WRITE, "POST", "/v1/consents", {}),
    (Role.CONSENT_WRITE, "POST", "/v1/consents/{consent}/withdraw", {}),
    (Role.CONSENT_READ, "GET", "/v1/consents/{consent}", None),
    (Role.CONSENT_READ, "GET", "/v1/consents?subject={subject}", None),
    (Role.CONSENT_READ, "GET", "/v1/keys", None),
    (Role.PROFILE_PULL, "POST", "/v1/profiles", {}),
    (Role.PROFILE_READ, "GET", "/v1/borrowers/{subject}/profile?purpose=loan_origination", None),
    (Role.PROFILE_READ, "GET", "/v1/borrowers/{subject}/attributes?purpose=loan_origination", None),
    (Role.PROFILE_READ, "GET", "/v1/borrowers/{subject}/history?purpose=loan_origination", None),
    (Role.LINK_WRITE, "POST", "/v1/links", {}),
    (Role.LINK_WRITE, "POST", "/v1/links/{entry}/undo", {}),
    (Role.LINK_READ, "GET", "/v1/links?subject={subject}&purpose=loan_origination", None),
    (Role.REPORT_WRITE, "POST", "/v1/reporting/{source}", {}),
    (Role.AUDIT_READ, "GET", "/v1/audit/entries", None),
    (Role.AUDIT_READ, "GET", "/v1/audit/proof/inclusion?entry={entry}", None),
    (Role.AUDIT_READ, "GET", "/v1/audit/proof/consistency?year=2026&old=1", None),
    (Role.AUDIT_READ, "GET", f"/log/{MEMBER}/2026/checkpoint", None),
    (Role.OPS_READ, "GET", "/v1/sources", None),
    (Role.OPS_READ, "GET", "/metrics", None),
]


@pytest.mark.parametrize("route", ROUTES, ids=[path for _, _, path, _ in ROUTES])
async def test_a_route_asks_for_its_role(
    stage: Stage, rival: Rival, route: tuple[Role, str, str, Any]
) -> None:
    """With every other role it is 403 and on record; without a key it is 401; nobody gets in."""
    role, method, path, body = route
    where = path.format(
        consent=rival.consent["id"],
        subject=rival.consent["subject"],
        entry=rival.entry,
        source="baihang",
    )
    others = await stage.new_client(*(one for one in Role if one is not role))
    refused = await stage.call(method, where, body, key=others)
    stranger = await stage.call(method, where, body, key="")

    assert (refused.status, refused.json["code"]) == (403, "not_allowed")
    assert role.value in refused.json["detail"]
    recorded = await stage.entries(req=refused.req)
    assert [(e["type"], e["verdict"]) for e in recorded] == [("auth.fail", "deny")]
    assert (stranger.status, stranger.json["code"]) == (401, "not_authenticated")
    assert stranger.headers["www-authenticate"] == "Bearer"


async def test_every_route_of_the_document_is_in_the_table(stage: Stage) -> None:
    """A route added without its role being tested is noticed here."""
    served = {
        (method.upper(), path)
        for path, operations in stage.contract.document["paths"].items()
        for method, operation in operations.items()
        if operation.get("security") != [{"signature": []}]  # signed instead: `test_ingest`
    }
    tested = len({(method, path.partition("?")[0]) for _, method, path, _ in ROUTES})

    assert tested == len(served)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer cg_",
        "Bearer cg_x",
        "Bearer nonsense",
        "Basic Y2c6eA==",
        "cg_{id}_{secret}",
        "Bearer cg_{id}_{wrong}",
        "Bearer cg_{id}_",
        "Bearer CG_{id}_{secret}",
        "Bearer cg_000000000000_{secret}",
    ],
)
async def test_nothing_but_the_whole_key_opens(stage: Stage, header: str) -> None:
    """Half a key, another scheme, another's id with one's own secret: 401, and no hint."""
    _, id_, secret = stage.key.split("_", 2)
    sent = header.format(id=id_, secret=secret, wrong=secret[::-1])
    answer = await stage.call("GET", "/v1/sources", key="", headers={"Authorization": sent})

    assert (answer.status, answer.json["code"]) == (401, "not_authenticated")
    assert secret not in answer.body.decode()


async def test_a_revoked_client_is_out_at_once(stage: Stage) -> None:
    """Revoking is a commit: the next call of that key is a stranger's."""
    key = await stage.new_client(Role.OPS_READ)
    assert (await stage.call("GET", "/v1/sources", key=key)).status == 200
    trail = Trail(MEMBER, Actor("operator", "test", "local"), "revoke")
    await stage.services.journal.commit(lambda tx: clients.revoke(tx, trail, key.split("_")[1]))

    assert (await stage.call("GET", "/v1/sources", key=key)).status == 401


async def test_identity_is_shown_to_its_own_role_only(stage: Stage, rival: Rival) -> None:
    """A scoring service gets numbers without ever seeing who it is about: a mask at the most."""
    modest = await stage.new_client(Role.PROFILE_PULL, Role.PROFILE_READ)
    read = await stage.read(rival.consent, key=modest)
    pull = await stage.pull(rival.consent, key=modest, sources=["pboc"])
    person = rival.life.person

    for answer in (read, pull):
        assert answer.status == 200
        identity = answer.json["profile"]["identity"]
        assert identity["name"]["value"] == f"{person.name[0]}*"
        assert "birth_date" not in identity
        for value in (person.name, person.id_number, person.mobile, person.homes[0].text):
            assert value not in answer.body.decode()
