"""The stage of every scenario: sandbox, gateway, clients, and borrowers who consent.

Everything speaks real HTTP on loopback. Each reply a scenario sees has been held against the
OpenAPI document the gateway itself serves (`contract`).
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson

from connectors.http import open_http
from connectors.sandbox.bureaus import knows
from connectors.sandbox.desks import Credentials
from connectors.sandbox.facts import Life
from connectors.sandbox.server import start
from connectors.sandbox.world import World
from consent.audit.catalogue import Actor, Trail
from consent.clock import stamp, utc_now
from consent.journal import Tx
from consent.vault.webhook import Secrets
from gateway import clients, settings, wiring
from gateway.cli.consents import terms_example
from gateway.client import GatewayClient
from gateway.clients import Role
from gateway.services import Services
from gateway.serving import serving
from gateway.settings import Settings
from tests.scenarios.contract import Conforming, Contract
from tests.scenarios.wire import Wire

MEMBER = "lender"
PURPOSE = "loan_origination"
SOURCES = [
    "pboc",
    "baihang",
    "bairong",
    "tongdun",
    "housing_fund",
    "social_insurance",
    "region_risk",
    "telecom",
]
PUSHED = ["app_logins", "loan_purposes"]
SCOPES = [
    "identity", "tradelines", "inquiries", "public_records", "scores", "contributions",
    "income_and_assets", "behaviour", "region",
]  # fmt: skip

# Unlike anything else, so that a trace of them anywhere is a leak.
BUREAUS = Credentials(
    password="CANARY-pboc-password",
    baihang_user="CANARY-baihang-user",
    baihang_password="CANARY-baihang-password",
    bairong_api_code="CANARY-bairong-code",
    partner_keys={
        "tongdun": "CANARY-tongdun-key",
        "housing_fund": "CANARY-housing-fund-key",
        "social_insurance": "CANARY-social-insurance-key",
        "region_risk": "CANARY-region-risk-key",
        "telecom": "CANARY-telecom-key",
    },
    push_secrets={
        "app_logins": "whsec_Q0FOQVJZIHNlY3JldCBvZiB0aGUgbG9naW5z",
        "loan_purposes": "whsec_Q0FOQVJZIHNlY3JldCBvZiB0aGUgcHVycG9zZXM=",
    },
)
SECRETS = {
    "CREDITGATE_PBOC_PASSWORD": BUREAUS.password,
    "CREDITGATE_BAIHANG_USER": BUREAUS.baihang_user,
    "CREDITGATE_BAIHANG_PASSWORD": BUREAUS.baihang_password,
    "CREDITGATE_BAIRONG_API_CODE": BUREAUS.bairong_api_code,
    **{f"CREDITGATE_{name.upper()}_KEY": key for name, key in BUREAUS.partner_keys.items()},
    **{f"CREDITGATE_{name.upper()}_SECRET": key for name, key in BUREAUS.push_secrets.items()},
}


@dataclass(slots=True)
class Clock:
    """The time of day, or what it will be: the gateway's, not the sandbox's."""

    later: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.later

    @contextmanager
    def ahead(self, **by: float) -> Iterator[None]:
        """Some time later, until the block ends."""
        self.later = timedelta(**by)
        try:
            yield
        finally:
            self.later = timedelta()


@dataclass
class Answer:
    """A raw reply."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def req(self) -> str:
        """The id the gateway gave the request; its audit entries bear it."""
        return self.headers["x-request-id"]


