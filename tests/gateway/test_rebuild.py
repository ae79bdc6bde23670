"""gateway.rebuild: a profile is merged again by what its snapshot was merged by."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from connectors.http import RawAnswer
from connectors.records import Report, Tradeline
from consent.identity import Identity
from gateway.attributes import Catalogues
from gateway.evidence import READER_FAILED
from gateway.merge import merge
from gateway.profile import Outcome
from gateway.rebuild import Gathered, Rules, handed, rebuild
from gateway.store.inputs import Inputs, RawRef, Told
from tests.gateway.reports import ALL, AT, CONFIG, SUBJECT, loan, report

RAW = RawAnswer(b"{}", AT, 200)


def test_the_rules_of_the_consents_jurisdiction_apply_again() -> None:
    """Merged by those of another one, a replay differs and what is shown later is another file."""
    lines = {
        "pboc": loan("pboc", five_class="loss", as_of=date(2026, 1, 31)),
        "baihang": loan("baihang", five_class="normal"),
    }
    profiles = {code: again(lines, SUBJECT, code) for code in ("CN", "XX")}

    assert profiles["CN"] != profiles["XX"]


def test_the_catalogue_that_was_asked_for_is_computed_again() -> None:
    """A model pins one; what the configuration names for those who do not is another."""
    one = CONFIG.attributes.default
    two = one.model_copy(update={"catalogue": "core/2", "attributes": one.attributes[::-1]})
    both = replace(CONFIG, attributes=Catalogues.of((one, two), "core/1"))
    inputs = Inputs(at=AT, identity=UUID(int=2), jurisdiction="CN", told=(), attribute_set="core/2")

    found = rebuild(Gathered(inputs, SUBJECT, {}), Rules(both, {})).attributes

    assert found is not None
    assert found.catalogue == "core/2"


def test_a_defect_of_a_reader_costs_its_source() -> None:
    """As it did when the answer came: the others are merged, and the line says what happened."""

    def defective(_: object) -> Report:
        raise ZeroDivisionError

    told = tuple(
        Told(
            source=source,
            outcome=Outcome.REPORT,
            scopes=ALL,
            latency_ms=1,
            raw=RawRef.of(UUID(int=1), RAW),
        )
        for source in ("baihang", "pboc")
    )
    inputs = Inputs(
        at=AT, identity=UUID(int=2), jurisdiction="CN", told=told, attribute_set="core/1"
    )
    gathered = Gathered(inputs, SUBJECT, dict.fromkeys(("baihang", "pboc"), RAW.content))
    rules = Rules(
        CONFIG, {"baihang": lambda _: report("baihang", loan("baihang")), "pboc": defective}
    )

    lines = [(one.line.outcome, one.line.reason) for one in handed(gathered, rules)]
    assert lines == [(Outcome.REPORT, None), (Outcome.BROKE_CONTRACT, READER_FAILED)]


def again(lines: dict[str, Tradeline], subject: Identity, code: str) -> object:
    """The tradelines merged again, seen to be those of a merge in that jurisdiction."""
    told = tuple(
        Told(
            source=source,
            outcome=Outcome.REPORT,
            scopes=ALL,
            latency_ms=1,
            raw=RawRef.of(UUID(int=1), RAW),
        )
        for source in lines
    )
    inputs = Inputs(
        at=AT, identity=UUID(int=2), jurisdiction=code, told=told, attribute_set="core/1"
    )
    gathered = Gathered(inputs, subject, dict.fromkeys(lines, RAW.content))
    both = replace(CONFIG, person=dict.fromkeys(("CN", "XX"), CONFIG.person["CN"]))
    readers = {source: lambda _, s=source: report(s, lines[s]) for source in lines}
    rules = Rules(both, readers)
    found = rebuild(gathered, rules)

    assert found == merge(
        handed(gathered, rules), subject, both, at=AT, jurisdiction=code, attribute_set="core/1"
    )
    return found.tradelines
