"""Is each report about the subject, and what of it goes into the profile? Step (a) of a merge.

The facts say (`resolve.person`), a person's ruling says otherwise, and what stays in doubt is left
out unless the plan of the request lets it in.
"""

from dataclasses import replace

from connectors.records import Report, scope_of
from consent.identity import Identity as Subject
from gateway.plans import Plan
from gateway.profile import Heard, Verdict
from gateway.profile.rule_names import JUDGED
from gateway.resolve.judged import Judgements
from gateway.resolve.person import PersonRules, judge


def judged(
    one: Heard,
    subject: Subject,
    rules: PersonRules,
    judgements: Judgements,
    plan: Plan | None,
) -> Heard:
    """A report that may be about somebody else is set aside, but for what the plan lets pass.

    Whoever cuts a report down to its scopes judges it first, and hands the judgement on: without
    its identity records it would say nothing against the subject.
    """
    report = one.report
    if report is None:
        return one
    judgement = one.line.judgement or judge(subject, report, rules)
    quarantined = judgement.verdict is not Verdict.MATCH
    reason = f"identity_{judgement.verdict}" if quarantined else one.line.reason
    said = judgements.about_subject(report.source, report.report_id)
    if said is not None:
        quarantined, reason = not said, one.line.reason if said else "judged_other"
    line = replace(
        one.line,
        report_id=report.report_id,
        as_of=report.as_of,
        partial=report.partial,
        quarantined=quarantined,
        reason=reason,
        judgement=judgement,
        rule=None if said is None else JUDGED,
    )
    return _doubted(Heard(line, report), plan)


def _doubted(one: Heard, plan: Plan | None) -> Heard:
    """Of a report for review, what the plan lets be merged; of a mismatch nothing.

    A report that a person ruled on, one way or the other, is in no doubt.
    """
    line = one.line
    if plan is None or not line.quarantined or line.rule is not None:
        return one
    if line.judgement is None or line.judgement.verdict is not Verdict.REVIEW:
        return one
    allowed = tuple(sorted(set(plan.review_scopes) & set(line.scopes)))
    return Heard(replace(line, merged_under_review=allowed), one.report)


def part(one: Heard) -> Report | None:
    """The part of a report that goes into the profile."""
    if one.report is None or not one.line.quarantined:
        return one.report
    allowed = one.line.merged_under_review
    kept = tuple(r for r in one.report.records if scope_of(r) in allowed)
    return replace(one.report, records=kept) if kept else None
