"""Everything but accounts and summaries: one function for each unit, in the report's order.

A unit that lacks what its record cannot be without (an address its text, an inquiry its date)
makes no record but an issue.
"""

from typing import Any

from connectors.money import Month, PartialDate
from connectors.records import (
    Address,
    Annotation,
    BureauScore,
    Contribution,
    CreditAgreement,
    Employment,
    IdDocument,
    Identity,
    Inquiry,
    InquiryKind,
    IssueKind,
    Liability,
    Phone,
    Postpaid,
    PublicRecord,
    Statement,
    Tradeline,
)
from connectors.sources.pboc import dictionary
from connectors.sources.pboc.accounts import Accounts, annotations, code_in, currency_in, rows_of
from connectors.sources.pboc.values import (
    CODES,
    NO_KEY,
    Key,
    Raw,
    Reading,
    plan,
    read_of,
)
from connectors.sources.pboc.walk import Element, Walk

_TYPES = CODES.words("A.19")
_BORROWERS = CODES.words("A.1")
_POSTPAID = CODES.words("A.45")
_INQUIRIES = {code: InquiryKind(word) for code, word in CODES.words("A.4-KIND").items()}
_INQUIRY = dictionary.group("POQ/PH01")
_SYMBOLS = CODES.words("A.49")
_MONTHS_KEPT = 24

PUBLIC_RECORDS = {
    "PF01": "tax_arrears",
    "PF02": "civil_judgment",
    "PF03": "enforcement",
    "PF04": "penalty",
    "PF06": "relief",
    "PF07": "licence",
    "PF08": "award",
}

Parts = dict[str, Element]


