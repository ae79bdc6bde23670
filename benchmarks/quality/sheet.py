"""The answer sheet: attributes of the catalogue worked out from a life, each in a line or two.

Nothing of the gateway is asked: what an attribute should be follows from the words of its formula
(docs/attributes.md) and from what is known (`known`). Right by what was told is right to the fen.
"""

from collections.abc import Callable, Iterable, Mapping

from benchmarks.quality.families.age import age, borrowed
from benchmarks.quality.families.delinquency import delinquency, trends
from benchmarks.quality.families.exposure import exposure, utilisation
from benchmarks.quality.families.pay import bases, contributions
from benchmarks.quality.families.reckoning import Values, change, part
from benchmarks.quality.families.sources import counted, coverage
from benchmarks.quality.known import Asked, Known, all_of, told_of
from benchmarks.quality.lines import NOT_NONBANK, months_ago
from connectors.money import Month
from connectors.records import InquiryKind, LenderType
from connectors.sandbox.facts import Life, PublicKind
from connectors.sandbox.lenders import BAIHANG, HOUSING_FUND, PBOC, SOCIAL_INSURANCE

Sheet = dict[str, Values]
"""By family."""


def whole(life: Life) -> Sheet:
    """The attributes of the life as it is, without those that speak of sources."""
    return _values(all_of(life))


def told(life: Life, heard: Iterable[str]) -> Sheet:
    """The attributes of what these sources told of a life that is theirs to tell of."""
    known = told_of(life, heard)
    own = {"coverage": coverage(known), "counted by one source": counted(known)}
    return _values(known) | own


def _values(known: Known) -> Sheet:
    """Nothing where none of the sources that list what a family looks at was heard."""
    families = {
        "exposure": (exposure, (PBOC,)),
        "utilisation": (utilisation, (PBOC,)),
        "delinquency": (delinquency, (PBOC,)),
        "trends": (trends, (PBOC,)),
        "age": (age, (PBOC,)),
        "inquiries": (_inquiries, (PBOC, BAIHANG)),
        "lenders": (_lenders, (PBOC,)),
        "contributions": (contributions, (PBOC, HOUSING_FUND, SOCIAL_INSURANCE)),
        "bases": (bases, (HOUSING_FUND, SOCIAL_INSURANCE)),
        "public records and bills": (_public, (PBOC,)),
    }
    found = {name: family(known) for name, (family, _) in families.items()}
    sheet = {
        name: found[name] if known.tells(*sources) else dict.fromkeys(found[name])
        for name, (_, sources) in families.items()
    }
    due, base = sheet["exposure"]["scheduled_payments_cny"], sheet["bases"]["contribution_base_cny"]
    burden = None if due is None or base is None else part(due, base)
    sheet["bases"]["scheduled_payments_to_base"] = burden
    return sheet


_ASKED: Mapping[str, tuple[Callable[[Asked], bool], tuple[int, ...]]] = {
    "hard_inquiries": (lambda one: one.kind.hard, (7, 30, 90, 180, 365, 730)),
    "loan_inquiries": (lambda one: one.kind is InquiryKind.LOAN_APPLICATION, (30, 90)),
    "card_inquiries": (lambda one: one.kind is InquiryKind.CARD_APPLICATION, (30, 90)),
    "guarantee_inquiries": (lambda one: one.kind is InquiryKind.GUARANTEE_REVIEW, (730,)),
    "bank_inquiries": (
        lambda one: one.kind.hard and one.lender_type is LenderType.BANK, (30, 90),
    ),
    "consumer_finance_inquiries": (
        lambda one: one.kind.hard and one.lender_type is LenderType.CONSUMER_FINANCE, (30, 90),
    ),
    "microlender_inquiries": (
        lambda one: one.kind.hard and one.lender_type is LenderType.MICROLENDER, (30, 90),
    ),
    "account_review_inquiries": (lambda one: one.kind is InquiryKind.ACCOUNT_REVIEW, (180,)),
    "self_inquiries": (lambda one: one.kind is InquiryKind.SELF, (180,)),
}  # fmt: skip


def _inquiries(known: Known) -> Values:
    values: Values = {
        f"{name}_{days}d": sum(holds(one) and known.ago(one.on) < days for one in known.asked)
        for name, (holds, windows) in _ASKED.items()
        for days in windows
    }
    hard = [(known.ago(one.on), one) for one in known.asked if one.kind.hard]
    for days in (30, 90, 180):
        values[f"institutions_asking_{days}d"] = len({one.who for ago, one in hard if ago < days})
        values[f"hard_inquiries_change_{days}d"] = change([ago for ago, _ in hard], days)
    values["days_since_hard_inquiry"] = min((ago for ago, _ in hard), default=None)
    return values


def _lenders(known: Known) -> Values:
    """What takes inquiries and accounts together."""
    hard = [one for one in known.asked if one.kind.hard]
    events = [(known.ago(one.on), one.who, one.lender_type) for one in hard]
    events += [(known.ago(x.opened), x.lender, x.lender_type) for x in borrowed(known) if x.lender]
    values: Values = {}
    for days in (30, 90, 180):
        recent = [(who, kind) for ago, who, kind in events if ago < days]
        values[f"lenders_{days}d"] = len({who for who, _ in recent})
        values[f"nonbank_lenders_{days}d"] = len(
            {who for who, kind in recent if kind and kind not in NOT_NONBANK}
        )
    for days in (30, 90):
        now, before = (
            {who for ago, who, _ in events if since <= ago < since + days} for since in (0, days)
        )
        values[f"lenders_change_{days}d"] = len(now) - len(before)
    for days in (90, 180):
        values[f"inquiries_without_account_{days}d"] = sum(
            known.ago(one.on) < days
            and not any(x.lender == one.who and x.opened >= one.on for x in borrowed(known))
            for one in hard
        )
    return values


_ADVERSE = {
    "tax_arrears": PublicKind.TAX_ARREARS,
    "civil_judgment": PublicKind.CIVIL_JUDGMENT,
    "enforcement": PublicKind.ENFORCEMENT,
    "penalty": PublicKind.PENALTY,
}


def _public(known: Known) -> Values:
    life = known.life
    adverse = [one for one in life.public if one.kind in _ADVERSE.values()]
    agos = [months_ago(life, Month.of(one.on)) for one in adverse]
    bill = life.phone_bill
    owed = bill.arrears if bill else 0
    values: Values = {
        f"{name}_records": sum(one.kind is kind for one in adverse)
        for name, kind in _ADVERSE.items()
    }
    values |= {f"adverse_public_records_{n}m": sum(a < n for a in agos) for n in (12, 24, 60)}
    return values | {
        "adverse_public_records": len(adverse),
        "relief_records": sum(one.kind is PublicKind.RELIEF for one in life.public),
        "adverse_public_amount_cny": sum(one.amount for one in adverse),
        "months_since_adverse_public_record": min(agos, default=None),
        "bills_in_arrears": int(owed > 0),
        "bills_owed_cny": owed,
    }
