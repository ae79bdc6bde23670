"""gateway.merge.whose: a report that may be about somebody else, and what of it is merged."""

from dataclasses import replace

import pytest

from connectors.records import (
    Address,
    IdDocument,
    Identity,
)
from consent.subject import Scope
from gateway.merge import merge
from gateway.plans import Plan
from gateway.profile import Heard, Outcome, Verdict
from gateway.resolve.judged import Judgements, Whose
from tests.gateway.reports import (
    AT,
    CONFIG,
    SUBJECT,
    TODAY,
    heard,
    inquiry,
    lines_of,
    loan,
    merged,
    metric,
    phone,
    who,
)


def test_somebody_elses_report_is_set_aside_whole() -> None:
    """Nothing of it is in the profile, and the caller sees that."""
    other = who(
        "pboc", name="丙辰溪", documents=(IdDocument(type="CN_RIC", number="999999199001010024"),)
    )
    profile = merged(
        heard("pboc", other, loan("pboc"), phone("10000000000"), metric("pboc", "x", 1)),
        heard("baihang"),
    )

    assert profile.sources is not None
    assert profile.identity is not None
    assert profile.inquiries is not None
    baihang, pboc = profile.sources.lines
    assert lines_of(profile) == ()
    assert profile.identity.phones == ()
    assert profile.inquiries.metrics == ()
    assert (baihang.quarantined, pboc.quarantined) == (False, True)
    assert (pboc.outcome, pboc.reason) == (Outcome.REPORT, "identity_mismatch")
    assert pboc.judgement is not None
    assert pboc.judgement.verdict is Verdict.MISMATCH


def test_a_doubtful_report_is_not_merged_either() -> None:
    """Review means a person must look; until then it is not the subject's."""
    doubtful = who("pboc", name="丙辰溪", birth_date=None)
    profile = merged(heard("pboc", doubtful, loan("pboc")))

    assert profile.sources is not None
    assert lines_of(profile) == ()
    assert profile.sources.lines[0].reason == "identity_review"


DOUBTFUL = who("pboc", name="丙辰溪", birth_date=None)
OTHERS = who("pboc", name="丙辰溪", documents=(IdDocument(type="CN_RIC", number="x"),))
PLAN = Plan(
    name="careless",
    sources=("pboc",),
    scopes=(Scope.TRADELINES, Scope.INQUIRIES),
    deadline_ms=1_000,
    review_scopes=(Scope.INQUIRIES,),
)


def test_of_a_report_under_review_only_what_the_plan_allows_is_merged() -> None:
    """The line says so, and what was not merged counts as unknown, not as nothing."""
    home = Address(source="pboc", record_id="H1", as_of=TODAY, text="示例市云山区虚构路1号")
    told = heard("pboc", DOUBTFUL, loan("pboc"), inquiry("pboc"), home)
    profile = merge([told], SUBJECT, CONFIG, at=AT, jurisdiction="CN", plan=PLAN)

    assert profile.sources is not None
    assert profile.inquiries is not None
    assert profile.identity is not None
    assert profile.attributes is not None
    (line,) = profile.sources.lines
    assert (line.quarantined, line.reason) == (True, "identity_review")
    assert line.merged_under_review == (Scope.INQUIRIES,)
    assert profile.sources.plan == "careless"
    assert [one.records[0].source for one in profile.inquiries.inquiries] == ["pboc"]
    assert (lines_of(profile), profile.identity.addresses) == ((), ())
    missing = {one.name: one.missing for one in profile.attributes.values}
    assert missing["open_tradelines"] == "no_source"
    assert missing["hard_inquiries_30d"] is None


def test_nothing_is_said_to_be_merged_that_was_not_asked_for() -> None:
    """The plan allows inquiries; this source was asked for accounts alone."""
    told = heard("pboc", DOUBTFUL, loan("pboc"), scopes=(Scope.TRADELINES,))
    profile = merge([told], SUBJECT, CONFIG, at=AT, jurisdiction="CN", plan=PLAN)

    assert profile.sources is not None
    assert profile.sources.lines[0].merged_under_review == ()


@pytest.mark.parametrize(
    ("identity", "ruling"), [(OTHERS, None), (DOUBTFUL, False)], ids=["mismatch", "ruled out"]
)
def test_no_plan_merges_a_mismatch_or_what_was_ruled_out(
    identity: Identity, *, ruling: bool | None
) -> None:
    """A plan weighs a doubt; it cannot make somebody else's report the subject's."""
    told = heard("pboc", identity, inquiry("pboc"))
    assert told.report is not None
    said = () if ruling is None else (Whose("pboc", told.report.report_id, ruling),)
    rulings = Judgements(reports=said)
    profile = merge(
        [told], SUBJECT, CONFIG, at=AT, jurisdiction="CN", plan=PLAN, judgements=rulings
    )

    assert profile.sources is not None
    assert profile.inquiries is not None
    assert profile.sources.lines[0].merged_under_review == ()
    assert profile.inquiries.inquiries == ()


def test_a_judgement_made_before_the_scopes_were_cut_holds() -> None:
    """Without its identity records a report would say nothing against the subject."""
    other = heard("pboc", who("pboc", documents=(IdDocument(type="CN_RIC", number="x"),)))
    judged = merged(other).sources
    assert judged is not None
    told = heard("pboc", loan("pboc"), judgement=judged.lines[0].judgement)
    assert told.report is not None
    cut = tuple(r for r in told.report.records if r.record_id != "ID")

    assert lines_of(merged(Heard(told.line, replace(told.report, records=cut)))) == ()


def test_a_person_decides_about_a_report_that_was_set_aside() -> None:
    """Its records come in; what the facts say is still shown, and that a person decided."""
    doubtful = who("pboc", name="丙辰溪", birth_date=None)
    told = heard("pboc", doubtful, loan("pboc"))
    said = Judgements(reports=(Whose("pboc", "R-pboc", subject=True),))
    profile = merge([told], SUBJECT, CONFIG, at=AT, jurisdiction="CN", judgements=said)

    assert len(lines_of(profile)) == 1
    assert profile.sources is not None
    (line,) = profile.sources.lines
    assert line.judgement is not None
    assert (line.quarantined, line.rule) == (False, "judged/1")
    assert line.judgement.verdict is Verdict.REVIEW
