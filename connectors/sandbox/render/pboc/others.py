"""PCA, PCR, PND, POT to PAH, POQ: agreements, liabilities, bills, public facts, queries."""

from collections.abc import Iterator

from lxml import etree

from connectors.money import Month
from connectors.records import AccountKind
from connectors.sandbox import bureaus
from connectors.sandbox.facts import Agreement, Life, PublicFact, PublicKind
from connectors.sandbox.lenders import PBOC
from connectors.sandbox.life import QUERY_DAYS
from connectors.sandbox.render.pboc import codes, remarks, revision
from connectors.sandbox.render.pboc.accounts import agreement_ref
from connectors.sandbox.render.pboc.ink import Field, Ink, unit, yuan
from connectors.sandbox.render.pboc.lines import Line

_PURPOSE = {  # A.40
    AccountKind.CREDIT_CARD: "31",
    AccountKind.REVOLVING_LOAN: "10",
    AccountKind.REVOLVING_SUBACCOUNT: "10",
}


def agreements(ink: Ink, life: Life, lines: tuple[Line, ...]) -> Iterator[etree._Element]:
    """PD02: the credit agreements that an account shown hangs on."""
    for agreement in life.agreements:
        drawn = [line for line in lines if line.account.agreement == agreement.number]
        if drawn:
            note = remarks.annotated(ink, life, "PD02Z", agreement.number)
            yield unit("PD02", [ink.segment("PD02A", _agreement(agreement, drawn)), *note])


def _agreement(agreement: Agreement, drawn: list[Line]) -> list[Field]:
    alone = agreement.number % 4 > 0  # the others share a limit that the lender set for them
    return [
        ("PD02AI01", agreement_ref(drawn[0].account, agreement.number)),
        ("PD02AD01", codes.INSTITUTION[agreement.lender.type]),
        ("PD02AI02", agreement.lender.aliases[PBOC]),
        ("PD02AI03", None),  # the lender's own number: only shown to that lender
        ("PD02AD02", _PURPOSE[agreement.purpose]),
        ("PD02AJ01", yuan(agreement.limit)),
        ("PD02AD03", "CNY"),
        ("PD02AR01", agreement.since),
        ("PD02AR02", agreement.until),
        ("PD02AD04", "1" if any(line.live for line in drawn) else "2"),
        ("PD02AJ04", sum(line.balance for line in drawn)),
        ("PD02AJ03", None if alone else yuan(agreement.limit)),
        ("PD02AI04", None if alone else f"XE{agreement.lender.code[-6:]}"),
    ]


def liabilities(ink: Ink, life: Life) -> Iterator[etree._Element]:
    """PD03: loans of others the subject answers for (as guarantor, A.44 code 2)."""
    for number, one in enumerate(life.guarantees):
        reported = bureaus.reported_on(Month.of(life.today).plus(-1))
        yield unit(
            "PD03",
            [
                ink.segment(
                    "PD03A",
                    [
                        ("PD03AD08", "2" if one.company else "1"),
                        ("PD03AD01", codes.INSTITUTION[one.lender.type]),
                        ("PD03AQ01", one.lender.aliases[PBOC]),
                        # A.43 when an organisation borrows, A.20 when a person does
                        ("PD03AD02", "11" if one.company else "41"),
                        ("PD03AR01", one.opened),
                        ("PD03AR02", one.matures),
                        ("PD03AD03", "2"),
                        ("PD03AQ02", one.contract),
                        ("PD03AJ01", yuan(one.liability)),
                        ("PD03AD04", "CNY"),
                        ("PD03AJ02", yuan(one.balance)),
                        ("PD03AD05", "2" if one.months_late else "1"),
                        ("PD03AD06", "D1"),
                        ("PD03AD07", str(one.months_late) if one.months_late else "N"),
                        ("PD03AS01", one.months_late),
                        ("PD03AR03", reported),
                    ],
                ),
                *remarks.annotated(ink, life, "PD03Z", number),
            ],
        )


def postpaid(ink: Ink, life: Life) -> Iterator[etree._Element]:
    """PE01: a telephone account with 24 months of A.49 symbols, oldest first."""
    bill = life.phone_bill
    if bill is None:
        return
    # A.49: "0" is less than a month past grace, so n unpaid bills read as n - 1.
    symbols = (
        "*" if owed is None else "N" if owed == 0 else str(min(owed - 1, 6)) for owed in bill.owed
    )
    yield unit(
        "PE01",
        [
            ink.segment(
                "PE01A",
                [
                    ("PE01AD01", "TE"),
                    ("PE01AQ01", bill.provider),
                    ("PE01AD02", "2"),
                    ("PE01AR01", bill.opened),
                    ("PE01AD03", "1" if bill.arrears else "0"),
                    ("PE01AJ01", yuan(bill.arrears)),
                    ("PE01AR02", bill.month),
                    ("PE01AQ02", "".join(reversed(list(symbols)))),
                ],
            ),
            *remarks.annotated(ink, life, "PE01Z"),
        ],
    )


PUBLIC_CHAPTERS = {
    "POT": (PublicKind.TAX_ARREARS, "PF01"),
    "PCJ": (PublicKind.CIVIL_JUDGMENT, "PF02"),
    "PCE": (PublicKind.ENFORCEMENT, "PF03"),
    "PAP": (PublicKind.PENALTY, "PF04"),
    "PBS": (PublicKind.RELIEF, "PF06"),
    "PPQ": (PublicKind.LICENCE, "PF07"),
    "PAH": (PublicKind.AWARD, "PF08"),
}


