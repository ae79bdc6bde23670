"""Early warnings, each traceable to the records it rests on; one module a family.

Definitions are data (`config/signals.toml`). A signal is three-valued: it fires on the evidence
there is; it is quiet only if no missing evidence could change that; else it is undecided, with
the reason. An explanation is made of codes, months and numbers, so that it can be logged with the
decision it leads to.
"""

from pydantic import BaseModel, ConfigDict

from consent.subject import Scope
from gateway.creditfile import CreditFile
from gateway.profile import SignalSection
from gateway.signals.borrowing import MultiLenderSurge, lender_surge
from gateway.signals.cards import CardOverdueIncrease, card_overdue
from gateway.signals.churn import SmallLoanChurn, loan_churn
from gateway.signals.definition import result
from gateway.signals.earnings import ContributionLapse, IncomeDrop, income_fall, lapsed
from gateway.signals.logins import AbnormalLogins, odd_logins
from gateway.signals.purpose import RestrictedPurpose, misused
from gateway.signals.region import RegionalRisk, region_turned


class SignalRules(BaseModel):
    """`config/signals.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    card_overdue_increase: CardOverdueIncrease
    multi_lender_surge: MultiLenderSurge
    small_loan_churn: SmallLoanChurn
    contribution_lapse: ContributionLapse
    income_drop: IncomeDrop
    regional_risk: RegionalRisk
    abnormal_logins: AbnormalLogins
    restricted_purpose: RestrictedPurpose


def compute(file: CreditFile, rules: SignalRules) -> SignalSection:
    """Every signal, in the order of their definitions."""
    accounts, both = (Scope.TRADELINES,), (Scope.TRADELINES, Scope.INQUIRIES)
    contributions, income = (Scope.CONTRIBUTIONS,), (Scope.INCOME_AND_ASSETS,)
    behaviour, money = (Scope.BEHAVIOUR,), (Scope.BEHAVIOUR, Scope.TRADELINES)
    logins, spent = ("logins",), ("loan_purposes", Scope.TRADELINES)
    cards, surge, churn, lapse, drop, turned, odd, uses = (
        rules.card_overdue_increase,
        rules.multi_lender_surge,
        rules.small_loan_churn,
        rules.contribution_lapse,
        rules.income_drop,
        rules.regional_risk,
        rules.abnormal_logins,
        rules.restricted_purpose,
    )
    return SignalSection(
        results=(
            result("card_overdue_increase", cards, card_overdue(file, cards), file, accounts),
            result("multi_lender_surge", surge, lender_surge(file, surge), file, both),
            result("small_loan_churn", churn, loan_churn(file, churn), file, both),
            result("contribution_lapse", lapse, lapsed(file, lapse), file, contributions),
            result("income_drop", drop, income_fall(file, drop), file, income),
            result("regional_risk", turned, region_turned(file, turned), file, (Scope.REGION,)),
            result("abnormal_logins", odd, odd_logins(file, odd), file, behaviour, lists=logins),
            result("restricted_purpose", uses, misused(file, uses), file, money, lists=spent),
        )
    )
