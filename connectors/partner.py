"""Asking a partner whose request form is not public: what it looks like is configuration.

Public material shows what these partners answer, not how they are asked. What is certain is that
a person is named, by name, number and mobile, and that the caller proves who they are. So the
request is a POST of one JSON object whose field names, constants and header the member takes from
the partner's own document; a partner who wants more than that gets an adapter in front.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated

import orjson
from pydantic import Field

from connectors import asking, options
from connectors.base import SourceSettings
from connectors.http import RawAnswer, SourceClient
from consent.decision import Permit
from consent.errors import ConfigError
from consent.identity import Identity

_Name = Annotated[str, Field(min_length=1, max_length=64)]


class PartnerOptions(options.Options):
    """What the request looks like. `constants` stand in every request as they are."""

    path: Annotated[str, Field(pattern=r"^/")]
    auth_header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")] = "Authorization"
    auth_scheme: str = "Bearer"  # empty: the header is the key alone
    name_field: _Name = "name"
    id_field: _Name = "id_card"
    mobile_field: _Name = "mobile"
    constants: Mapping[_Name, str | int | tuple[str | int, ...]] = {}


@dataclass(frozen=True, slots=True)
class Door:
    """How one partner is asked about one person."""

    source: str
    client: SourceClient
    reasons: Mapping[str, str]
    options: PartnerOptions
    key: str = field(repr=False)

    async def ask(self, permit: Permit, subject: Identity) -> RawAnswer:
        """One POST, never repeated: a query may count as an application elsewhere."""
        asking.reason(self.source, permit, self.reasons)  # must be allowed; it is not sent
        body: dict[str, object] = {
            **self.options.constants,
            self.options.name_field: subject.name,
            self.options.id_field: asking.resident_id(self.source, subject),
        }
        if subject.mobile is not None:
            body[self.options.mobile_field] = asking.mobile(self.source, subject)
        return await self.client.post(
            self.options.path,
            orjson.dumps(body),
            headers={
                self.options.auth_header: f"{self.options.auth_scheme} {self.key}".strip(),
                "Content-Type": "application/json",
            },
        )


def door(
    client: SourceClient,
    settings: SourceSettings,
    constants: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
) -> Door:
    """The door of a partner from its options and the secret `key`.

    `constants` are the connector's own and cannot be configured otherwise.
    """
    read = options.read(PartnerOptions, settings)
    options.asked_once(client, settings, "a query may count elsewhere")
    if clash := sorted(constants.keys() & read.constants.keys()):
        raise ConfigError(f"sources.{settings.name}.options.constants: {', '.join(clash)} is ours")
    whole = read.model_copy(update={"constants": {**read.constants, **constants}})
    return Door(settings.name, client, settings.reasons, whole, options.secret(settings, "key"))
