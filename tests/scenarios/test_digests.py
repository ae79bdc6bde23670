"""The digest of a reply proves it to whoever has the reply, and tells nobody else what is in it."""

import hashlib
from urllib.parse import quote

import pytest

from gateway.clients import Role
from tests.scenarios.given import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("what", ["explain", "history"])
async def test_who_sees_a_masked_number_cannot_try_all_numbers(stage: Stage, what: str) -> None:
    """Another client's reply differs by the number alone, but for a salt nobody else is shown."""
    consent = await stage.consented(stage.world.persona("many-lenders"))
    await stage.pull(consent)
    if what == "history":
        await stage.pull(consent)
    about = f"/v1/borrowers/{consent['subject']}"
    path = {
        "explain": f"{about}/profile?purpose={consent['purpose']}"
        f"&explain={quote('/identity/phones/0')}",
        "history": f"{about}/history?purpose={consent['purpose']}",
    }[what]
    whole = await stage.call("GET", path)
    masked = await stage.call(
        "GET", path, key=await stage.new_client(Role.PROFILE_READ, Role.AUDIT_READ)
    )
    digest = (await stage.entries(req=whole.req))[-1]["facts"]["reply_sha256"]
    salts = [
        one.json["snapshot"]["salt"] if what == "explain" else one.json["snapshots"][0]["salt"]
        for one in (whole, masked)
    ]

    assert digest == hashlib.sha256(whole.body).hexdigest()
    assert salts[0] != salts[1]
    if what == "explain":
        shown, number = (one.json["explanation"]["value"].encode() for one in (masked, whole))
        assert shown != number
        known = masked.body.replace(shown, number)  # somebody guessed right
        assert hashlib.sha256(known).hexdigest() != digest
        told = known.replace(salts[1].encode(), salts[0].encode())
        assert hashlib.sha256(told).hexdigest() == digest  # nothing else keeps it from them


async def test_who_sees_as_much_has_the_same_bytes(stage: Stage) -> None:
    """One reply, one digest: a read tomorrow is told from a reply made up."""
    consent = await stage.consented(stage.world.persona("steady"))
    await stage.pull(consent)
    path = f"/v1/borrowers/{consent['subject']}/profile?purpose={consent['purpose']}"

    once, again = await stage.call("GET", path), await stage.call("GET", path)

    assert once.body == again.body
    assert len(once.json["snapshot"]["salt"]) == 32
