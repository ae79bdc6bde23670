"""Asking Baihang, and telling its report from its error."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from connectors import asking, options
from connectors.base import SourceSettings
from connectors.errors import (
    SourceBrokeContract,
    SourceError,
    SourceLockedUs,
    SourceUnavailable,
)
from connectors.http import RawAnswer, SourceClient
from connectors.normalise import codes, json_body
from connectors.normalise.json_body import Json
from connectors.records import NoHit, Report
from connectors.reporting import Telling
from connectors.sources.baihang import report, reporting
from connectors.sources.baihang.naming import FieldCipher, naming
from connectors.sources.baihang.reading import NAME
from consent.data_items import DataItem
from consent.decision import Permit
from consent.errors import ConfigError
from consent.identity import Identity
from consent.subject import Act

_ITEMS = frozenset(
    {
        DataItem.NAME,
        DataItem.ID_DOCUMENTS,
        DataItem.ADDRESSES,
        DataItem.EMPLOYMENT,
        DataItem.IDENTITY_CHECKS,
        DataItem.CREDIT_SUMMARIES,
        DataItem.CREDIT_INQUIRIES,
        DataItem.INQUIRY_SUMMARIES,
    }
)
_ERRORS = codes.load(NAME).words("error")
_ERROR_CODE = re.compile(r"ERR-\d{5}", re.ASCII)


class _Options(options.Options):
    """What the member declares to Baihang about the credit asked for: never a default of ours.

    Public examples: guarantee 1 = 信用 (unsecured), purpose 10 = 企业经营 (business), customer 3 =
    自雇人员 (self-employed). `apply_amount` in yuan, -1 when unknown.
    """

    path: str = "/api/v1/credit/report"
    guarantee_type: int
    loan_purpose: int
    custom_type: int
    apply_amount: int = -1


@dataclass(frozen=True, slots=True)
class Baihang:
    """The connector; `authorization` is the whole header value."""

    client: SourceClient
    reasons: Mapping[str, str]
    options: _Options
    authorization: str = field(repr=False)
    cipher: FieldCipher | None = None
    name: str = NAME
    items: frozenset[DataItem] = _ITEMS

    async def fetch(self, permit: Permit, subject: Identity, *, at: datetime) -> RawAnswer:  # noqa: ARG002 - the request carries no time
        """Query one report."""
        return await self.client.post(
            self.options.path,
            self._ask(permit, subject),
            headers={"Authorization": self.authorization, "Content-Type": "application/json"},
        )

    async def report(self, permit: Permit, subject: Identity, telling: Telling) -> None:
        """Send one message about a loan of the member's; Baihang tells repeats by `request_id`."""
        asking.held(NAME, permit, Act.REPORT)
        raw = await self.client.post(
            reporting.PATHS[telling.message.kind],
            reporting.write(subject, telling, self.cipher),
            headers={"Authorization": self.authorization, "Content-Type": "application/json"},
        )
        body = json_body.parse(NAME, raw.content)
        failure = _failure(body.get("errorCode"))
        if failure is not None:
            raise failure
        if body.get("status") != "success":
            raise SourceBrokeContract(NAME, "missing", "status")

    def read(self, raw: RawAnswer) -> Report | NoHit:
        """Read a report, or the bureau's error."""
        body = json_body.parse(NAME, raw.content)
        failure = _failure(body.get("errorCode"))
        if failure is not None:
            raise failure
        return report.read(body)

    def _ask(self, permit: Permit, subject: Identity) -> bytes:
        return orjson.dumps(
            {
                **naming(subject, self.cipher),
                "queryReason": int(asking.reason(NAME, permit, self.reasons)),
                "guaranteeType": self.options.guarantee_type,
                "loanPurpose": self.options.loan_purpose,
                "customType": self.options.custom_type,
                "applyAmount": self.options.apply_amount,
            }
        )


def build(client: SourceClient, settings: SourceSettings) -> Baihang:
    """Make the connector from its options and the secrets `user` and `password`."""
    user, password = (options.secret(settings, key) for key in ("user", "password"))
    if not all(code.isascii() and code.isdigit() for code in settings.reasons.values()):
        raise ConfigError(f"purposes: a code of {NAME} is a number, as queryReason is")
    options.asked_once(client, settings, "a query or report leaves a footprint")
    token = base64.b64encode(f"{user}:{password}".encode()).decode()  # RFC 7617
    return Baihang(client, settings.reasons, options.read(_Options, settings), f"Basic {token}")


def _failure(code: Json) -> SourceError | None:
    if code is None or code == "":
        return None
    if not (isinstance(code, str) and _ERROR_CODE.fullmatch(code)):
        return SourceUnavailable(NAME, "error_unlisted")
    if _ERRORS.get(code) == "locked_out":
        return SourceLockedUs(NAME, f"error_{code}")
    return SourceUnavailable(NAME, f"error_{code}")
