"""gateway.rebuild: a profile is merged again by what its snapshot was merged by."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from connectors.http import RawAnswer
from connectors.records import Tradeline
from consent.identity import Identity
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
