"""The words that records share: kinds and states of accounts, lenders, payments and inquiries."""

from enum import StrEnum


class AccountKind(StrEnum):
    """What sort of credit an account is."""

    INSTALMENT_LOAN = "instalment_loan"
    REVOLVING_LOAN = "revolving_loan"
    REVOLVING_SUBACCOUNT = "revolving_subaccount"
    CREDIT_CARD = "credit_card"
    QUASI_CREDIT_CARD = "quasi_credit_card"
    COLLECTION = "collection"


class AccountStatus(StrEnum):
    """How an account stands, across all kinds."""

    CURRENT = "current"
    OVERDUE = "overdue"
    CLOSED = "closed"
    CHARGED_OFF = "charged_off"
    TRANSFERRED = "transferred"
    COLLATERAL_SHORTFALL = "collateral_shortfall"
    FORCED_LIQUIDATION = "forced_liquidation"
    LEGAL_RECOVERY = "legal_recovery"
    FROZEN = "frozen"
    SUSPENDED = "suspended"
    NOT_ACTIVATED = "not_activated"
    IN_COLLECTION = "in_collection"
    UNKNOWN = "unknown"  # the source's code is not in our tables; an issue names it

    @property
    def open(self) -> bool:
        """The account can still owe or be drawn on."""
        return self not in {AccountStatus.CLOSED, AccountStatus.TRANSFERRED}


class PaymentStatus(StrEnum):
    """One month of a payment grid."""

    NOT_YET_OPEN = "not_yet_open"
    NOTHING_DUE = "nothing_due"
    NO_BILL = "no_bill"
    CURRENT = "current"
    LATE_WITHIN_MONTH = "late_within_month"
    DPD_1_30 = "dpd_1_30"
    DPD_31_60 = "dpd_31_60"
    DPD_61_90 = "dpd_61_90"
    DPD_91_120 = "dpd_91_120"
    DPD_121_150 = "dpd_121_150"
    DPD_151_180 = "dpd_151_180"
    DPD_181_PLUS = "dpd_181_plus"
    CHARGED_OFF = "charged_off"
    GUARANTOR_PAID = "guarantor_paid"
    ASSET_FOR_DEBT = "asset_for_debt"
    CLOSED = "closed"
    ENDED = "ended"
    UNKNOWN = "unknown"

    @property
    def dpd(self) -> int | None:
        """Days past due, lower end of the band; 0 when on time, None when it says nothing.

        A charged-off month counts as 181: the debt was given up as uncollectable.
        """
        return _DPD.get(self)


_DPD = {
    PaymentStatus.NOTHING_DUE: 0,
    PaymentStatus.NO_BILL: 0,
    PaymentStatus.CURRENT: 0,
    PaymentStatus.LATE_WITHIN_MONTH: 0,
    PaymentStatus.DPD_1_30: 1,
    PaymentStatus.DPD_31_60: 31,
    PaymentStatus.DPD_61_90: 61,
    PaymentStatus.DPD_91_120: 91,
    PaymentStatus.DPD_121_150: 121,
    PaymentStatus.DPD_151_180: 151,
    PaymentStatus.DPD_181_PLUS: 181,
    PaymentStatus.CHARGED_OFF: 181,
    PaymentStatus.GUARANTOR_PAID: 0,
    PaymentStatus.ASSET_FOR_DEBT: 0,
    PaymentStatus.CLOSED: 0,
    PaymentStatus.ENDED: 0,
}


class LenderType(StrEnum):
    """What sort of institution lends or asks; names the family, not the firm."""

    BANK = "bank"
    CONSUMER_FINANCE = "consumer_finance"
    MICROLENDER = "microlender"
    AUTO_FINANCE = "auto_finance"
    LEASING = "leasing"
    TRUST = "trust"
    GUARANTOR = "guarantor"
    HOUSING_FUND = "housing_fund"
    INSURER = "insurer"
    SECURITIES = "securities"
    ASSET_MANAGER = "asset_manager"
    FACTORING = "factoring"
    FINANCE_COMPANY = "finance_company"
    OTHER = "other"


class InquiryKind(StrEnum):
    """Why a report was asked for. Hard ones are caused by the subject applying for credit."""

    LOAN_APPLICATION = "loan_application"
    CARD_APPLICATION = "card_application"
    GUARANTEE_REVIEW = "guarantee_review"
    FINANCING_REVIEW = "financing_review"
    LIMIT_REVIEW = "limit_review"
    ACCOUNT_REVIEW = "account_review"
    SELF = "self"
    OTHER = "other"

    @property
    def hard(self) -> bool:
        """It follows an application for credit."""
        return self in _HARD


_HARD = frozenset(
    {
        InquiryKind.LOAN_APPLICATION,
        InquiryKind.CARD_APPLICATION,
        InquiryKind.GUARANTEE_REVIEW,
        InquiryKind.FINANCING_REVIEW,
        InquiryKind.LIMIT_REVIEW,
    }
)
