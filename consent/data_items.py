"""What sorts of personal data there are: a source says which of them it delivers.

A scope is what a subject grants; a data item is what stands in it, as fine as a notice has to name
it (kinds of personal information: 个人信息保护法 art. 17, 30) and as a law that forbids one names
it (征信业管理条例 art. 14). The vocabulary is closed; `docs/data_items.md` says what each one is.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Self

from consent.subject import Scope


class DataItem(StrEnum):
    """One sort of personal data, under the `scope` a subject has to grant for it."""

    scope: Scope

    def __new__(cls, word: str, scope: Scope) -> Self:
        """The word is the value; the scope goes with it."""
        item = str.__new__(cls, word)
        item._value_ = word
        item.scope = scope
        return item

    NAME = "name", Scope.IDENTITY
    ID_DOCUMENTS = "id_documents", Scope.IDENTITY
    BIRTH_DATE = "birth_date", Scope.IDENTITY
    SEX = "sex", Scope.IDENTITY
    NATIONALITY = "nationality", Scope.IDENTITY
    EDUCATION = "education", Scope.IDENTITY
    MARITAL_STATUS = "marital_status", Scope.IDENTITY
    SPOUSE = "spouse", Scope.IDENTITY
    PHONE_NUMBERS = "phone_numbers", Scope.IDENTITY
    EMAIL = "email", Scope.IDENTITY
    ADDRESSES = "addresses", Scope.IDENTITY
    EMPLOYMENT = "employment", Scope.IDENTITY
    IDENTITY_CHECKS = "identity_checks", Scope.IDENTITY

    CREDIT_ACCOUNTS = "credit_accounts", Scope.TRADELINES
    REPAYMENT_HISTORY = "repayment_history", Scope.TRADELINES
    CREDIT_AGREEMENTS = "credit_agreements", Scope.TRADELINES
    REPAYMENT_LIABILITIES = "repayment_liabilities", Scope.TRADELINES
    POSTPAID_ACCOUNTS = "postpaid_accounts", Scope.TRADELINES
    STATEMENTS = "statements", Scope.TRADELINES
    CREDIT_SUMMARIES = "credit_summaries", Scope.TRADELINES

    CREDIT_INQUIRIES = "credit_inquiries", Scope.INQUIRIES
    INQUIRY_SUMMARIES = "inquiry_summaries", Scope.INQUIRIES

    TAX_ARREARS = "tax_arrears", Scope.PUBLIC_RECORDS
    COURT_JUDGMENTS = "court_judgments", Scope.PUBLIC_RECORDS
    ENFORCEMENT = "enforcement", Scope.PUBLIC_RECORDS
    PENALTIES = "penalties", Scope.PUBLIC_RECORDS
    SOCIAL_RELIEF = "social_relief", Scope.PUBLIC_RECORDS
    QUALIFICATIONS = "qualifications", Scope.PUBLIC_RECORDS
    AWARDS = "awards", Scope.PUBLIC_RECORDS
    PUBLIC_RECORD_SUMMARIES = "public_record_summaries", Scope.PUBLIC_RECORDS

    BUREAU_SCORES = "bureau_scores", Scope.SCORES

    HOUSING_FUND = "housing_fund", Scope.CONTRIBUTIONS
    SOCIAL_INSURANCE = "social_insurance", Scope.CONTRIBUTIONS
    CONTRIBUTION_BASE = "contribution_base", Scope.CONTRIBUTIONS
    CONTRIBUTION_SUMMARIES = "contribution_summaries", Scope.CONTRIBUTIONS

    INCOME = "income", Scope.INCOME_AND_ASSETS
    ASSET_BALANCES = "asset_balances", Scope.INCOME_AND_ASSETS

    WARNING_LISTS = "warning_lists", Scope.BEHAVIOUR
    LOGIN_EVENTS = "login_events", Scope.BEHAVIOUR
    LOAN_PURPOSES = "loan_purposes", Scope.BEHAVIOUR
    BEHAVIOUR_SUMMARIES = "behaviour_summaries", Scope.BEHAVIOUR

    REGION_INDEX = "region_index", Scope.REGION

    # No record has a place for these. They have a word so that whoever declares one is told the
    # article that forbids it.
    RELIGION = "religion", Scope.IDENTITY
    GENES = "genes", Scope.IDENTITY
    FINGERPRINTS = "fingerprints", Scope.IDENTITY
    BLOOD_TYPE = "blood_type", Scope.IDENTITY
    MEDICAL_HISTORY = "medical_history", Scope.IDENTITY


def scopes_of(items: Iterable[DataItem]) -> frozenset[Scope]:
    """The scopes the items fall under."""
    return frozenset(item.scope for item in items)


def by_scope(items: Collection[DataItem]) -> dict[Scope, list[DataItem]]:
    """The items under their scopes, in the order of the vocabulary."""
    found: dict[Scope, list[DataItem]] = {}
    for item in DataItem:
        if item in items:
            found.setdefault(item.scope, []).append(item)
    return found