class Units:
    """Reads units of one report; `walk` counts what it takes, `reading` says what was odd."""

    __slots__ = ("_accounts", "reading", "source", "today", "walk")

    def __init__(self, walk: Walk, reading: Reading) -> None:
        self.walk = walk
        self.reading = reading
        self.source = reading.source
        self.today = reading.today
        self._accounts = Accounts(walk, reading)

    def _fields(
        self, element: Element | None, path: str, *expected: str, key: Key = NO_KEY
    ) -> dict[str, Any]:
        """The fields of the container at `path`, with None for the `expected` ones not said."""
        return self._typed(self._raw(element, path), path, *expected, key=key)

    def _raw(self, element: Element | None, path: str) -> Raw:
        return self.walk.leaves(element, dictionary.group(path))

    def _typed(self, raw: Raw, path: str, *expected: str, key: Key = NO_KEY) -> dict[str, Any]:
        read: dict[str, Any] = {}
        self.reading.into(read, raw, plan(path, key))
        return dict.fromkeys(expected) | read

    def _notes(self, parts: Parts, path: str) -> tuple[Annotation, ...]:
        return annotations(self.walk, self.reading, parts.get(path[-5:]), path)

    def _missing(self, tag: str, what: str) -> None:
        self.reading.issues.add(IssueKind.MISSING, tag, what)

    def identity(self, header: Parts, basic: Parts, marriage: Element | None) -> Identity:
        """PA01B and C, PB01A and PB02: who the report is about."""
        asked = self._fields(header.get("PA01B"), "PRH/PA01/PA01B", "name")
        others = rows_of(self.walk, self.reading, header.get("PA01C"), "PRH/PA01/PA01C")
        documents = [document for each in (asked, *others) if (document := _document(each))]
        fields = self._fields(basic.get("PB01A"), "PIM/PB01/PB01A")
        spouse = self._fields(marriage, "PMM/PB02")
        return Identity(
            source=self.source,
            record_id="PRH/PA01",
            as_of=self.today,
            name=asked["name"],
            documents=tuple(documents),
            spouse_document=_document(spouse),
            **fields,
            **spouse,
        )

    def fraud_alert(self, segment: Element, record_id: str) -> Statement | None:
        """PA01D: the subject asked lenders to be wary of fraud; None unless the flag says so."""
        group = dictionary.group("PRH/PA01/PA01D")
        raw = self.walk.leaves(segment, group)
        said: dict[str, Any] = {
            tag: self.reading.one(tag, raw.get(tag), read_of(leaf))
            for tag, leaf in group.leaves.items()
        }
        if said["PA01DQ01"] != "yes":
            return None
        notes = [
            Annotation(kind="fraud_alert", text=said["PA01DQ02"], added=said["PA01DR01"]),
            Annotation(kind="fraud_alert_end", text=None, added=said["PA01DR02"]),
        ]
        return Statement(
            source=self.source,
            record_id=record_id,
            as_of=self.today,
            object_type="report",
            object_id="fraud_alert",
            annotations=tuple(notes if said["PA01DR02"] is not None else notes[:1]),
        )

    def phones(self, segment: Element, record_id: str) -> list[Phone]:
        """PB01B: mobile numbers, each with the day it was reported."""
        rows = rows_of(self.walk, self.reading, segment, "PIM/PB01/PB01B")
        return [
            Phone(
                source=self.source,
                record_id=f"{record_id}/PB01BH[{n}]",
                as_of=row.get("as_of") or self.today,
                number=row["number"],
            )
            for n, row in enumerate(rows, 1)
            if row.get("number") is not None
        ]

    def address(self, unit: Element, record_id: str) -> Address | None:
        """PB03: where the subject lives or lived."""
        fields = self._fields(unit, "PRM/PB03")
        if fields.get("text") is None:
            self._missing("PB030Q01", "an address without its text")
            return None
        return Address(**self._stamped(fields, record_id))

    def employment(self, unit: Element, record_id: str) -> Employment:
        """PB04: where the subject works or worked."""
        return Employment(**self._stamped(self._fields(unit, "POM/PB04", "employer"), record_id))

    def _stamped(self, fields: dict[str, Any], record_id: str) -> dict[str, Any]:
        """`fields` with what every record has; `as_of` as reported, else the report's day."""
        stamp = {"source": self.source, "record_id": record_id}
        return {**fields, **stamp, "as_of": fields.get("as_of") or self.today}

    def score(self, unit: Element, record_id: str) -> BureauScore:
        """PC01: the bureau's own score, 0 to 985, with its factors."""
        group = dictionary.group("PSM/PC01")
        raw = self.walk.leaves(unit, group)
        fields = self._typed({**raw, "PC010D01": None}, "PSM/PC01", "value", "percentile")
        texts = [leaf.text for leaf in unit.iterchildren("PC010D01")]
        self.walk.taken += max(len(texts) - 1, 0)  # `leaves` took one of them
        self.walk.counted(raw, "PC010D01", len(texts))
        read = read_of(group.leaves["PC010D01"])
        factors = [self.reading.one("PC010D01", text, read) for text in texts]
        return BureauScore(
            source=self.source,
            record_id=record_id,
            as_of=self.today,
            product="digital_interpretation",
            factors=tuple(factor for factor in factors if factor is not None),
            **fields,
        )

    def agreement(self, unit: Element, record_id: str) -> CreditAgreement:
        """PD02: a credit line agreed with a lender."""
        parts = self.walk.parts(unit, dictionary.group("PCA/PD02"))
        raw = self._raw(parts.get("PD02A"), "PCA/PD02/PD02A")
        key = Key(currency=currency_in(raw, "PD02AD03"))
        fields = self._typed(
            raw, "PCA/PD02/PD02A", "lender", "lender_type", "agreement_ref", "purpose", "status",
            "currency", "amount", "used", "limit", "effective", "expires", key=key,
        )  # fmt: skip
        return CreditAgreement(
            **self._stamped(fields, record_id), annotations=self._notes(parts, "PCA/PD02/PD02Z")
        )

    def account(self, unit: Element, record_id: str) -> Tradeline | None:
        """PD01: a credit account, the bulk of a report."""
        return self._accounts.tradeline(unit, record_id)

    def liability(self, unit: Element, record_id: str) -> Liability:
        """PD03: what the subject owes if somebody else does not pay."""
        parts = self.walk.parts(unit, dictionary.group("PCR/PD03"))
        raw = self._raw(parts.get("PD03A"), "PCR/PD03/PD03A")
        account_type = code_in(raw, "PD03AD06")
        key = Key(
            account_type=account_type if account_type in _TYPES else "",
            currency=currency_in(raw, "PD03AD04"),
            borrower=_BORROWERS.get(code_in(raw, "PD03AD08"), ""),
        )
        fields = self._typed(
            raw, "PCR/PD03/PD03A", "lender", "lender_type", "borrower_category", "role",
            "product", "opened", "matures", "currency", "liability", "balance", "five_class",
            "account_kind", "payment_status", "overdue_months", key=key,
        )  # fmt: skip
        return Liability(
            **self._stamped(fields, record_id), annotations=self._notes(parts, "PCR/PD03/PD03Z")
        )

    def postpaid(self, unit: Element, record_id: str) -> Postpaid:
        """PE01: a post-paid service with 24 months of payment."""
        parts = self.walk.parts(unit, dictionary.group("PND/PE01"))
        raw = self._raw(parts.get("PE01A"), "PND/PE01/PE01A")
        kind = code_in(raw, "PE01AD01")
        fields = self._typed(
            raw, "PND/PE01/PE01A", "account_type", "provider", "service", "opened", "status",
            "arrears", "month", "grid", key=Key(account_type=kind if kind in _POSTPAID else ""),
        )  # fmt: skip
        fields["grid"] = self._symbols(fields["grid"], fields["month"])
        return Postpaid(
            **self._stamped(fields, record_id), annotations=self._notes(parts, "PND/PE01/PE01Z")
        )

    def _symbols(self, text: str | None, last: Month | None) -> tuple[tuple[Month, str], ...]:
        """One symbol a month, the last one for `last`; newest first (list A.49)."""
        if text is None:
            return ()
        if last is None or len(text) > _MONTHS_KEPT:
            self.reading.issues.bad_value("PE01AQ02", text, "24 months up to PE01AR02")
            return ()
        found = []
        for back, symbol in enumerate(reversed(text)):
            if symbol in _SYMBOLS:
                found.append((last.plus(-back), _SYMBOLS[symbol]))
            else:
                self.reading.issues.code_of("PE01AQ02", symbol, "")
        return tuple(found)

    def public_record(self, unit: Element, record_id: str) -> PublicRecord:
        """PF01 to PF04 and PF06 to PF08: what courts, tax and other authorities say."""
        chapter, name = record_id.partition("[")[0].split("/")
        base = f"{chapter}/{name}"
        parts = self.walk.parts(unit, dictionary.group(base))
        fields = self._fields(
            parts.get(f"{name}A"), f"{base}/{name}A",
            "authority", "subject_matter", "amount", "filed", "ended", "status",
        )  # fmt: skip
        details = [  # in the order of the dictionary, whatever that of the report
            (step.field.removeprefix("details."), fields.pop(step.field, None))
            for step in plan(f"{base}/{name}A").steps.values()
            if step.field.startswith("details.")
        ]
        return PublicRecord(
            **self._stamped(fields, record_id),
            kind=PUBLIC_RECORDS[name],
            details=tuple((field, text) for field, text in details if text is not None),
            annotations=self._notes(parts, f"{base}/{name}Z"),
        )

    def contribution(self, unit: Element, record_id: str) -> Contribution:
        """PF05: housing fund paid for the subject."""
        parts = self.walk.parts(unit, dictionary.group("PHF/PF05"))
        fields = self._fields(
            parts.get("PF05A"), "PHF/PF05/PF05A", "status", "employer", "region", "enrolled",
            "first_paid", "paid_to", "monthly_amount",
        )  # fmt: skip
        return Contribution(
            **self._stamped(fields, record_id),
            kind="housing_fund",
            annotations=self._notes(parts, "PHF/PF05/PF05Z"),
        )

    def statement(self, unit: Element, record_id: str) -> Statement:
        """PG01: a remark on the report or on a block of it."""
        group = dictionary.group("POS/PG01")
        raw = self.walk.leaves(unit, group)
        fields = self._typed(raw, "POS/PG01", "object_type", "object_id")
        rows = self.walk.rows(unit, group, "PG010H", raw)
        notes = []
        for row in rows:
            note = self._typed(row, "POS/PG01/PG010H", "kind", "text", "added")
            note["kind"] = note["kind"] or "other"
            notes.append(Annotation(**note))
        return Statement(**self._stamped(fields, record_id), annotations=tuple(notes))

    def inquiry(self, unit: Element, record_id: str) -> Inquiry | None:
        """PH01: somebody asked; a reason we do not know is kept as `unknown`, kind other."""
        raw = self.walk.leaves(unit, _INQUIRY)
        fields: dict[str, Any] = {}
        self.reading.into(fields, raw, plan("POQ/PH01"))
        on: PartialDate | None = fields.get("on")
        if on is None:
            return None  # required: already an issue
        return Inquiry(
            source=self.source,
            record_id=record_id,
            as_of=self.today,
            on=on,
            kind=_INQUIRIES.get(code_in(raw, "PH010Q03"), InquiryKind.OTHER),
            reason=fields.get("reason") or "unknown",
            institution=fields.get("institution"),
            institution_type=fields.get("institution_type"),
        )


def _document(fields: dict[str, Any]) -> IdDocument | None:
    """Take a document out of `fields`; one without a number is none."""
    kind, number = fields.pop("type", None), fields.pop("number", None)
    return None if number is None else IdDocument(type=kind or "UNKNOWN", number=number)
