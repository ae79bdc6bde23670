"""A gateway to measure: the shipped command line in a process of its own, as an operator runs it.

`creditgate init`, `client add`, `serve` on a temporary data folder, with the shipped
configuration but for the addresses of the sources. Durability, consent, sealing and audit are
what they always are; there is nothing here to turn them off with.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from benchmarks import load, wire
from benchmarks.processes import ROOT, Server, run, stopping
from consent.clock import stamp, utc_now
from gateway.cli.consents import terms_example
from gateway.client import GatewayClient

_START_S = 30.0
_ROLES = ("consent:write", "profile:pull", "profile:read", "identity:read")
_SHIPPED_URL = "http://127.0.0.1:8700"
SECRETS = {
    "CREDITGATE_PBOC_PASSWORD": wire.MEMBER.password,
    "CREDITGATE_BAIHANG_USER": wire.MEMBER.baihang_user,
    "CREDITGATE_BAIHANG_PASSWORD": wire.MEMBER.baihang_password,
    "CREDITGATE_BAIRONG_API_CODE": wire.MEMBER.bairong_api_code,
    **{f"CREDITGATE_{name.upper()}_KEY": key for name, key in wire.MEMBER.partner_keys.items()},
    **{f"CREDITGATE_{name.upper()}_SECRET": key for name, key in wire.MEMBER.push_secrets.items()},
}


@dataclass(frozen=True, slots=True)
class Installation:
    """A gateway set up on disk, and the key of its one client."""

    config: Path
    data: Path
    key: str = field(repr=False)


def install(directory: Path, sources_url: str) -> Installation:
    """Configuration, keys, database and a client that may see all of a profile."""
    config, data = directory / "config", directory / "data"
    shutil.copytree(ROOT / "config", config)
    front = config / "gateway.toml"
    front.write_text(front.read_text().replace(_SHIPPED_URL, sources_url))
    before = ("gateway", "--config", str(config), "--data", str(data))
    run([*before, "init"], SECRETS)
    roles = [part for role in _ROLES for part in ("--role", role)]
    added = orjson.loads(run([*before, "client", "add", "bench", *roles, "--json"], SECRETS))
    return Installation(config, data, added["key"])


@contextmanager
def serving(installed: Installation) -> Iterator[Server]:
    """`creditgate serve` until the context ends; its log goes to a file beside the data."""
    log = installed.data / "serve.log"
    arguments = ("--config", str(installed.config), "--data", str(installed.data))
    with log.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-m", "gateway", *arguments, "serve", "--port", "0"],
            cwd=ROOT,
            env=os.environ | SECRETS,
            stderr=stderr,
            text=True,
        )
        with stopping(process):
            yield Server("creditgate", process.pid, _port(log, process))


def _port(log: Path, process: subprocess.Popen[str]) -> int:
    ends = time.monotonic() + _START_S
    while time.monotonic() < ends and process.poll() is None:
        for line in log.read_bytes().splitlines():
            said = orjson.loads(line)
            if said.get("event") == "serving":
                return int(said["port"])
        time.sleep(0.05)
    raise RuntimeError("creditgate did not start")


async def consented(url: str, key: str, people: Sequence[wire.Borrower]) -> list[dict[str, Any]]:
    """Record a consent of each borrower; returns the bodies of their pulls."""
    now = utc_now()
    terms = terms_example(stamp(now - timedelta(minutes=1)), stamp(now + timedelta(days=1)))
    terms["sources"] = list(wire.PATHS)  # those the peers ask too
    asks = []
    async with GatewayClient(url, key) as client:
        for who in people:
            subject = {
                "name": who.name,
                "id_type": "CN_RIC",
                "id_number": who.id_number,
                "mobile": who.mobile,
            }
            consent = await client.record_consent({"subject": subject, "consent": terms})
            asks.append(
                {
                    "subject": {"ref": consent["subject"]},
                    "purpose": consent["purpose"],
                    "consent_id": consent["id"],
                    "sources": consent["sources"],
                    "scopes": consent["scopes"],
                }
            )
    return asks


def pulls(asks: Sequence[Mapping[str, Any]], key: str) -> list[bytes]:
    """The requests that pull each borrower's profile."""
    return [
        load.http("POST", "/v1/profiles", orjson.dumps(ask), Authorization=f"Bearer {key}")
        for ask in asks
    ]


def reads(asks: Sequence[Mapping[str, Any]], key: str) -> list[bytes]:
    """The requests that read each borrower's stored profile."""
    paths = [f"/v1/borrowers/{a['subject']['ref']}/profile?purpose={a['purpose']}" for a in asks]
    return [load.http("GET", path, Authorization=f"Bearer {key}") for path in paths]
