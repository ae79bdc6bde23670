"""`creditgate demo`: the main job end to end, over real HTTP, on invented people.

A sandbox world and a gateway start on loopback; a consent is recorded, the lender's own platform
pushes what it saw, every source is asked in its own wire format, the merged profile is shown, and
the audit log is verified from its tiles by the stand-alone verifier. Data lives in a temporary
folder unless `--data` names one: the environment names where real data is.
"""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.panel import Panel
from rich.text import Text

from connectors.http import open_http
from connectors.sandbox import personas
from connectors.sandbox.desks import Credentials
from connectors.sandbox.facts import Life
from connectors.sandbox.render.platform import pushes
from connectors.sandbox.server import SOURCES
from connectors.sandbox.world import World
from consent.audit.catalogue import EventType
from consent.audit.note import Vkey
from consent.audit.verify import Verified, verify
from consent.clock import stamp
from consent.errors import InvalidInput
from consent.journal import Tx
from consent.vault.webhook import Secrets
from gateway import clients, wiring
from gateway import settings as settings_module
from gateway.cli.consents import terms_example
from gateway.cli.operate import interrupted
from gateway.cli.page import draw
from gateway.cli.sandbox import simulated, today
from gateway.cli.session import Json, Options, err, options, out, run, show_json
from gateway.client import GatewayClient, push
from gateway.clients import Role
from gateway.services import Services
from gateway.serving import serving
from gateway.settings import Settings

_SECRETS = Credentials()
_ENVIRONMENT = {
    "CREDITGATE_PBOC_PASSWORD": _SECRETS.password,
    "CREDITGATE_BAIHANG_USER": _SECRETS.baihang_user,
    "CREDITGATE_BAIHANG_PASSWORD": _SECRETS.baihang_password,
    "CREDITGATE_BAIRONG_API_CODE": _SECRETS.bairong_api_code,
    **{f"CREDITGATE_{name.upper()}_KEY": key for name, key in _SECRETS.partner_keys.items()},
    **{f"CREDITGATE_{name.upper()}_SECRET": key for name, key in _SECRETS.push_secrets.items()},
}
"""What the sandbox's bureaus gave their one member; secrets of nobody else."""


def demo(
    context: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="Stop after showing the proof.")] = False,
    persona: Annotated[
        str, typer.Option(help=f"Whose profile: {', '.join(personas.ORDER)}.")
    ] = "many-lenders",
    seed: Annotated[int, typer.Option(help="Same seed, same people.")] = 1,
    port: Annotated[int, typer.Option(help="Port of the gateway; 0 takes a free one.")] = 0,
    json: Json = False,
) -> None:
    """The main job end to end on a simulated world; $CREDITGATE_DATA is left alone."""
    call = _own_data(context, options(context, json=json))

    async def work() -> None:
        if persona not in personas.ORDER:
            raise InvalidInput("--persona", f"one of {', '.join(personas.ORDER)}")
        world = World(seed=seed, today=today())
        async with _gateway(call, world, port) as stage:
            done = await _show(stage, world.persona(persona), as_json=call.json)
            if not once:
                _invite(stage, done)
                await interrupted()

    run(work)


def _own_data(context: typer.Context, call: Options) -> Options:
    """Only a folder named in this very call gets the demo's people, and a client with all roles."""
    source = context.find_root().get_parameter_source("data")
    named = source is not None and source.name == "COMMANDLINE"
    return call if named else replace(call, data=None)


class _Stage:
    """The running demo: where it is, and the key to it."""

    def __init__(self, services: Services, url: str, key: str, member: str) -> None:
        self.services, self.url, self.key, self.member = services, url, key, member


@asynccontextmanager
async def _gateway(call: Options, world: World, port: int) -> AsyncIterator[_Stage]:
    with tempfile.TemporaryDirectory(prefix="creditgate-demo-") as temporary:
        async with simulated(world, host="127.0.0.1", port=0) as bureaus:
            urls = {source: f"{bureaus}/{source}" for source in SOURCES}
            settings = settings_module.load(
                call.config, data=call.data or Path(temporary), urls=urls
            )
            wiring.create(settings)
            secrets = {**os.environ, **_ENVIRONMENT}  # the sandbox knows no other
            async with (
                wiring.assemble(settings, secrets=secrets) as services,
                serving(services, host=settings.gateway.host, port=port) as url,
            ):
                key = await _client(call, settings, services)
                yield _Stage(services, url, key, call.member)


