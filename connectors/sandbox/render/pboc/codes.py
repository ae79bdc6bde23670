"""The renderer's own side of the code lists A.1-A.65: our words to PBOC's codes.

Lists of the CCRC personal credit report product description 2020-07. Kept apart from the tables
the parser reads on purpose: a wrong entry on either side makes a test fail.
"""

from types import MappingProxyType

from connectors.records import AccountKind, AccountStatus, InquiryKind, LenderType, PaymentStatus
from connectors.sandbox.facts import Way

KIND = MappingProxyType(  # A.19
    {
        AccountKind.INSTALMENT_LOAN: "D1",
        AccountKind.REVOLVING_LOAN: "R1",
        AccountKind.CREDIT_CARD: "R2",
        AccountKind.QUASI_CREDIT_CARD: "R3",
        AccountKind.REVOLVING_SUBACCOUNT: "R4",
        AccountKind.COLLECTION: "C1",
    }
)
INSTITUTION = MappingProxyType(  # A.18
    {
        LenderType.BANK: "11",
        LenderType.FINANCE_COMPANY: "16",
        LenderType.TRUST: "21",
        LenderType.LEASING: "22",
        LenderType.AUTO_FINANCE: "23",
        LenderType.CONSUMER_FINANCE: "24",
        LenderType.ASSET_MANAGER: "26",
        LenderType.SECURITIES: "31",
        LenderType.INSURER: "41",
        LenderType.MICROLENDER: "51",
        LenderType.HOUSING_FUND: "52",
        LenderType.GUARANTOR: "53",
        LenderType.FACTORING: "54",
        LenderType.OTHER: "99",
    }
)
_LOAN_STATUS = {
    AccountStatus.CURRENT: "1",
    AccountStatus.OVERDUE: "2",
    AccountStatus.CLOSED: "3",
    AccountStatus.CHARGED_OFF: "4",
}
_CARD_STATUS = {  # A.29
    AccountStatus.CURRENT: "1",
    AccountStatus.SUSPENDED: "31",
    AccountStatus.CLOSED: "4",
    AccountStatus.CHARGED_OFF: "5",
    AccountStatus.NOT_ACTIVATED: "6",
}
STATUS = MappingProxyType(
    {
        "D1": _LOAN_STATUS | {AccountStatus.TRANSFERRED: "5"},  # A.27
        "R1": _LOAN_STATUS,  # A.28
        "R2": _CARD_STATUS,
        "R3": _CARD_STATUS,
        "R4": _LOAN_STATUS,  # A.30
        "C1": {AccountStatus.IN_COLLECTION: "1", AccountStatus.CLOSED: "2"},  # A.31
    }
)
SYMBOL = MappingProxyType(  # A.33-A.36, with "/" seen in messages (A.33x)
    {
        PaymentStatus.NOT_YET_OPEN: "/",
        PaymentStatus.NOTHING_DUE: "*",
        PaymentStatus.NO_BILL: "A",
        PaymentStatus.CURRENT: "N",
        PaymentStatus.LATE_WITHIN_MONTH: "M",
        PaymentStatus.DPD_1_30: "1",
        PaymentStatus.DPD_31_60: "2",
        PaymentStatus.DPD_61_90: "3",
        PaymentStatus.DPD_91_120: "4",
        PaymentStatus.DPD_121_150: "5",
        PaymentStatus.DPD_151_180: "6",
        PaymentStatus.DPD_181_PLUS: "7",
        PaymentStatus.CHARGED_OFF: "B",
        PaymentStatus.CLOSED: "C",
        PaymentStatus.ENDED: "G",
        PaymentStatus.UNKNOWN: "#",
    }
)
BUSINESS = MappingProxyType(  # A.20
    {
        "mortgage": "11",
        "fund_loan": "13",
        "car": "21",
        "business": "41",
        "consumer": "91",
        "instalment": "91",
        "small": "91",
        "cash": "99",
        "drawdown": "91",
        "revolving": "91",
        "card": "81",
        "quasi_card": "71",
        "lease": "92",
        "margin": "63",
        "collection": "A1",
        "advanced": "B1",
    }
)
RECOVERY = MappingProxyType({"collection": "1", "advanced": "2"})  # A.13
GUARANTEE = MappingProxyType(
    {"mortgage": "2", "fund_loan": "2", "car": "2", "business": "3", "margin": "1"}
)
"""A.24; everything else is 4, on credit."""
ISSUED, TRANSFERRED_IN = "1", "5"
"""A.23: lent anew, or come from another institution."""
SETTLED_EARLY = "5"
LEFT = MappingProxyType({Way.CLAIMED: "2", Way.SOLD: "13"})
"""A.37: a guarantor paid, the asset was sold."""
BANK_2017 = "2010"
"""How the 2017 revision wrote a bank as the institution that asked."""
REASON = MappingProxyType(  # A.4; the subject's own queries have no code there
    {
        InquiryKind.ACCOUNT_REVIEW: "01",
        InquiryKind.LOAN_APPLICATION: "02",
        InquiryKind.CARD_APPLICATION: "03",
        InquiryKind.GUARANTEE_REVIEW: "08",
        InquiryKind.FINANCING_REVIEW: "24",
        InquiryKind.LIMIT_REVIEW: "26",
    }
)
ID_TYPES = frozenset({"10", "1", "2", "5", "6", "8", "9", "A", "B", "C", "X", "20"})  # A.2
REASONS = frozenset(  # A.4, what an institution may ask for
    ("01", "02", "03", "08", "09", "16", "18", "19", "20", "21", "22", "23", "24", "25", "26")
)
