"""Reports of absurd values (tests.gateway.extremes): no source can fail the pull of the others."""

import dataclasses
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import chain
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from rich.console import Console

from connectors.records import (
    RECORD_TYPES,
    Income,
    LoanPurpose,
    Login,
    PublicRecord,
    Record,
    RegionIndex,
    Statement,
    Tradeline,
)
from consent import canonical
from consent.subject import Scope
from consent.vault.fields import FIELDS, FieldClass
from gateway.cli import page
from gateway.past.explain import explain
from gateway.past.history import changes
from gateway.past.pointing import escaped
from gateway.past.said import Sayings
from gateway.past.witness import Explanation
from gateway.profile import BorrowerProfile, Heard, encoded
from gateway.profile.concluded import Evidence
from gateway.reply import visible
from tests.gateway.extremes import Absurd, merged

MIXTURES: Sequence[tuple[type[Record], ...]] = (
    RECORD_TYPES,
    (Tradeline,),
    (PublicRecord, Statement),
    (Income, Login, LoanPurpose, RegionIndex),
)
SECRET = "秘示例某人的秘密密"
PROFILE, EXPLANATION = TypeAdapter(BorrowerProfile), TypeAdapter(Explanation)

absurd = st.builds(Absurd, st.randoms(use_true_random=True))
heard = st.builds(Absurd.heard, absurd, st.sampled_from(MIXTURES))


def plain(sections: dict[str, bytes]) -> dict[str, Any]:
    return {name: orjson.loads(body) for name, body in sections.items()}


def evidence_in(node: Any) -> Iterator[str]:
    """All the evidence a profile names."""
    if isinstance(node, list):
        yield from chain(*map(evidence_in, node))
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in {"basis", "records", "disputed"} and isinstance(value, list):
                yield from (one for one in value if isinstance(one, str))
            elif name in {"evidence", "one", "other"}:
                yield value
            yield from evidence_in(value)


@given(heard, st.randoms(use_true_random=True))
def test_a_profile_says_the_same_of_any_order_and_read_again(told: list[Heard], rng: Any) -> None:
    """It has its one form in JSON, is what that form says, and cites nothing but records told."""
    sections = encoded(merged(told))
    shuffled = [
        dataclasses.replace(
            one,
            report=one.report
            and dataclasses.replace(
                one.report, records=tuple(rng.sample(one.report.records, len(one.report.records)))
            ),
        )
        for one in rng.sample(told, len(told))
    ]
    known = {
        str(Evidence(report.source, report.report_id, record.record_id))
        for report in (one.report for one in told)
        if report
        for record in report.records
    }

    assert encoded(merged(shuffled)) == sections
    again = PROFILE.validate_json(
        orjson.dumps({name: orjson.Fragment(body) for name, body in sections.items()})
    )
    assert encoded(again) == sections
    assert set(evidence_in(plain(sections))) <= known


@given(heard, heard, st.randoms(use_true_random=True))
def test_a_profile_can_be_explained_compared_and_printed(
    told: list[Heard], later: list[Heard], rng: Any
) -> None:
    """What was pulled once is asked about for years."""
    seen, after = (plain(encoded(merged(one))) for one in (told, later))
    says = Sayings(told, identified=True)
    paths = [
        f"/{section}/{name}/{place}"
        for section, body in seen.items()
        for name, items in body.items()
        if isinstance(items, list) and name != "bases"
        for place in range(len(items))
    ]
    paths += [f"/identity/{name}" for name, one in seen["identity"].items() if "basis" in one]
    for place, line in enumerate(seen["tradelines"]["lines"]):
        path = f"/tradelines/lines/{place}"
        named = explain(seen, f"/tradelines/lines/{escaped(line['id'])}", told=says, definitions={})
        assert named.path == path
        paths += [f"{path}/{name}" for name, one in line.items() if "basis" in (one or ())]

    for path in rng.sample(paths, 10):  # an explanation looks for disputes all over its section
        found = explain(seen, path, told=says, definitions={})
        assert found.path == path
        canonical.encode(EXPLANATION.dump_python(found, mode="json"))
    assert changes(seen, seen) == ()
    assert (changes(seen, after) == ()) is (changes(after, seen) == ())
    snapshot = {"id": "s", "at": "2026-03-17T04:00:00.000000Z"}
    head = {"snapshot": snapshot, "subject": "s", "purpose": "p", "consent": {"id": "c"}}
    page.draw(Console(file=StringIO(), width=120), {**head, "scopes": [], "profile": seen})


def hidden(one: Any) -> Any:
    """The same record with the secret in each field whose text may say who somebody is."""
    if isinstance(one, tuple):
        return tuple(map(hidden, one))
    if not dataclasses.is_dataclass(one) or isinstance(one, type):
        return one
    classes = FIELDS.get(type(one).__name__, {})
    new = {}
    for name in (field.name for field in dataclasses.fields(one)):
        value = getattr(one, name)
        words = isinstance(value, str) and classes.get(name, 0) >= FieldClass.TEXT
        new[name] = SECRET if words and name != "type" else hidden(value)
    return dataclasses.replace(one, **new)


@given(heard, st.sets(st.sampled_from(Scope)))
def test_a_client_without_names_is_told_none(told: list[Heard], scopes: set[Scope]) -> None:
    """Whatever the source wrote in their place, and whatever part of it may be seen."""
    secret = [
        dataclasses.replace(
            one,
            report=one.report
            and dataclasses.replace(one.report, records=hidden(one.report.records)),
        )
        for one in told
    ]
    whole = frozenset(Scope)
    for covered in (whole, frozenset(scopes)):
        seen = visible(encoded(merged(secret)), covered, whole=whole, identified=False)
        assert SECRET not in b"".join(seen.values()).decode()


@pytest.mark.parametrize("name", ["a/b", "%2F", "a%2Fb", "%25/", "%"])
def test_two_reports_never_have_one_evidence(name: str) -> None:
    """A report id is the source's to choose, also with the signs its slashes are escaped by."""
    one = Evidence("pboc", name, "a/b")

    assert Evidence.parse(str(one)) == one
