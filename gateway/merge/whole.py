"""Reports in, a profile out: step (6) of a request.

(a) is each report about the subject? one that is not, or may not be, is set aside and said so
(b) which records are the same loan, the same application, the same statement? what of them is so
    old that the law lets nobody show it, goes
(c) which value? by the rule of each field, with what speaks against it
(d) attributes, signals and reasons, from what was merged

The same reports give the same profile, in whatever order they and their records come.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

from connectors.records import (
    Address,
    BureauScore,
    Contribution,
    CreditAgreement,
    Employment,
    Identity,
    Income,
    Inquiry,
    Issue,
    IssueKind,
    Liability,
    ListHit,
    LoanPurpose,
    Login,
    Metric,
    Phone,
    Postpaid,
    PublicRecord,
    RegionIndex,
    Report,
    Statement,
    Tradeline,
)
from consent.identity import Identity as Subject
from consent.subject import Scope
from gateway import attributes, reasons, signals
from gateway.creditfile import CreditFile
from gateway.merge import cases, disputes, facts, lines, oddities, whose
from gateway.merge.config import MergeConfig
from gateway.merge.inquiries import inquiries
from gateway.merge.retention import Keeping
from gateway.plans import Plan
from gateway.profile import (
    BehaviourSection,
    BorrowerProfile,
    Conflict,
    ConflictSection,
    ContributionSection,
    Heard,
    IdentitySection,
    IncomeSection,
    InquirySection,
    IssueSection,
    PublicRecordSection,
    RegionSection,
    ScoreSection,
    SourceSection,
    TradelineSection,
)
from gateway.profile.concluded import Evidence, Held, Stated
from gateway.resolve.judged import NOTHING_JUDGED, Judgements
from gateway.resolve.links import moved_debts
from gateway.resolve.loan import same_loans

R = TypeVar("R")


def merge(
    heard: Iterable[Heard],
    subject: Subject,
    config: MergeConfig,
    *,
    at: datetime,
    jurisdiction: str,
    shown_at: datetime | None = None,
    judgements: Judgements = NOTHING_JUDGED,
    attribute_set: str | None = None,
    plan: Plan | None = None,
) -> BorrowerProfile:
    """The profile as of the instant `at` (aware). Every source is a line of it, heard or not.

    `judgements` are what people decided by then. `shown_at` is when it is shown, if that is later:
    what the law lets nobody show by then is left out, all else is as of `at`. The rules are those
    of `jurisdiction`, also for whose a report is that nobody judged yet. `attribute_set` names the
    catalogue of attributes, else it is the configured one. `plan` is the one that was asked by: it
    says what is merged of a report that stays in doubt.
    """
    config = replace(config, rules=config.rules.within(jurisdiction))
    here = timedelta(hours=config.rules.utc_offset_h)
    today, law_day = (at + here).date(), ((shown_at or at) + here).date()
    person = config.person[jurisdiction]
    judged = sorted(
        (whose.judged(one, subject, person, judgements, plan) for one in heard), key=_by_source
    )
    told = tuple(one.line for one in judged)
    pile = _Pile(report for one in judged if (report := whose.part(one)) is not None)
    work = _Work(pile, config, today, judgements, Keeping(config.retention, law_day))
    identity, tradelines, inquiries = work.identity(), work.tradelines(), work.inquiries()
    contributions, income = work.contributions(), work.income()
    public = work.public_records()
    behaviour = work.behaviour()
    region = work.region()
    file = CreditFile(
        today=today,
        told=told,
        listing=config.rules.listing.lists,
        lines=tradelines.lines,
        inquiries=inquiries.inquiries,
        public_records=public.records,
        contributions=contributions.contributions,
        incomes=income.incomes,
        liabilities=tradelines.liabilities,
        postpaid=tradelines.postpaid,
        metrics=tuple(pile.counted),
        regions=region.indexes,
        logins=behaviour.logins,
        purposes=behaviour.purposes,
    )
    catalogue = config.attributes.by_name[attribute_set or config.rules.attributes]
    counted = attributes.compute(file, catalogue)
    measured = replace(counted, bases=disputes.on_bases(counted.bases, pile.disputed))
    fired = signals.compute(file, config.signals)
    warned = replace(fired, results=disputes.on_each(fired.results, pile.disputed))
    asked = {scope for one in told for scope in one.scopes}
    reports = [one.report for one in judged if one.report]
    said = [issue for one in reports for issue in (*one.issues, *oddities.in_report(one, today))]
    whole = BorrowerProfile(
        identity=identity,
        tradelines=tradelines,
        inquiries=inquiries,
        public_records=public,
        scores=work.scores(),
        income_and_assets=income,
        contributions=contributions,
        behaviour=behaviour,
        region=region,
        attributes=measured,
        signals=warned,
        reasons=reasons.compute(measured, warned, file, config.reasons),
        sources=SourceSection(
            at=at, rules=config.rules.version, lines=told, plan=plan.name if plan else None
        ),
        issues=IssueSection(issues=_counted([*said, *work.issues])),
        conflicts=ConflictSection(conflicts=tuple(sorted(work.conflicts))),
        withheld=work.keeping.section(),
    )
    # Nobody was asked for these: an empty section would read as "nothing there".
    unasked: dict[str, None] = {scope.value: None for scope in Scope if scope not in asked}
    return replace(whole, **unasked)


def _by_source(one: Heard) -> tuple[str, str]:
    return one.line.source, one.line.report_id or ""


class _Pile:
    """The records of all reports about the subject, by type."""

    def __init__(self, reports: Iterable[Report]) -> None:
        self._held: defaultdict[type, list[Held[Any]]] = defaultdict(list)
        self.metrics: defaultdict[Scope, list[Metric]] = defaultdict(list)
        self.disputed: set[Evidence] = set()
        self.counted: list[tuple[str, Metric]] = []
        for report in reports:
            source, report_id = report.source, report.report_id
            for record in report.records:
                if isinstance(record, Metric):
                    self.metrics[record.scope].append(record)
                    self.counted.append((report_id, record))
                else:
                    evidence = Evidence(source, report_id, record.record_id)
                    self._held[type(record)].append(Held(evidence, record))
                    if disputes.disputed(record):
                        self.disputed.add(evidence)

    def of(self, record_type: type[R]) -> list[Held[R]]:
        """All records of a type."""
        return self._held[record_type]


@dataclass(slots=True)
class _Work:
    """(b) and (c), section by section; what is odd or contested on the way is collected."""

    pile: _Pile
    config: MergeConfig
    today: date
    judgements: Judgements
    keeping: Keeping
    issues: list[Issue] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def identity(self) -> IdentitySection:
        """Who the sources say it is."""
        section, contested = facts.identity(
            self.pile.of(Identity),
            self.pile.of(Phone),
            self.pile.of(Address),
            self.pile.of(Employment),
            self.config.rules,
        )
        self._contest(Scope.IDENTITY, "", contested)
        return replace(section, metrics=self._metrics(Scope.IDENTITY))

    def tradelines(self) -> TradelineSection:
        """Accounts, each once, and what else is owed."""
        rules, institutions = self.config.rules, self.config.institutions
        held = self.pile.of(Tradeline)
        for one in held:
            self.issues += oddities.in_tradeline(one.record, self.today)
        grouping = same_loans(held, rules.loan, institutions, self.judgements)
        copies = frozenset(grouping.copies)
        gone: set[Evidence] = set()
        merged = []
        for group in grouping.groups:
            together = partial(
                lines.line,
                rules=rules,
                institutions=institutions,
                copies=copies,
                matches=grouping.matches.get(group[0].evidence, ()),
            )
            line, contested = together(group)
            kept = self.keeping.account(group, line)
            if not kept:
                gone.update(one.evidence for one in group)
                continue
            if kept is not group:
                line, contested = together(kept)
            merged.append(disputes.on_line(line, self.pile.disputed))
            self._contest(Scope.TRADELINES, line.id, contested)
            if line.institution is None:
                self._note(group[0].evidence, IssueKind.UNKNOWN_CODE, "lender", _NOT_LISTED)
        moved = moved_debts(merged, rules.moved)
        for kind, what, some in (
            (IssueKind.DUPLICATE, "copy of another record", grouping.copies),
            (IssueKind.DUPLICATE, "account told again", grouping.repeated),
            (IssueKind.DUPLICATE, "too many alike to compare", grouping.crowded),
            (IssueKind.CONTRADICTION, "judged, but unclear which account", grouping.unclear),
            (IssueKind.DUPLICATE, "too many moved debts to link", moved.crowded),
        ):
            for evidence in some:
                self._note(evidence, kind, "tradelines", what)
        return TradelineSection(
            lines=tuple(lines.linked(one, moved.links) for one in merged),
            doubts=tuple(one for one in grouping.doubts if gone.isdisjoint((one.one, one.other))),
            agreements=self._stated(CreditAgreement),
            liabilities=self._stated(Liability),
            postpaid=self._stated(Postpaid),
            statements=self._stated(Statement),
            metrics=self._metrics(Scope.TRADELINES),
        )

    def inquiries(self) -> InquirySection:
        """Applications and reviews, each once."""
        held = self.pile.of(Inquiry)
        for one in held:
            self.issues += oddities.in_inquiry(one.record, self.today)
        found = inquiries(held, self.config.institutions, self.config.rules.ranking)
        for inquiry in found:
            if inquiry.institution is None:
                self._note(inquiry.records[0], IssueKind.UNKNOWN_CODE, "institution", _NOT_LISTED)
        return InquirySection(inquiries=found, metrics=self._metrics(Scope.INQUIRIES))

    def public_records(self) -> PublicRecordSection:
        """Court, tax and other public records, each case once."""
        held = self.pile.of(PublicRecord)
        for one in held:
            self.issues += oddities.in_public_record(one.record, self.today)
        found = cases.public_records(held, self.config.rules.ranking)
        kept = cases.marked(filter(self.keeping.case, found))
        return PublicRecordSection(
            records=disputes.on_each(kept, self.pile.disputed),
            metrics=self._metrics(Scope.PUBLIC_RECORDS),
        )

    def scores(self) -> ScoreSection:
        """Scores, each its source's own."""
        return ScoreSection(scores=self._stated(BureauScore), metrics=self._metrics(Scope.SCORES))

    def contributions(self) -> ContributionSection:
        """Housing fund and social insurance."""
        for one in self.pile.of(Contribution):
            self.issues += oddities.in_contribution(one.record, self.today)
        return ContributionSection(
            contributions=self._stated(Contribution),
            metrics=self._metrics(Scope.CONTRIBUTIONS),
        )

    def income(self) -> IncomeSection:
        """What the subject earns and owns."""
        for one in self.pile.of(Income):
            self.issues += oddities.in_income(one.record, self.today)
        return IncomeSection(
            incomes=self._stated(Income), metrics=self._metrics(Scope.INCOME_AND_ASSETS)
        )

    def behaviour(self) -> BehaviourSection:
        """Warning lists and what sources counted."""
        return BehaviourSection(
            hits=self._stated(ListHit),
            logins=self._stated(Login),
            purposes=self._stated(LoanPurpose),
            metrics=self._metrics(Scope.BEHAVIOUR),
        )

    def region(self) -> RegionSection:
        """Where the subject is from, and how risky lending is there."""
        return RegionSection(indexes=self._stated(RegionIndex), metrics=self._metrics(Scope.REGION))

    def _metrics(self, scope: Scope) -> tuple[Metric, ...]:
        return tuple(sorted(self.pile.metrics[scope], key=attrgetter("source", "record_id")))

    def _stated(self, record_type: type[R]) -> tuple[Stated[R], ...]:
        held = self.keeping.records(self.pile.of(record_type))
        stated = facts.as_stated(held, self.config.rules.ranking)
        return disputes.on_each(stated, self.pile.disputed)

    def _contest(self, scope: Scope, item: str, fields: Iterable[str]) -> None:
        self.conflicts += (Conflict((scope,), item, name) for name in fields)

    def _note(self, evidence: Evidence, kind: IssueKind, where: str, what: str) -> None:
        self.issues.append(Issue(evidence.source, kind, where, what))


_NOT_LISTED = "not in the directory of institutions"


def _counted(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Equal issues together, with the sum of their counts."""
    counts: Counter[tuple[str, IssueKind, str, str]] = Counter()
    for one in issues:
        counts[one.source, one.kind, one.where, one.what] += one.count
    return tuple(Issue(*about, count) for about, count in sorted(counts.items()))
