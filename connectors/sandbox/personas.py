"""Borrowers with a story: each shape is a temperament and the signals a sound gateway raises.

A new shape is one more entry of `PERSONAS`; nothing else has to know it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from connectors.records import AccountKind
from connectors.sandbox.facts import Life
from connectors.sandbox.lenders import BAIHANG, BAIRONG, TONGDUN
from connectors.sandbox.life import life
from connectors.sandbox.noise import NONE, Noise
from connectors.sandbox.products import MARGIN
from connectors.sandbox.regions import TROUBLED
from connectors.sandbox.temperament import Burst, Churn, Effort, Forced, PayCut, Temperament

CARD_OVERDUE = "card_overdue_increase"
MULTI_LENDER = "multi_lender_surge"
SMALL_LOAN_CHURN = "small_loan_churn"
INCOME_DROP = "income_drop"
CONTRIBUTION_LAPSE = "contribution_lapse"
REGIONAL_RISK = "regional_risk"
ABNORMAL_LOGINS = "abnormal_logins"
RESTRICTED_PURPOSE = "restricted_purpose"
SIGNALS = frozenset(
    {
        CARD_OVERDUE,
        MULTI_LENDER,
        SMALL_LOAN_CHURN,
        INCOME_DROP,
        CONTRIBUTION_LAPSE,
        REGIONAL_RISK,
        ABNORMAL_LOGINS,
        RESTRICTED_PURPOSE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A named shape: what it shows, how it behaves and which signals must fire.

    `silent` are the signals that must not; by default all others.
    """

    name: str
    story: str
    who: Temperament
    fires: frozenset[str] = frozenset()

    @property
    def silent(self) -> frozenset[str]:
        """The signals that would be a false alarm."""
        return SIGNALS - self.fires


_STEADY = Temperament(
    name="steady",
    holdings={"mortgage": (1, 1), "card": (2, 2), "consumer": (1, 1)},
    misses=(0.0, 0.0, 0.0),
    worsens=0.0,
    late=0.0,
    refusals=0.0,
    loses_job=0.0,
    dormant=0.0,
    shifts_bill=0.0,
    closes=0.0,
    settles_early=0.0,
    pays_fund=1.0,
    public_rate=0.0,
    guarantor_rate=0.0,
    credit_years=(6, 9),
    quiet_days=400,
)