def public(ink: Ink, life: Life, chapter: str) -> Iterator[etree._Element]:
    """PF01-PF04, PF06-PF08: one unit for each fact of the chapter's kind."""
    kind, tag = PUBLIC_CHAPTERS[chapter]
    for fact in life.public:
        if fact.kind is kind:
            note = remarks.annotated(ink, life, f"{tag}Z", fact.on)
            yield unit(tag, [ink.segment(f"{tag}A", _PUBLIC_FIELDS[kind](fact)), *note])


def _tax(fact: PublicFact) -> list[Field]:
    return [
        ("PF01AQ01", fact.authority),
        ("PF01AJ01", yuan(fact.amount)),
        ("PF01AR01", fact.on),
    ]


def _judgment(fact: PublicFact) -> list[Field]:
    return [
        ("PF02AQ01", fact.authority),
        ("PF02AQ02", fact.matter),
        ("PF02AR01", fact.on),
        ("PF02AD01", "1" if fact.ended else None),
        ("PF02AQ03", "判决被告偿还借款" if fact.ended else None),
        ("PF02AR02", fact.ended),
        ("PF02AQ04", "借款本金"),
        ("PF02AJ01", yuan(fact.amount)),
    ]


def _enforcement(fact: PublicFact) -> list[Field]:
    return [
        ("PF03AQ01", fact.authority),
        ("PF03AQ02", fact.matter),
        ("PF03AR01", fact.on),
        ("PF03AD01", "004" if fact.ended else None),
        ("PF03AQ03", "已结案" if fact.ended else "执行中"),
        ("PF03AR02", fact.ended),
        ("PF03AQ04", "借款本金"),
        ("PF03AJ01", yuan(fact.amount)),
        ("PF03AQ05", "借款本金" if fact.ended else None),
        ("PF03AJ02", yuan(fact.amount) if fact.ended else 0),
    ]


def _penalty(fact: PublicFact) -> list[Field]:
    return [
        ("PF04AQ01", fact.authority),
        ("PF04AQ02", fact.matter),
        ("PF04AJ01", yuan(fact.amount)),
        ("PF04AR01", Month.of(fact.on)),
        ("PF04AR02", Month.of(fact.ended) if fact.ended else None),
        ("PF04AQ03", "维持原处罚决定" if fact.ended else None),
    ]


def _relief(fact: PublicFact) -> list[Field]:
    return [
        ("PF06AD01", "3"),
        ("PF06AQ01", "110000"),
        ("PF06AQ02", "示例街道办事处" if fact.ended else None),
        ("PF06AQ03", "1000"),
        ("PF06AR01", fact.on),
        ("PF06AR02", fact.on),
        ("PF06AR03", fact.ended or fact.on),
    ]


def _licence(fact: PublicFact) -> list[Field]:
    return [
        ("PF07AQ01", fact.matter),
        ("PF07AQ02", fact.authority),
        ("PF07AD01", "2"),
        ("PF07AD02", "110000"),
        ("PF07AR01", Month.of(fact.on)),
        ("PF07AR02", Month.of(fact.ended) if fact.ended else None),
        ("PF07AR03", Month.of(fact.ended) if fact.ended and fact.on.day % 2 else None),
    ]


def _award(fact: PublicFact) -> list[Field]:
    return [
        ("PF08AQ01", fact.authority),
        ("PF08AQ02", fact.matter),
        ("PF08AR01", Month.of(fact.on)),
        ("PF08AR02", Month.of(fact.ended) if fact.ended else None),
    ]


_PUBLIC_FIELDS = {
    PublicKind.TAX_ARREARS: _tax,
    PublicKind.CIVIL_JUDGMENT: _judgment,
    PublicKind.ENFORCEMENT: _enforcement,
    PublicKind.PENALTY: _penalty,
    PublicKind.RELIEF: _relief,
    PublicKind.LICENCE: _licence,
    PublicKind.AWARD: _award,
}


def housing_fund(ink: Ink, life: Life) -> Iterator[etree._Element]:
    """PF05: the fund says when it was last paid into."""
    fund = life.housing_fund
    if fund is None:
        return
    yield unit(
        "PF05",
        [
            ink.segment(
                "PF05A",
                [
                    ("PF05AQ01", fund.region),
                    ("PF05AR01", fund.enrolled),
                    ("PF05AD01", "2" if fund.sealed else "1"),
                    ("PF05AR02", fund.first),
                    ("PF05AR03", fund.paid_to),
                    ("PF05AQ02", str(fund.percent)),
                    ("PF05AQ03", str(fund.percent)),
                    ("PF05AJ01", yuan(fund.monthly)),
                    ("PF05AQ04", fund.employer),
                    ("PF05AR04", bureaus.reported_on(Month.of(life.today).plus(-1))),
                ],
            ),
            *remarks.annotated(ink, life, "PF05Z"),
        ],
    )


def queries(ink: Ink, life: Life) -> Iterator[etree._Element]:
    """PH01: queries by institutions, two years, newest first; own queries are not listed."""
    for query in bureaus.queries(life, PBOC, QUERY_DAYS):
        if query.lender:
            yield ink.segment(
                "PH01",
                [
                    ("PH010R01", revision.asked_on(life, query.on)),
                    ("PH010D01", revision.institution(life, query.lender.type)),
                    ("PH010Q02", query.lender.aliases[PBOC]),
                    ("PH010Q03", codes.REASON[query.kind]),
                ],
            )