async def _client(call: Options, settings: Settings, services: Services) -> str:
    trail = call.trail(settings)

    def unit(tx: Tx) -> clients.NewClient:
        return clients.add(tx, trail, name="demo", roles=frozenset(Role))

    return (await services.journal.commit(unit)).key


async def _show(stage: _Stage, life: Life, *, as_json: bool) -> dict[str, Any]:
    """Record a consent, pull a profile, verify the log: as a client, over HTTP."""
    services = stage.services
    now = services.clock()
    async with GatewayClient(stage.url, stage.key) as gateway:
        person = life.person
        consent = await gateway.record_consent(
            {
                "subject": {
                    "name": person.name,
                    "id_type": "CN_RIC",
                    "id_number": person.id_number,
                    "mobile": person.mobile,
                },
                "consent": terms_example(stamp(now), stamp(now + timedelta(days=365))),
            }
        )
        await _push(stage, life)
        reply = await gateway.pull_profile(
            {
                "subject": {"ref": consent["subject"]},
                "purpose": consent["purpose"],
                "consent_id": consent["id"],
                "sources": consent["sources"],
                "scopes": consent["scopes"],
            },
            idempotency_key=f"demo-{consent['id']}",
        )
        trail = await gateway.audit_entries(type=EventType.PROFILE_RELEASE)
        proof = await gateway.inclusion(entry=reply["snapshot"]["entry"])
        verified = await _verify(gateway, stage, proof)
    if as_json:
        show_json({"profile": reply, "proof": proof, "verified": {"size": verified.size}})
    else:
        draw(out, reply)
        released = trail["entries"][0]
        out.print(
            Panel(
                Text.assemble(
                    f"released as entry {released['index']} of {verified.origin}\n"
                    f"{verified.size} entries, root {verified.root.hex()}\n",
                    ("the audit proof verified", "bold green"),
                    ": every entry, tile and signature, read over HTTP by the stand-alone verifier",
                ),
                title=Text("audit proof", "bold"),
                title_align="left",
                border_style="green",
            )
        )
    return {"consent": consent, "reply": reply}


async def _push(stage: _Stage, life: Life) -> None:
    """What the lender's own platform saw of the person, signed, as it would send it.

    Only the configured member has one.
    """
    senders = stage.services.settings.pushed
    async with open_http() as transport:
        for source, id_, body in pushes(life):
            if source not in senders or stage.member not in senders[source].secrets:
                continue
            await push(
                stage.url,
                source,
                body,
                id_=id_,
                at=stage.services.clock(),
                secrets=Secrets([_SECRETS.push_secrets[source]]),
                transport=transport,
            )


async def _verify(gateway: GatewayClient, stage: _Stage, proof: dict[str, Any]) -> Verified:
    """Fetch the whole log as any C2SP client would, then verify it and the proof's place in it."""
    origin = proof["origin"]
    year = int(origin.rpartition("/")[2])
    log = await gateway.log(stage.member, year)
    key = stage.services.log.vkey(origin)  # in life: handed to the auditor beforehand
    return verify(log.__getitem__, Vkey.parse(str(key)))


def _invite(stage: _Stage, done: dict[str, Any]) -> None:
    """Calls to copy, in no frame and on no second line, which would come along."""
    subject, purpose = done["consent"]["subject"], done["consent"]["purpose"]
    err.print(f"serving at {stage.url}, until you press Ctrl-C", style="bold", soft_wrap=True)
    err.print(
        f"export KEY={stage.key}\n"
        f'curl -H "Authorization: Bearer $KEY" '
        f"'{stage.url}/v1/borrowers/{subject}/profile?purpose={purpose}'\n"
        f"curl -H \"Authorization: Bearer $KEY\" '{stage.url}/v1/audit/entries?limit=5'\n"
        f"curl -H \"Authorization: Bearer $KEY\" '{stage.url}/v1/sources'\n"
        f"curl {stage.url}/openapi.json",
        soft_wrap=True,
    )