@dataclass(repr=False)
class Stage:
    """Everything a scenario talks to.

    `wire` sees what the gateway says to the sources. `http` checks each reply, `plain` does not.
    """

    world: World
    sandbox_url: str
    url: str
    services: Services
    key: str
    data: Path
    plain: httpx.AsyncBaseTransport
    http: httpx.AsyncBaseTransport
    clock: Clock
    wire: Wire
    contract: Contract
    used: Iterator[int] = field(default_factory=lambda: iter(range(5, 5000)))

    def at(self, services: Services, url: str) -> "Stage":
        """The same scene, talked to at another gateway."""
        http = Conforming(self.plain, url, self.contract)
        return replace(self, services=services, url=url, http=http)

    # -- who ---------------------------------------------------------------------------------

    def somebody(self) -> Life:
        """A borrower nobody asked about yet, known to every source."""
        for index in self.used:
            life = self.world.life(index)
            if all(knows(life, source) for source in SOURCES):
                return life
        raise AssertionError("the world is used up")

    async def new_client(self, *roles: Role, member: str = MEMBER) -> str:
        """The key of a client with these roles; with every role when none is named."""
        trail = Trail(member, Actor("operator", "test", "local"), "setup")

        def unit(tx: Tx) -> clients.NewClient:
            return clients.add(tx, trail, name="test", roles=frozenset(roles or Role))

        return (await self.services.journal.commit(unit)).key

    # -- talking to the gateway --------------------------------------------------------------

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
        found = await response.aread()
        await response.aclose()
        return Answer(response.status_code, response.headers, found)

    async def consented(self, life: Life, **changed: Any) -> dict[str, Any]:
        """A consent of this borrower; `changed` replaces terms."""
        return await self.gateway.record_consent(consent_request(life, **changed))

    async def pull(self, consent: Mapping[str, Any], **changed: Any) -> Answer:
        """A pull under `consent`; `key` and `headers` go to the call, the rest into its body."""
        call = {name: changed.pop(name) for name in ("key", "headers") if name in changed}
        return await self.call(
            "POST", "/v1/profiles", self.pull_request(consent, **changed), **call
        )

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

    async def read(
        self, consent: Mapping[str, Any], *, key: str | None = None, **query: str
    ) -> Answer:
        """The stored profile of the subject of `consent`, for its purpose."""
        asked = httpx.QueryParams({"purpose": consent["purpose"], **query})
        return await self.call(
            "GET", f"/v1/borrowers/{consent['subject']}/profile?{asked}", key=key
        )

    async def withdraw(self, consent: Mapping[str, Any], **more: Any) -> Answer:
        """Withdraw `consent`."""
        return await self.call("POST", f"/v1/consents/{consent['id']}/withdraw", {}, **more)

    async def push(
        self,
        source: str,
        body: Any,
        *,
        id_: str | None = None,
        at: datetime | None = None,
        secret: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A signed push of the lender's own platform; `headers` replaces what was signed."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        id_, at = id_ or f"msg_{uuid4().hex}", at or utc_now()
        secrets = Secrets([secret or BUREAUS.push_secrets[source]])
        signed = {
            "webhook-id": id_,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": secrets.sign(raw, id_=id_, at=at),
            **(headers or {}),
        }
        return await self.call("POST", f"/v1/ingest/{source}", raw=raw, key="", headers=signed)

    # -- the sources -------------------------------------------------------------------------

    async def fault(self, source: str, kind: str, **more: Any) -> None:
        """Plan misbehaviour of one source, over HTTP as anybody would."""
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

    def calm(self) -> None:
        """No faults, no held answers, closed circuits: as if nothing had ever gone wrong."""
        self.world.faults.clear()
        self.wire.clear()
        for breaker in self.services.breakers.values():
            breaker.close()

    # -- what is left behind -----------------------------------------------------------------

    async def entries(self, **query: str) -> list[dict[str, Any]]:
        """Entries of the audit log that match, oldest first."""
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = await self.gateway.audit_entries(limit="1000", **query, **after)
            found += [one["entry"] for one in page["entries"]]
            if page["after"] is None:
                return found[::-1]
            after = {"after": page["after"]}

    async def kinds(self, req: str) -> list[str]:
        """The types of the entries of one request, in their order."""
        return [entry["type"] for entry in await self.entries(req=req)]

    @property
    def database(self) -> Path:
        return self.data / "creditgate.db"

    def rows(self, *, but: tuple[str, ...] = ("audit_",)) -> dict[str, int]:
        """How many rows each table has; tables that begin with one of `but` are left out."""
        with closing(sqlite3.connect(self.database)) as db:
            named = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {
                name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our own tables
                for (name,) in named
                if not name.startswith(but)
            }

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What someone can do who has the database file and no key."""
        with closing(sqlite3.connect(self.database, timeout=10)) as db, db:
            return db.execute(statement, values).fetchall()


def consent_request(life: Life, **changed: Any) -> dict[str, Any]:
    """The body of POST /v1/consents for a borrower of the sandbox; `changed` replaces terms.

    It covers the sources that are asked; one that pushes is named where a scenario is about it.
    """
    now = utc_now()
    return {
        "subject": {
            "name": life.person.name,
            "id_type": "CN_RIC",
            "id_number": life.person.id_number,
            "mobile": life.person.mobile,
            "address": life.person.homes[0].text,
            "employer": life.jobs[0].employer if life.jobs else None,
        },
        "consent": {
            **terms_example(stamp(now - timedelta(minutes=1)), stamp(now + timedelta(days=30))),
            "sources": SOURCES,
            **changed,
        },
    }


def lines(reply: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The source lines of a profile, by source."""
    return {line["source"]: line for line in reply["profile"]["sources"]["lines"]}


async def until(condition: Callable[[], bool], *, within_s: float = 10.0) -> None:
    """Wait for something another task brings about."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event to offer
            await asyncio.sleep(0.002)


def the_world() -> World:
    """The people of every scenario."""
    return World(seed=1, today=utc_now().date(), size=5000)


@asynccontextmanager
async def sandbox_on(
    world: World, *, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[str]:
    """The sources; yields their base URL."""
    runner, url = await start(world, clock=clock, member=BUREAUS)
    try:
        yield url
    finally:
        await runner.cleanup()


def settings_for(data: Path, sandbox_url: str, *, timeout_s: float = 20.0) -> Settings:
    """The shipped configuration with its data in `data` and its sources in the sandbox."""
    urls = {source: f"{sandbox_url}/{source}" for source in SOURCES}
    loaded = settings.load(None, data=data, urls=urls)
    patient = {
        name: source.model_copy(update={"timeout_s": timeout_s})
        for name, source in loaded.sources.items()
    }
    return replace(loaded, sources=patient)


@asynccontextmanager
async def gateway_on(
    stage_settings: Settings, *, clock: Clock, wire: Wire
) -> AsyncIterator[tuple[Services, str]]:
    """One gateway, assembled and serving; several may stand on the same data."""
    async with (
        wiring.assemble(
            stage_settings, secrets=SECRETS, clock=clock, transport=wire.transport
        ) as services,
        serving(services, host="127.0.0.1", port=0) as url,
    ):
        yield services, url


@asynccontextmanager
async def stage_on(
    data: Path,
    *,
    world: World | None = None,
    timeout_s: float = 20.0,
    later: timedelta = timedelta(),
) -> AsyncIterator[Stage]:
    """Start everything, `later` than now; the data folder may hold a gateway already."""
    world, clock = world or the_world(), Clock(later)
    async with sandbox_on(world, clock=clock) as sandbox_url:
        chosen = settings_for(data, sandbox_url, timeout_s=timeout_s)
        wiring.create(chosen)
        wire = Wire()
        async with (
            gateway_on(chosen, clock=clock, wire=wire) as (services, url),
            open_http() as plain,
        ):
            contract = await Contract.served_by(url, plain)
            http = Conforming(plain, url, contract)
            stage = Stage(
                world, sandbox_url, url, services, "", data, plain, http, clock, wire, contract
            )
            stage.key = await stage.new_client()
            yield stage


@asynccontextmanager
async def another_gateway(stage: Stage) -> AsyncIterator[Stage]:
    """A second gateway over the database of `stage`, as another process would be."""
    chosen = stage.services.settings
    async with gateway_on(chosen, clock=stage.clock, wire=stage.wire) as (services, url):
        yield stage.at(services, url)
