"""gateway.merge.disputes: what is disputed says so wherever it is shown or counted."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from connectors.records import Annotation, PublicRecord
from consent import canonical
from gateway.profile import BorrowerProfile, to_sections
from gateway.profile.concluded import Evidence
from gateway.sections import without_identities
from tests.gateway.reports import card, cny, lines_of, loan, pulled

DISPUTE = Annotation(kind="dispute", text="异议", added=None)
STATEMENT = Annotation(kind="subject_statement", text="本人声明", added=None)
MINE = Evidence("pboc", "R-pboc", "C1")


def marks(profile: BorrowerProfile) -> dict[str, tuple[Evidence, ...]]:
    """What each attribute and signal says of disputed records."""
    assert profile.attributes is not None
    assert profile.signals is not None
    disputed = {one.id: one.disputed for one in profile.attributes.bases}
    return {
        **{one.name: disputed.get(one.basis or "", ()) for one in profile.attributes.values},
        **{one.id: one.disputed for one in profile.signals.results},
    }


def bases(profile: BorrowerProfile) -> dict[str, tuple[Evidence, ...]]:
    """What each of them rests on."""
    assert profile.attributes is not None
    assert profile.signals is not None
    section = profile.attributes
    return {
        **{one.name: section.evidence(one.name) for one in section.values},
        **{one.id: one.basis for one in profile.signals.results},
    }


def test_a_disputed_account_says_so_on_every_number_it_is_in() -> None:
    """Whoever decides by an attribute learns that the subject contests what it rests on."""
    profile = pulled(card(annotations=(DISPUTE, STATEMENT), past_due=cny(900)), loan())

    by_id = {line.id: line for line in lines_of(profile)}
    assert by_id["pboc:C1"].disputed == (MINE,)
    assert by_id["pboc:A1"].disputed == ()
    assert [one.value for one in by_id["pboc:C1"].annotations] == [DISPUTE, STATEMENT]
    told = marks(profile)
    assert told["overdue_accounts_now"] == (MINE,)
    assert told == {
        name: tuple(one for one in basis if one == MINE) for name, basis in bases(profile).items()
    }


def test_without_a_dispute_nothing_is_marked() -> None:
    """A subject's statement alone is no dispute, and an unmarked thing has no field for it."""
    profile = pulled(card(annotations=(STATEMENT,)), loan())

    assert not any(marks(profile).values())
    assert b'"disputed":' not in canonical.encode(to_sections(profile))


def test_a_disputed_judgment_keeps_its_statement() -> None:
    """Public records too: the mark stands beside the record, the words stay in it."""
    record = PublicRecord(
        source="pboc", record_id="F1", as_of=date(2026, 3, 1), kind="civil_judgment",
        authority=None, subject_matter=None, amount=None, filed=None, ended=None, status=None,
        annotations=(DISPUTE, STATEMENT),
    )  # fmt: skip

    profile = pulled(record)

    assert profile.public_records is not None
    (stated,) = profile.public_records.records
    assert stated.disputed == (Evidence("pboc", "R-pboc", "F1"),)
    assert stated.record.annotations == (DISPUTE, STATEMENT)


def test_the_mark_stays_for_a_client_without_identities() -> None:
    """The words of a dispute may name anyone and go; that there is one does not."""
    profile = pulled(card(annotations=(DISPUTE,)))
    sections = {k: canonical.encode(v) for k, v in to_sections(profile).items()}

    seen = without_identities(sections)["tradelines"]

    assert "异议".encode() not in seen
    assert b'"disputed":["pboc/R-pboc/C1"]' in seen
    assert b'"kind":"dispute"' in seen


@given(st.lists(st.booleans(), min_size=1, max_size=4))
def test_what_is_marked_is_what_is_disputed(which: list[bool]) -> None:
    """Of each number exactly those records of its basis, in whatever company."""
    records = [
        card(record_id=f"C{n}", annotations=(DISPUTE,) if contested else ())
        for n, contested in enumerate(which)
    ]
    contested = {f"C{n}" for n, one in enumerate(which) if one}

    profile = pulled(*records)

    for name, basis in bases(profile).items():
        assert marks(profile)[name] == tuple(one for one in basis if one.record_id in contested)
