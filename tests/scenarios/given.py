"""The stage of every scenario: sandbox, gateway, client, and a borrower who consented."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson

from connectors.http import open_http
from connectors.sandbox.desks import Credentials
from connectors.sandbox.facts import Life
from connectors.sandbox.server import start
from connectors.sandbox.world import World
from consent.audit.catalogue import Actor, Trail
from consent.clock import stamp, utc_now
from consent.journal import Tx
from gateway import clients, settings, wiring
from gateway.cli.consents import terms_example
from gateway.cli.operate import today
from gateway.client import GatewayClient
from gateway.clients import Role
from gateway.services import Services
from gateway.serving import serving

MEMBER = "lender"
SECRETS = {
    "CREDITGATE_PBOC_PASSWORD": Credentials().password,
    "CREDITGATE_BAIHANG_USER": Credentials().baihang_user,
    "CREDITGATE_BAIHANG_PASSWORD": Credentials().baihang_password,
    "CREDITGATE_BAIRONG_API_CODE": Credentials().bairong_api_code,
}
SCOPES = ["identity", "tradelines", "inquiries", "public_records", "scores", "contributions"]
SOURCES = ["pboc", "baihang", "bairong"]


@dataclass
class Answer:
    """A raw reply."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Stage:
    """Everything a scenario talks to."""

    world: World
    sandbox_url: str
    url: str
    services: Services
    key: str
    data: Path
    http: httpx.AsyncBaseTransport

    async def new_client(self, *roles: Role, member: str = MEMBER) -> str:
        """The key of a client with these roles."""
        trail = Trail(member, Actor("operator", "test", "local"), "setup")

        def unit(tx: Tx) -> clients.NewClient:
            return clients.add(tx, trail, name="test", roles=frozenset(roles or Role))

        return (await self.services.journal.commit(unit)).key

    @property
    def gateway(self) -> GatewayClient:
        """The SDK, with every role."""
        return GatewayClient(self.url, self.key, transport=self.http)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One raw call; `key` "" sends no credentials."""
        sent = dict(headers or {})
        if key != "":
            sent["Authorization"] = f"Bearer {key or self.key}"
        content = raw if raw is not None else (None if body is None else orjson.dumps(body))
        request = httpx.Request(method, self.url + path, headers=sent, content=content)
        response = await self.http.handle_async_request(request)
        body_ = await response.aread()
        await response.aclose()
        return Answer(response.status_code, response.headers, body_)

    async def fault(self, source: str, kind: str, **more: Any) -> None:
        """Plan misbehaviour of one source."""
        plan = orjson.dumps({"source": source, "kind": kind, **more})
        request = httpx.Request("POST", f"{self.sandbox_url}/_sandbox/faults", content=plan)
        response = await self.http.handle_async_request(request)
        assert response.status_code < 300, await response.aread()
        await response.aclose()

    async def calls(self) -> dict[str, int]:
        """How often each source was called."""
        request = httpx.Request("GET", f"{self.sandbox_url}/_sandbox/calls")
        response = await self.http.handle_async_request(request)
        counts: dict[str, int] = orjson.loads(await response.aread())
        await response.aclose()
        return counts

    async def consented(self, life: Life, **changed: Any) -> dict[str, Any]:
        """A consent of this borrower; `changed` replaces terms."""
        return await self.gateway.record_consent(consent_request(life, **changed))

    def pull_request(self, consent: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
        """The body of a pull under `consent`; `changed` replaces fields."""
        return {
            "subject": {"ref": consent["subject"]},
            "purpose": consent["purpose"],
            "consent_id": consent["id"],
            "sources": consent["sources"],
            "scopes": consent["scopes"],
            **changed,
        }

    async def entries(self, **query: str) -> list[dict[str, Any]]:
        """Entries of the audit log, oldest first."""
        page = await self.gateway.audit_entries(limit="1000", **query)
        found = sorted(page["entries"], key=lambda one: one["index"])
        return [one["entry"] for one in found]


def consent_request(life: Life, **changed: Any) -> dict[str, Any]:
    """The body of POST /v1/consents for a borrower of the sandbox."""
    now = utc_now()
    return {
        "subject": {
            "name": life.person.name,
            "id_type": "CN_RIC",
            "id_number": life.person.id_number,
            "mobile": life.person.mobile,
        },
        "consent": {
            **terms_example(stamp(now - timedelta(minutes=1)), stamp(now + timedelta(days=30))),
            **changed,
        },
    }


def lines(reply: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The source lines of a profile, by source."""
    return {line["source"]: line for line in reply["profile"]["sources"]["lines"]}


def the_world() -> World:
    """The people of every scenario."""
    return World(seed=1, today=today(), size=200)


@asynccontextmanager
async def stage_on(data: Path, *, world: World | None = None) -> AsyncIterator[Stage]:
    """Start everything; the data folder may hold a gateway already."""
    world = world or the_world()
    runner, sandbox_url = await start(world, clock=utc_now)
    try:
        urls = {source: f"{sandbox_url}/{source}" for source in SOURCES}
        loaded = settings.load(None, data=data, urls=urls)
        wiring.create(loaded)
        async with (
            wiring.assemble(loaded, secrets=SECRETS) as services,
            serving(services, host="127.0.0.1", port=0) as url,
        ):
            http = open_http()
            stage = Stage(world, sandbox_url, url, services, "", data, http)
            stage.key = await stage.new_client()
            try:
                yield stage
            finally:
                await http.aclose()
    finally:
        await runner.cleanup()
