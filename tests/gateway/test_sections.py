"""gateway.sections: what seals what, and what a client without identity:read is not shown."""

import orjson
import pytest

from consent import canonical
from consent.vault.fields import FIELDS, FieldClass
from consent.vault.keys import KeyClass
from gateway.sections import SECTIONS, key_class, without_identities


@pytest.mark.parametrize("section", sorted(SECTIONS["full"]))
def test_every_section_has_a_key(section: str) -> None:
    """A section nobody classified would have no key to be sealed under."""
    assert key_class(section) in set(KeyClass)


def test_a_section_nobody_listed_is_refused() -> None:
    """A new section must be thought about first."""
    with pytest.raises(LookupError):
        key_class("surprise")


def test_without_the_role_nothing_says_who_it_is() -> None:
    """The employer in a contribution and the words of a court tell as much as a name does."""
    sections: dict[str, dict[str, object]] = {
        "identity": {"name": {"value": "甲CANARY"}, "sex": {"value": "CANARY"}},
        "contributions": {"contributions": [{"record": {"employer": "CANARY", "status": "paid"}}]},
        "public_records": {"records": [{"record": {"outcome": "CANARY", "kind": "judgment"}}]},
        "tradelines": {"lines": [{"annotations": {"value": [{"kind": "note", "text": "CANARY"}]}}]},
        "sources": {"lines": [{"outcome": "report"}]},
    }

    seen = without_identities({name: canonical.encode(body) for name, body in sections.items()})

    assert b"CANARY" not in b"".join(seen.values())
    assert orjson.loads(seen["identity"]) == {"name": {"value": "甲*"}}
    assert orjson.loads(seen["contributions"])["contributions"] == [
        {"record": {"employer": None, "status": "paid"}}
    ]
    assert orjson.loads(seen["sources"]) == sections["sources"]


WORDY = [
    (record, field)
    for record, fields in FIELDS.items()
    if record not in {"Identity", "IdDocument", "Phone", "Address", "Employment", "Report"}
    for field, found in fields.items()
    if found >= FieldClass.TEXT and field not in {"annotations", "transactions"}
]


@pytest.mark.parametrize(("record", "field"), WORDY)
def test_each_field_that_may_name_anyone_is_empty(record: str, field: str) -> None:
    """A list of words is as good as a word; what is nested has fields of its own in the table."""
    assert len(WORDY) >= 7
    for said in ("CANARY", [["claim", "CANARY"]]):
        body = canonical.encode({"records": [{"record": {field: said, "kind": record}}]})

        (seen,) = without_identities({"public_records": body}).values()
        assert b"CANARY" not in seen
        assert record.encode() in seen


def test_a_section_without_such_fields_keeps_its_bytes() -> None:
    """Nothing is parsed or written anew that need not be."""
    body = b'{"lines": [{"balance":1}]}'

    assert without_identities({"tradelines": body}) == {"tradelines": body}
