"""gateway.attributes.catalogue: versions side by side, and none of them ever changes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.attributes import Catalogue, Catalogues
from gateway.attributes.document import page
from gateway.attributes.measures import MEASURES
from gateway.merge import merge
from tests.gateway.attributes.borrower import BORROWER
from tests.gateway.reports import AT, CONFIG, SUBJECT, heard, table

ROOT = Path(__file__).resolve().parents[3]
CORE_1 = CONFIG.attributes.by_name["core/1"]

PUBLISHED = {"core/1": "c747a3540809220a29b6da8055ea76d7eb9dc2f60f0a525d1442e11e9d427743"}
"""The digest of every version ever published. A model relies on what its version means: if one of
these moves, do not change it here; put the definition back and make the change a new version."""


def changed(**facts: Any) -> Catalogue:
    """core/1 with another first attribute."""
    shipped = table("attributes/core-1.toml")
    family, *others = shipped["families"]
    first, *rest = family["attributes"]
    families = [{**family, "attributes": [{**first, **facts}, *rest]}, *others]
    return Catalogue.model_validate({**shipped, "families": families})


def test_published_versions_never_change() -> None:
    """A number that means another thing tomorrow makes yesterday's model wrong, silently."""
    shipped = {name: one.digest for name, one in CONFIG.attributes.by_name.items()}

    assert shipped == PUBLISHED


@pytest.mark.parametrize(
    "facts",
    [
        {"measure": "accounts"},
        {"formula": "something else"},
        {"given": {"of": "cards"}},
        {"unit": "bp"},
        {"scopes": ["inquiries"]},
    ],
)
def test_a_changed_meaning_moves_the_digest(facts: dict[str, Any]) -> None:
    """Whatever of it changes."""
    assert changed(**facts).digest != CORE_1.digest


def test_a_changed_selection_moves_the_digest() -> None:
    """What cards are is part of what every attribute of cards means."""
    shipped = table("attributes/core-1.toml")
    cards = {**shipped["accounts"]["cards"], "kinds": ["credit_card"]}
    other = {**shipped, "accounts": {**shipped["accounts"], "cards": cards}}

    assert Catalogue.model_validate(other).digest != CORE_1.digest


def test_the_page_is_that_of_the_catalogue() -> None:
    """Made again by `creditgate attributes > docs/attributes.md`."""
    assert (ROOT / "docs/attributes.md").read_text() == page(CORE_1)


def test_every_measure_is_asked_for() -> None:
    """One that no catalogue names is tested by nobody's attribute."""
    asked = {one.measure for one in CORE_1.attributes}

    assert MEASURES.keys() == asked


def test_versions_stand_side_by_side() -> None:
    """The same reports, one version or the other; the profile says which."""
    two = Catalogue.model_validate({**table("attributes/core-1.toml"), "catalogue": "core/2"})
    config = replace(CONFIG, attributes=Catalogues.of((CORE_1, two), "core/1"))
    told = [heard("pboc", *(one for one in BORROWER if one.source == "pboc"))]

    usual = merge(told, SUBJECT, config, at=AT, jurisdiction="CN").attributes
    pinned = merge(
        told, SUBJECT, config, at=AT, jurisdiction="CN", attribute_set="core/2"
    ).attributes

    assert usual is not None
    assert pinned is not None
    assert (usual.catalogue, pinned.catalogue) == ("core/1", "core/2")
    assert usual.values == pinned.values


def test_a_version_is_there_once() -> None:
    """Two files of one name would be two meanings of it."""
    with pytest.raises(ValueError, match="each version of a catalogue once"):
        Catalogues.of((CORE_1, CORE_1), "core/1")
    with pytest.raises(ValueError, match=r"no catalogue 'core/9'; known: core/1"):
        Catalogues.of((CORE_1,), "core/9")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"given": {"of": "cars"}}, r"no selection 'cars'; known: all, "),
        ({"given": {"window": "30"}}, r"no window '30'; expected days as 30d"),
        ({"measure": "max_dpd", "given": {"window": "30d"}}, r"max_dpd takes months, \[of\], not"),
        ({"measure": "accounts_in", "given": {"statuses": ["late"]}}, r"accounts_in.statuses: "),
        ({"name": "open_{of}"}, r"nothing is given for 'of'"),
        ({"inputs": []}, r"inputs"),
    ],
)
def test_a_definition_that_cannot_be_measured_stops_the_start(
    facts: dict[str, Any], said: str
) -> None:
    """With what would have been right, not at the first borrower."""
    with pytest.raises(ValidationError, match=said):
        changed(**facts)
