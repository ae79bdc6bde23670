"""The one place where concrete things are built and handed to each other.

Stores must exist: `create` makes them, `assemble` never does and refuses to start without.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import Connection, Engine

from connectors import registry
from connectors.base import Connector, SourceSettings
from connectors.errors import SourceUnavailable
from connectors.http import WAIT_MAX_S, SourceClient, open_http
from connectors.normalise import codes
from connectors.pushed import Kept
from connectors.resilience import Breaker
from consent.audit.kept import KeptCheckpoints
from consent.audit.log import AuditLog
from consent.clock import Clock, utc_now
from consent.database import open_engine, read
from consent.decision import Permit, RefusalReason
from consent.errors import ConfigError, VaultError
from consent.journal import Journal
from consent.ledger import Ledger
from consent.register import Register
from consent.vault import file_kek
from consent.vault.record import Vault
from gateway import beside, build, migrations, supplies
from gateway.asking import Asking
from gateway.disclosing import Disclosing
from gateway.fetching import Fetching, Gate
from gateway.ingest import Ingest
from gateway.looking import Looking
from gateway.metrics import Metrics
from gateway.past.explaining import Explaining
from gateway.past.recalling import Recalling
from gateway.past.replay import Replaying
from gateway.past.training import Training
from gateway.pipeline import Pipeline
from gateway.rebuild import Gathering, Rules, RulesFor
from gateway.reporting import Reporting
from gateway.reviewing import Reviewing
from gateway.senders import senders
from gateway.services import Services
from gateway.settings import Settings, SourceConfig
from gateway.showing import Showing
from gateway.store import configurations
from gateway.store.inbox import Inbox
from gateway.store.rulings import Rulings
from gateway.store.snapshots import Store

Transport = Callable[[], httpx.AsyncBaseTransport]

_STORE_S = 5.0  # to open what was pushed; it is a question to our own database
_MOST_RULES = 8  # configurations whose rules are held ready

CODE = build.name()
"""The build that audit entries and snapshots name."""


def create(settings: Settings) -> None:
    """Make the keys, the database and the place checkpoints are kept; nothing is overwritten.

    `ConfigError` when there is a database but no keys: new ones would open nothing of it.
    """
    data = settings.data.directory
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        _checkpoints(data).mkdir(mode=0o700, exist_ok=True)
    except OSError as exc:
        raise ConfigError(f"cannot make {exc.filename or data}: {exc.strerror}") from None
    if not any(_keys(data).glob("*.key")):
        if _database(data).exists():
            raise ConfigError(f"{data} has a database but no keys; restore or mount {_keys(data)}")
        file_kek.create(_keys(data))
    file_kek.load(_keys(data))
    _database(data).touch(mode=0o600)  # SQLite gives its -wal and -shm the same mode
    engine = open_engine(_url(data))
    try:
        migrations.upgrade(engine)
    finally:
        engine.dispose()


@asynccontextmanager
async def assemble(
    settings: Settings,
    *,
    secrets: Mapping[str, str] | None,
    clock: Clock = utc_now,
    transport: Transport = open_http,
) -> AsyncIterator[Services]:
    """The gateway, running until the context ends.

    `secrets` are environment variables by name; None leaves the sources out, for work that asks
    none. Raises `ConfigError` when something is missing
    or wrong, `LogCorrupt` when the audit log does not continue the checkpoint kept apart.
    """
    data = settings.data.directory
    if not _database(data).exists():
        raise ConfigError(f"no database in {data}; run `creditgate init` first")
    keys = file_kek.load(_keys(data))
    async with AsyncExitStack() as stack:
        engine = open_engine(_url(data))
        stack.callback(engine.dispose)
        migrations.check(engine)
        kept = KeptCheckpoints(_checkpoints(data))
        log = AuditLog(engine, gateway=settings.gateway.name, signer=keys.log_signer, kept=kept)
        log.check()
        journal = Journal(engine, log, clock)
        stack.push_async_callback(journal.close)
        if not read(engine, lambda conn: configurations.known(conn, settings.digest)):
            await journal.commit(lambda tx: configurations.keep(tx, settings))
        vault = Vault(keys.root, keys.index, clock=clock)
        ledger = Ledger(
            purposes=settings.purposes,
            rules=settings.jurisdictions,
            sources=frozenset(settings.supplies),
            signer=keys.consent_signer,
            names=vault,
        )
        register, store, metrics = Register(vault), Store(vault), Metrics()
        rulings = Rulings(vault)
        gathering, rules_for = Gathering(store, register), _rules_for(settings)
        offset_h = settings.merging.rules.utc_offset_h
        showing = Showing(store, gathering, rules_for, offset_h, CODE)
        disclosing = Disclosing(ledger, store, showing, settings.digest, CODE)
        inbox = Inbox(vault)
        connectors: dict[str, Connector] = {}
        if secrets is not None:
            _all_set(settings, secrets)
            for name in settings.sources:
                connectors[name] = _connected(
                    stack, settings, name, secrets, clock=clock, http=transport()
                )
            for name in settings.pushed:
                connectors[name] = _pushed(settings, name, _kept(settings, name, engine, inbox))
        supplies.check(settings, connectors, at=clock())
        breakers = {name: Breaker() for name in connectors}
        timeouts_s = _timeouts_s(settings)
        threads = beside.threads()
        stack.callback(threads.shutdown, cancel_futures=True)
        looks = beside.Beside(journal, engine, clock, threads)
        looking = Looking(looks, disclosing, store, vault)
        pipeline = Pipeline(
            journal=journal,
            asking=Asking(connectors, breakers, ledger, register, store, vault, rulings),
            fetching=Fetching(
                connectors=connectors,
                timeouts_s=timeouts_s,
                breakers=breakers,
                gate=_gate(engine, ledger),
                person=settings.merging.person,
                clock=clock,
                metrics=metrics,
            ),
            merging=settings.merging,
            disclosing=disclosing,
            looking=looking,
            clock=clock,
            metrics=metrics,
        )
        explaining = Explaining(looking, gathering, rules_for)
        replaying = Replaying(
            beside=looks,
            log=log,
            ledger=ledger,
            vault=vault,
            store=store,
            gathering=gathering,
            rules_for=rules_for,
            code=CODE,
        )
        yield Services(
            settings=settings,
            engine=engine,
            journal=journal,
            log=log,
            vault=vault,
            receipt_key=keys.consent_signer.public,
            ledger=ledger,
            register=register,
            connectors=connectors,
            breakers=breakers,
            pipeline=pipeline,
            rulings=rulings,
            reviewing=Reviewing(disclosing, store, rulings, vault),
            replaying=replaying,
            explaining=explaining,
            training=Training(looks, disclosing, store, vault),
            recalling=Recalling(looks, disclosing, store, vault),
            reporting=Reporting(
                journal=journal,
                ledger=ledger,
                register=register,
                vault=vault,
                connectors=connectors,
                timeouts_s=timeouts_s,
                breakers=breakers,
                gate=_gate(engine, ledger),
                clock=clock,
            ),
            senders=senders(settings.pushed, secrets),
            ingest=Ingest(ledger, inbox),
            metrics=metrics,
            clock=clock,
            code=CODE,
        )


def rules_of(settings: Settings) -> Rules:
    """How this configuration reads and merges stored answers, without a socket or a secret."""
    own = codes.contents()
    return Rules(
        other_tables=tuple(
            sorted(name for name, body in settings.code_tables.items() if own.get(name) != body)
        ),
        merging=settings.merging,
        readers={
            name: _connector(
                settings,
                name,
                dict.fromkeys(source.secrets, "-"),
                clock=utc_now,
                http=_NoNetwork(),
            ).read
            for name, source in settings.sources.items()
        }
        | {name: _pushed(settings, name, _nothing_kept).read for name in settings.pushed},
    )


def _rules_for(settings: Settings) -> RulesFor:
    """The present configuration's, or those of one that is kept; each is read once.

    Reading one takes a tenth of a second, in the way of all others where a unit asks for it.
    """
    held: dict[str, Rules] = {}

    def rules_for(conn: Connection, digest: str) -> Rules | None:
        present = digest == settings.digest
        rules = held.get(digest)
        if rules is not None and (present or configurations.known(conn, digest)):
            return rules
        found = settings if present else configurations.kept(conn, digest)
        if found is None:
            return None
        if len(held) >= _MOST_RULES:
            held.clear()
        return held.setdefault(digest, rules_of(found))

    return rules_for


class _NoNetwork(httpx.AsyncBaseTransport):
    """What a connector is given that only reads."""


def _all_set(settings: Settings, secrets: Mapping[str, str]) -> None:
    """Every variable that is not set, at once: who sets up is not told of them one by one."""
    wanted = {f"sources.{name}": one.secrets for name, one in settings.sources.items()}
    wanted |= {f"pushed.{name}": one.secrets for name, one in settings.pushed.items()}
    missing = [
        f"{variable} ({section})"
        for section, variables in wanted.items()
        for variable in variables.values()
        if not secrets.get(variable, "").strip()
    ]
    if missing:
        raise ConfigError(f"set the environment variables {', '.join(missing)}")


def _connected(
    stack: AsyncExitStack,
    settings: Settings,
    name: str,
    secrets: Mapping[str, str],
    *,
    clock: Clock,
    http: httpx.AsyncBaseTransport,
) -> Connector:
    """One source with a pool of connections of its own."""
    stack.push_async_callback(http.aclose)
    values = {key: secrets[variable] for key, variable in settings.sources[name].secrets.items()}
    return _connector(settings, name, values, clock=clock, http=http)


def _connector(
    settings: Settings,
    name: str,
    secrets: Mapping[str, str],
    *,
    clock: Clock,
    http: httpx.AsyncBaseTransport,
) -> Connector:
    config = settings.sources[name]
    client = SourceClient(
        source=name,
        http=http,
        url=config.url,
        timeout_s=config.timeout_s,
        max_body_bytes=config.max_body_bytes,
        attempts=config.attempts,
        clock=clock,
    )
    own = SourceSettings(
        name=name,
        reasons=settings.purposes.codes_for(name),
        options=config.options,
        secrets=secrets,
    )
    build = registry.declared if config.kind == "declarative" else registry.build
    return build(name, client, own)


def _pushed(settings: Settings, name: str, kept: Kept) -> Connector:
    """One source that is not asked: it is told what it sent us before."""
    reasons = settings.purposes.codes_for(name)
    own = SourceSettings(name=name, reasons=reasons, options={}, secrets={})
    return registry.build_pushed(name, kept, own)


def _kept(settings: Settings, name: str, engine: Engine, inbox: Inbox) -> Kept:
    """Opens what a source sent in the days a profile is told of."""
    config = settings.pushed[name]
    reach, room = timedelta(days=config.days), config.max_body_bytes

    def kept(permit: Permit, at: datetime) -> bytes:
        try:
            return read(
                engine,
                lambda conn: inbox.opened(conn, permit, since=at - reach, until=at, room=room),
            )
        except VaultError:
            raise SourceUnavailable(name, "vault") from None

    return kept


def _nothing_kept(_permit: Permit, _at: datetime) -> bytes:
    """What a pushed source is given that only reads."""
    return b""


def _timeouts_s(settings: Settings) -> dict[str, float]:
    asked = {name: _whole_s(source) for name, source in settings.sources.items()}
    return asked | dict.fromkeys(settings.pushed, _STORE_S)


def _whole_s(source: SourceConfig) -> float:
    """How long a source may take in all: every attempt in full, and the waits between them."""
    return source.attempts * source.timeout_s + (source.attempts - 1) * WAIT_MAX_S


def _gate(engine: Engine, ledger: Ledger) -> Gate:
    def gate(permit: Permit, at: datetime) -> RefusalReason | None:
        return read(engine, lambda conn: ledger.gate(conn, permit, at=at))

    return gate


def _url(data: Path) -> str:
    return f"sqlite:///{_database(data)}"


def _database(data: Path) -> Path:
    return data / "creditgate.db"


def _keys(data: Path) -> Path:
    return data / "keys"


def _checkpoints(data: Path) -> Path:
    return data / "checkpoints"
