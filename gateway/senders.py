"""Who may push: the systems that hold a secret of a source, each for one member.

A push is believed for its signature (`consent.vault.webhook`) and within `WINDOW` of our clock
either way, so that a captured one is of no use later; within the window its id makes repetition
harmless (Standard Webhooks 1.0.0, "Verifying signatures" and "Timestamp").
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from consent.audit.catalogue import Actor
from consent.errors import ConfigError, NotFound
from consent.vault.webhook import Secrets
from gateway.clients import Caller, NotAuthenticated
from gateway.settings import PushedConfig

WINDOW = timedelta(minutes=5)

_ID, _TIMESTAMP, _SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_ID_FORM = re.compile(r"[A-Za-z0-9_-]{1,128}")  # no full stop: it ends the id in what is signed
_SECONDS = re.compile(r"[0-9]{1,11}")


class NotSigned(NotAuthenticated):
    """The push is not signed by anybody we know, or not lately; nothing else was looked at."""

    code = "not_signed"


@dataclass(frozen=True, slots=True)
class Senders:
    """By source and member, the secrets a push may be signed with."""

    secrets: Mapping[str, Mapping[str, Secrets]] = field(repr=False)

    def caller(
        self, source: str, headers: Mapping[str, str], body: bytes, *, at: datetime
    ) -> Caller:
        """Who pushed `body` for `source`.

        1. the source is one that pushes, and its headers have their form;
        2. the timestamp is within the window of `at`;
        3. a secret of the source signed id, timestamp and body.
        """
        if source not in self.secrets:
            raise NotFound(f"no source is pushed by this name; known: {_spelled(self.secrets)}")
        id_, stamped = headers.get(_ID, ""), headers.get(_TIMESTAMP, "")
        if not _ID_FORM.fullmatch(id_) or not _SECONDS.fullmatch(stamped):
            raise NotSigned(f"send {_ID} (letters, digits, _ and -), {_TIMESTAMP}, {_SIGNATURE}")
        moment = datetime.fromtimestamp(int(stamped), UTC)
        if abs(at - moment) > WINDOW:
            raise NotSigned(f"{_TIMESTAMP} within {int(WINDOW.total_seconds())} s of our clock")
        signatures = headers.get(_SIGNATURE, "")
        for member, secrets in self.secrets[source].items():
            if secrets.signed(body, id_=id_, at=moment, signatures=signatures):
                return Caller(source, member, frozenset(), Actor("source", source, "webhook"))
        raise NotSigned(f"{_SIGNATURE} of this very id, timestamp and body by a secret of ours")


def webhook_id(headers: Mapping[str, str]) -> str:
    """The id of a push whose sender is known."""
    return headers[_ID]


def senders(pushed: Mapping[str, PushedConfig], environment: Mapping[str, str] | None) -> Senders:
    """The senders of the configuration; without an environment there are none.

    `ConfigError` when a variable is not set or holds no secret, or two members share one: then a
    push would not say whose it is.
    """
    if environment is None:
        return Senders({})
    found: dict[str, dict[str, Secrets]] = {}
    for source, config in pushed.items():
        seen: set[str] = set()
        for member, variable in config.secrets.items():
            texts = environment.get(variable, "").split()
            if not texts:
                raise ConfigError(f"pushed.{source}: set the environment variable {variable}")
            if seen.intersection(texts):
                raise ConfigError(f"pushed.{source}: {variable} holds another member's secret")
            seen.update(texts)
            try:
                found.setdefault(source, {})[member] = Secrets(texts)
            except ValueError as exc:
                raise ConfigError(f"pushed.{source}: {variable}: {exc}") from None
    return Senders(found)


def _spelled(sources: Mapping[str, object]) -> str:
    return ", ".join(sorted(sources)) or "none"
