"""consent.artefact: everything a consent record must say, in one signed form."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from pydantic import ValidationError

from consent import canonical
from consent.artefact import Artefact, document, following, grant_of, read
from consent.decision import Frequency, State
from consent.lifecycle import Event
from consent.purposes import Purpose
from consent.subject import Scope
from tests.consent.given import ANNA, NOON, terms

# Where each mandatory field of ISO/IEC TS 27560:2023 stands in the artefact.
ISO_27560 = {
    "schema version": "schema",
    "record id": "id",
    "receipt id": "seq",  # a receipt is the record's id and the number of its event
    "pii principal id": "subject.ref",
    "privacy notice": "notice.sha256",
    "language": "notice.lang",
    "purpose": "purpose.text",
    "pii information": "scopes",
    "pii controllers": "controller",
    "storage locations": "storage_locations",
    "retention period": "retention",
    "jurisdiction": "jurisdiction",
    "recipient third parties": "recipients",
    "withdrawal method": "withdrawal_method",
    "pii type": "scopes",
    "party id": "controller.id",
    "party address": "controller.address",
    "party name": "controller.name",
    "party contact": "controller.contact",
    "party type": "controller.type",
    "event time": "status_at",
    "validity duration": "expires_at",
    "entity id": "status_reason.by",
    "event type": "status_reason.event",
    "event state": "status",
}


def artefact(**changed: Any) -> dict[str, Any]:
    return document(
        terms(**changed),
        id_=UUID(int=2),
        member="lender",
        subject=ANNA,
        meaning=Purpose(text="deciding on a loan", legal_basis="art. 18", scopes=frozenset(Scope)),
        at=NOON,
        by="lender",
    )


def signed(**changed: Any) -> Artefact:
    return read(canonical.encode(artefact(**changed)))


def test_every_mandatory_field_of_iso_27560_has_its_place(shared: Path) -> None:
    """An auditor can read our record as a 27560 record."""
    wanted = orjson.loads((shared / "vectors/consent/iso-27560-fields.json").read_bytes())
    found = artefact()

    assert set(wanted["mandatory"]) == set(ISO_27560)
    for path in ISO_27560.values():
        value: Any = found
        for step in path.split("."):
            value = value[step]
        assert value is not None


def test_the_order_of_sets_does_not_change_the_signed_bytes() -> None:
    """Sources and scopes are sets: two channels listing them differently agree."""
    one = artefact(sources=["pboc", "baihang"], scopes=["tradelines", "inquiries"])
    other = artefact(sources=["baihang", "pboc"], scopes=["inquiries", "tradelines"])

    assert canonical.encode(one) == canonical.encode(other)


def test_the_form_is_pinned() -> None:
    """If this digest moves, every receipt moves: write an ADR and raise the schema version."""
    assert signed().digest == ("801b3ec9b9d241f0818b3a5e3cc9dae51a7526eee4a218f8b6ab0d36c9c69a02")


def test_what_is_signed_reads_back() -> None:
    """The ledger believes the signed bytes, so they must say everything the terms said."""
    whole = signed(
        range={"from": "2024-01-01", "to": None},
        frequency={"unit": "day", "value": 2},
        not_before=NOON + timedelta(hours=1),
        separate_consents=["income_and_assets"],
        consequence_notice_version="v1",
        max_uses=3,
    )

    grant = grant_of(whole, used=1)
    assert grant.data_from == date(2024, 1, 1)
    assert grant.frequency == Frequency(timedelta(days=1), 2)
    assert grant.not_before == NOON + timedelta(hours=1)
    assert grant.separate_consents == {"income_and_assets"}
    assert (grant.max_uses, grant.used, grant.consequence_notice) == (3, 1, "v1")
    assert grant.scopes == {Scope.TRADELINES, Scope.INQUIRIES}


def test_a_following_document_changes_only_what_happened() -> None:
    """Pausing a consent must not rewrite what was agreed, and names the document before."""
    first = signed()
    paused = read(
        canonical.encode(
            following(
                first.payload,
                state=State.PAUSED,
                epoch=2,
                event=Event.PAUSE,
                at=NOON + timedelta(hours=1),
                by="subject",
            )
        )
    )

    assert (paused.state, paused.seq, paused.epoch) == (State.PAUSED, 2, 2)
    assert paused.terms == first.terms
    assert orjson.loads(paused.payload)["prev"] == first.digest


@pytest.mark.parametrize(
    "changed",
    [
        {"sources": []},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_at": "2026-03-31T12:00:00"},
        {"not_before": NOON + timedelta(days=31)},
        {"notice": {"id": "n", "version": "1", "lang": "zh", "sha256": "xyz"}},
        {"max_uses": -1},
        {"surprise": 1},
    ],
    ids=str,
)
def test_terms_that_say_nothing_definite_are_refused(changed: dict[str, object]) -> None:
    """No source, no scope, no zone, no hash: none of them may be read as something."""
    with pytest.raises(ValidationError):
        terms(**changed)


def test_one_time_means_one_use() -> None:
    """`fetch: ONETIME` is a limit of one, whatever `max_uses` says."""
    once = grant_of(signed(fetch="ONETIME", max_uses=5), used=0)

    assert once.max_uses == 1
