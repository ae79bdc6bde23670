"""What every command starts with: settings, an operator's name, and an assembled gateway.

Exit codes: 0 done; 1 the answer is no (a refusal, a log that does not verify); 2 the call or the
set-up is wrong; 3 something that may work later (no audit log, no key, no source).
"""

import asyncio
import getpass
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import uuid4

import orjson
import typer
import uvloop
from rich.console import Console
from rich.text import Text

from consent.audit.catalogue import Actor, EventType, Trail
from consent.errors import (
    AuditUnavailable,
    ConfigError,
    Conflict,
    GatewayError,
    InvalidInput,
    NotFound,
    VaultError,
)
from gateway import entries, wiring
from gateway import settings as settings_module
from gateway.api.problems import MalformedBody
from gateway.pipeline import ON_RECORD, NoSourceAsked
from gateway.services import Services
from gateway.settings import Settings

T = TypeVar("T")

# No markup: brackets and colons in a name are what they are. What has a style is a `Text`.
out = Console(highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)

WRONG, LATER, NO = 2, 3, 1
_EXIT: tuple[tuple[type[GatewayError], int], ...] = (
    (InvalidInput, WRONG),
    (MalformedBody, WRONG),
    (ConfigError, WRONG),
    (NotFound, WRONG),
    (Conflict, LATER),
    (AuditUnavailable, LATER),
    (VaultError, LATER),
    (NoSourceAsked, LATER),
)


@dataclass(frozen=True, slots=True)
class Options:
    """The options before the command: where configuration and data are, and for which member."""

    config: Path | None
    data: Path | None
    member: str
    json: bool

    def settings(self) -> Settings:
        """Read the configuration these options point at."""
        return settings_module.load(self.config, data=self.data)

    def trail(self, settings: Settings) -> Trail:
        """An operator on this machine; the name is the login's, as the audit law asks for one."""
        actor = Actor("operator", getpass.getuser(), "local")
        return Trail(self.member, actor, str(uuid4()), settings.digest, wiring.CODE)


Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
"""Every command takes it, also behind its own name."""


def options(context: typer.Context, *, json: bool = False) -> Options:
    """The options of this call; `json` is the command's own."""
    found: Options = context.find_root().obj
    return replace(found, json=found.json or json)


@asynccontextmanager
async def services(settings: Settings, *, sources: bool = False) -> AsyncIterator[Services]:
    """The gateway over the local data directory; a server may run beside it.

    Without `sources` none can be asked, and none of their secrets is needed.
    """
    secrets = os.environ if sources else None
    async with wiring.assemble(settings, secrets=secrets) as assembled:
        yield assembled


@asynccontextmanager
async def about_person(gateway: Services, trail: Trail, command: str) -> AsyncIterator[None]:
    """What `command` asks about a person and does not get is on record, as in the API."""
    try:
        yield
    except ON_RECORD:
        raise
    except Exception as error:
        refusal, kind, rule = error, EventType.PROFILE_DENIED, f"cli.{command}"
        await gateway.journal.commit(
            lambda tx: tx.note(entries.failed(trail, refusal, kind, tx.at, rule=rule))
        )
        raise


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run a command's coroutine; our own errors end it with a sentence and an exit code."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_awaited(work))
    except GatewayError as error:
        fail(error)


def fail(error: GatewayError) -> NoReturn:
    """Say what is wrong and what would have been right, on standard error."""
    err.print(Text.assemble((error.code, "bold red"), f": {error}"), soft_wrap=True)
    code = next((code for kind, code in _EXIT if isinstance(error, kind)), NO)
    raise typer.Exit(code)


def show_json(value: Any) -> None:  # noqa: ANN401 - whatever the command found
    """Print a document for machines: one JSON value, nothing else, on standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def in_utc(when: datetime) -> datetime:
    """An instant as an option gives it: with its own offset, or else in UTC."""
    try:
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except OverflowError:  # the ends of the calendar
        raise InvalidInput(when.isoformat(), "an instant of the years 1 to 9999 in UTC") from None


def read_json(source: str) -> Any:  # noqa: ANN401 - checked by the caller's model
    """A JSON document from a file, or from standard input for `-`.

    Identifiers of people come this way, never as arguments, which shells and `ps` remember.
    """
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return orjson.loads(raw)
    except OSError as exc:
        raise InvalidInput(source, f"a readable file ({exc.strerror})") from None
    except orjson.JSONDecodeError:
        raise InvalidInput(source, "a JSON document in UTF-8") from None


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