PERSONAS: Mapping[str, Persona] = MappingProxyType(
    {
        one.name: one
        for one in (
            Persona(
                name="steady",
                story="A mortgage, two cards, one loan; always on time; nothing new for a year.",
                who=_STEADY,
            ),
            Persona(
                name="many-lenders",
                story="No arrears yet, but 13 lenders asked in 88 days, 10 of them in the last "
                "30, and most of them lent: the classic beginning of a spiral.",
                who=replace(
                    _STEADY,
                    name="many-lenders",
                    holdings={"card": (2, 2), "consumer": (1, 1)},
                    bursts=(
                        Burst(product="instalment", count=6, since=28, until=3, granted=0.7),
                        Burst(product="cash", count=4, since=27, until=2, granted=0.5),
                        Burst(product="consumer", count=2, since=88, until=40, granted=0.5),
                        Burst(product="lease", count=1, since=70, until=70, granted=0.0),
                    ),
                ),
                fires=frozenset({MULTI_LENDER}),
            ),
            Persona(
                name="card-overdue",
                story="Four cards paid for years; in the last three months one stopped being "
                "paid, then two more: 0 overdue cards became 3.",
                who=replace(
                    _STEADY,
                    name="card-overdue",
                    holdings={"card": (4, 4), "consumer": (1, 1)},
                    spends=(0.1, 0.3),
                    idles=0.0,
                    transacts=0.0,
                    forced=(
                        Forced(
                            kinds=frozenset({AccountKind.CREDIT_CARD}),
                            since=2,
                            until=0,
                            effort=Effort.NONE,
                            accounts=1,
                        ),
                        Forced(
                            kinds=frozenset({AccountKind.CREDIT_CARD}),
                            since=1,
                            until=0,
                            effort=Effort.NONE,
                            accounts=3,
                        ),
                    ),
                ),
                fires=frozenset({CARD_OVERDUE}),
            ),
            Persona(
                name="small-loan-churn",
                story="Nine small loans in a row over 18 months, each repaid early with the "
                "next one: one lender at a time, never out of debt.",
                who=replace(
                    _STEADY,
                    name="small-loan-churn",
                    holdings={"card": (1, 1)},
                    churn=Churn(product="small", loans=9, months_each=2),
                ),
                fires=frozenset({SMALL_LOAN_CHURN}),
            ),
            Persona(
                name="thin-file",
                story="One young card known to PBOC; Baihang, Bairong and Tongdun never heard "
                "of them.",
                who=replace(
                    _STEADY,
                    name="thin-file",
                    holdings={"card": (1, 1)},
                    credit_years=(0, 0),
                    quiet_days=100,
                    hidden_from=frozenset({BAIHANG, BAIRONG, TONGDUN}),
                ),
            ),
            Persona(
                name="income-drop",
                story="Pays everything on time; four months ago took a job that pays 55 percent "
                "of the one before, and so do the contributions.",
                who=replace(
                    _STEADY,
                    name="income-drop",
                    pay_cut=PayCut(months=4, percent=55),
                ),
                fires=frozenset({INCOME_DROP}),
            ),
            Persona(
                name="lapsed-contributions",
                story="Lost the job five months ago: nobody has paid pension or housing fund "
                "since; savings still pay the loans on time.",
                who=replace(_STEADY, name="lapsed-contributions", jobless=5),
                fires=frozenset({CONTRIBUTION_LAPSE}),
            ),
            Persona(
                name="risky-region",
                story="Pays everything on time, and comes from a region where within half a "
                "year many others stopped paying.",
                who=replace(_STEADY, name="risky-region", region=TROUBLED),
                fires=frozenset({REGIONAL_RISK}),
            ),
            Persona(
                name="abnormal-logins",
                story="Pays everything on time; two nights ago somebody far away guessed the "
                "password, was blocked, and got in by a code sent as text.",
                who=replace(_STEADY, name="abnormal-logins"),
                fires=frozenset({ABNORMAL_LOGINS}),
            ),
            Persona(
                name="restricted-purpose",
                story="Borrowed from the lender to renovate or to travel; most of the money went "
                "to a broker.",
                who=replace(_STEADY, name="restricted-purpose"),
                fires=frozenset({RESTRICTED_PURPOSE}),
            ),
            Persona(
                name="unpaid-churn",
                story="Seven small loans in seven months, each for a year: always on time, because "
                "the next loan pays the instalments of those before, and nothing is paid down.",
                who=replace(
                    _STEADY,
                    name="unpaid-churn",
                    holdings={"card": (1, 1)},
                    churn=Churn(product="small", loans=7, months_each=1, terms=12),
                ),
                fires=frozenset({SMALL_LOAN_CHURN}),
            ),
            Persona(
                name="small-instalments",
                story="Three small loans for a year each, four months apart and on time: things "
                "bought by instalment, which is no churn.",
                who=replace(
                    _STEADY,
                    name="small-instalments",
                    holdings={"card": (1, 1)},
                    churn=Churn(product="small", loans=3, months_each=4, terms=12),
                ),
            ),
            Persona(
                name="margin-trader",
                story="Pays everything on time, and a hundred days ago borrowed from a securities "
                "firm to trade on margin: the bureau knows it by the business type.",
                who=replace(
                    _STEADY,
                    name="margin-trader",
                    bursts=(Burst(product=MARGIN, count=1, since=100, until=100, granted=1.0),),
                ),
                fires=frozenset({RESTRICTED_PURPOSE}),
            ),
        )
    }
)
ORDER: tuple[str, ...] = tuple(PERSONAS)
"""The order in which personas stand at the beginning of a world."""


def persona(
    name: str, seed: int, today: date, *, index: int | None = None, noise: Noise = NONE
) -> Life:
    """The life of this persona; KeyError names nobody but the persona asked for.

    `index` defaults to the persona's own place at the beginning of a world.
    """
    shape = PERSONAS[name]
    return life(
        seed,
        ORDER.index(name) if index is None else index,
        today,
        shape.who,
        persona=name,
        fires=shape.fires,
        silent=shape.silent,
        noise=noise,
    )
