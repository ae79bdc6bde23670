"""The connector: one D101 out, one D102 in.

CCRC records every query in the subject's report and counts it against them, so a call is made
once: the client must be set to one attempt, and nothing here repeats.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from connectors import asking
from connectors.base import SourceModel, SourceSettings
from connectors.errors import SourceRejectedAsk
from connectors.http import RawAnswer, SourceClient
from connectors.records import NoHit, Report
from connectors.sources.pboc import frame
from connectors.sources.pboc.frame import Header, MessageSigner, MessageVerifier
from connectors.sources.pboc.message import REQUEST, Ask, read_answer, write_request
from connectors.sources.pboc.report import read_report
from connectors.sources.pboc.signature import Scheme, keys
from connectors.sources.pboc.values import CODES
from consent.data_items import DataItem
from consent.decision import Permit
from consent.errors import ConfigError
from consent.identity import Identity

_HEADERS = {"Content-Type": "text/xml; charset=utf-8"}
_ID_TYPES: Mapping[str, str] = {word: code for code, word in CODES.words("A.2").items()}
_REASONS = CODES.words("A.4")
_ENTERPRISE = "FW_QY"  # FW_QYXYBG_0043 is an enterprise report, FW_GRXYBG_0074 a personal one

Organisation = Annotated[str, Field(pattern=r"^[0-9A-Z]{14}$")]
Short = Annotated[str, Field(min_length=1, max_length=64)]


def _personal(service_code: str) -> str:
    if service_code.startswith(_ENTERPRISE):
        raise ValueError("a personal report, not an enterprise one")
    return service_code


class Options(SourceModel):
    """`[sources.pboc.options]`: who we are at CCRC and what our service agreement covers."""

    sender_org: Organisation
    receiver_org: Organisation
    user_code: Short
    originate_org: Organisation
    originate_user: Short
    service_code: Annotated[Short, AfterValidator(_personal)]
    path: str = ""
    signature: Scheme = "none"
    signing_key: Path | None = None
    verifying_key: Path | None = None


def _new_id() -> str:
    return f"{secrets.randbelow(10**16):016d}"


_ITEMS = frozenset(
    {
        DataItem.NAME, DataItem.ID_DOCUMENTS, DataItem.BIRTH_DATE, DataItem.SEX,
        DataItem.NATIONALITY, DataItem.EDUCATION, DataItem.MARITAL_STATUS, DataItem.SPOUSE,
        DataItem.PHONE_NUMBERS, DataItem.EMAIL, DataItem.ADDRESSES, DataItem.EMPLOYMENT,
        DataItem.CREDIT_ACCOUNTS, DataItem.REPAYMENT_HISTORY, DataItem.CREDIT_AGREEMENTS,
        DataItem.REPAYMENT_LIABILITIES, DataItem.POSTPAID_ACCOUNTS, DataItem.STATEMENTS,
        DataItem.CREDIT_SUMMARIES, DataItem.CREDIT_INQUIRIES, DataItem.INQUIRY_SUMMARIES,
        DataItem.TAX_ARREARS, DataItem.COURT_JUDGMENTS, DataItem.ENFORCEMENT, DataItem.PENALTIES,
        DataItem.SOCIAL_RELIEF, DataItem.QUALIFICATIONS, DataItem.AWARDS,
        DataItem.PUBLIC_RECORD_SUMMARIES, DataItem.BUREAU_SCORES, DataItem.HOUSING_FUND,
    }
)  # fmt: skip
"""Income and behaviour CCRC does not hold."""


@dataclass(frozen=True, slots=True)
class Pboc:
    """PBOC Credit Reference Centre, second-generation personal report."""

    name: str
    client: SourceClient
    options: Options
    reasons: Mapping[str, str]
    password: str = field(repr=False)
    signer: MessageSigner | None = None
    verifier: MessageVerifier | None = None
    new_id: Callable[[], str] = _new_id
    items: frozenset[DataItem] = _ITEMS

    @property
    def slow_to_read(self) -> bool:
        """Checking a signature may take long: SM2 does (`consent.vault.sm2`)."""
        return self.verifier is not None

    async def fetch(self, permit: Permit, subject: Identity, *, at: datetime) -> RawAnswer:
        """Ask once for the whole report: CCRC knows no smaller slice.

        SourceRejectedAsk, before any socket, for a permit for another source, a purpose without
        a query reason or a document CCRC does not know.
        """
        if self.signer is None:
            sent = self.request(permit, subject, at=at)
        else:  # signing may take long, and a signing device answers over a wire
            sent = await asyncio.to_thread(self.request, permit, subject, at=at)
        return await self.client.post(self.options.path, sent, headers=_HEADERS)

    def request(self, permit: Permit, subject: Identity, *, at: datetime) -> bytes:
        """The bytes of the D101."""
        options = self.options
        reason = asking.reason(self.name, permit, self.reasons)
        id_type = _ID_TYPES.get(subject.id_type)
        if id_type is None:
            raise SourceRejectedAsk(self.name, "id_type_unknown", "to list A.2")
        header = Header(
            sender=options.sender_org,
            receiver=options.receiver_org,
            sent_at=at,
            message_type=REQUEST,
            message_id=self.new_id(),
        )
        ask = Ask(
            query_org=options.sender_org,
            user_code=options.user_code,
            password=self.password,
            originate_org=options.originate_org,
            originate_user=options.originate_user,
            name=subject.name,
            id_type=id_type,
            id_number=subject.id_number,
            reason=reason,
            service_code=options.service_code,
        )
        try:
            body = write_request(ask)
        except ValueError:  # lxml quotes nothing, but the cause would hold the text
            raise SourceRejectedAsk(self.name, "name_unwritable", "in XML") from None
        return frame.encode(header, body, self.signer)

    def read(self, raw: RawAnswer) -> Report | NoHit:
        """Open the frame, check who signed it, then read the message and the report; pure."""
        opened = frame.decode(self.name, raw.content)
        if self.verifier is not None:
            frame.check_signature(self.name, opened, self.verifier)
        answer = read_answer(self.name, opened)
        if answer.report is None:
            return NoHit(source=self.name, as_of=raw.received_at)
        return read_report(
            answer.report,
            source=self.name,
            received_at=raw.received_at,
            partial=answer.partial,
        )


def build(client: SourceClient, settings: SourceSettings) -> Pboc:
    """Make the connector; `ConfigError` when an option, secret or reason is wrong or missing."""
    try:
        options = Options.model_validate(dict(settings.options))
    except ValidationError as error:
        said = "; ".join(
            sorted(f"{w['loc'][0]}: {w['msg']}" for w in error.errors(include_input=False))
        )
        known = ", ".join(Options.model_fields)
        raise ConfigError(f"sources.{settings.name}.options: {said}; known: {known}") from None
    password = settings.secrets.get("password", "")
    if not password:
        raise ConfigError(f"sources.{settings.name}.secrets: no password")
    wrong = sorted(code for code in settings.reasons.values() if code not in _REASONS)
    if wrong:
        raise ConfigError(f"purposes: {', '.join(wrong)} is no query reason of {settings.name}")
    if client.attempts != 1:
        raise ConfigError(f"sources.{settings.name}.attempts: 1, a query leaves a footprint")
    signer, verifier = keys(
        f"sources.{settings.name}.options",
        options.signature,
        options.signing_key,
        options.verifying_key,
    )
    return Pboc(
        name=settings.name,
        client=client,
        options=options,
        reasons=dict(settings.reasons),
        password=password,
        signer=signer,
        verifier=verifier,
    )
