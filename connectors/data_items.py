"""Which data items a record holds (`consent.data_items`).

A record holds the item of its type, or of the word that tells what it is about (`kind`, of a metric
its `scope`), and one for each field that says something a notice has to name by itself.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from connectors.records import (
    Address,
    BureauScore,
    Contribution,
    CreditAgreement,
    Employment,
    Identity,
    Income,
    Inquiry,
    Liability,
    ListHit,
    LoanPurpose,
    Login,
    Metric,
    Phone,
    Postpaid,
    PublicRecord,
    Record,
    RegionIndex,
    Statement,
    Tradeline,
)
from consent.data_items import DataItem
from consent.subject import Scope

_BY_TYPE: Mapping[type[Record], DataItem] = MappingProxyType(
    {
        Phone: DataItem.PHONE_NUMBERS,
        Address: DataItem.ADDRESSES,
        Employment: DataItem.EMPLOYMENT,
        Tradeline: DataItem.CREDIT_ACCOUNTS,
        CreditAgreement: DataItem.CREDIT_AGREEMENTS,
        Liability: DataItem.REPAYMENT_LIABILITIES,
        Postpaid: DataItem.POSTPAID_ACCOUNTS,
        Statement: DataItem.STATEMENTS,
        Inquiry: DataItem.CREDIT_INQUIRIES,
        BureauScore: DataItem.BUREAU_SCORES,
        Income: DataItem.INCOME,
        ListHit: DataItem.WARNING_LISTS,
        Login: DataItem.LOGIN_EVENTS,
        LoanPurpose: DataItem.LOAN_PURPOSES,
        RegionIndex: DataItem.REGION_INDEX,
    }
)

_BY_FIELD: Mapping[type[Record], Mapping[str, DataItem]] = MappingProxyType(
    {
        Identity: {
            "name": DataItem.NAME,
            "documents": DataItem.ID_DOCUMENTS,
            "birth_date": DataItem.BIRTH_DATE,
            "sex": DataItem.SEX,
            "nationality": DataItem.NATIONALITY,
            "education": DataItem.EDUCATION,
            "degree": DataItem.EDUCATION,
            "employment_status": DataItem.EMPLOYMENT,
            "email": DataItem.EMAIL,
            "mailing_address": DataItem.ADDRESSES,
            "registered_address": DataItem.ADDRESSES,
            "marital_status": DataItem.MARITAL_STATUS,
            "spouse_name": DataItem.SPOUSE,
            "spouse_document": DataItem.SPOUSE,
            "spouse_employer": DataItem.SPOUSE,
            "spouse_phone": DataItem.SPOUSE,
        },
        Address: {"phone": DataItem.PHONE_NUMBERS},
        Tradeline: {"grid": DataItem.REPAYMENT_HISTORY},
        Contribution: {"base": DataItem.CONTRIBUTION_BASE},
    }
)

TOLD_BY: Mapping[type[Record], str] = MappingProxyType(
    {PublicRecord: "kind", Contribution: "kind", Metric: "scope"}
)
"""The field whose word tells what a record of the type is about."""

_BY_WORD: Mapping[type[Record], Mapping[str, DataItem]] = MappingProxyType(
    {
        PublicRecord: {
            "tax_arrears": DataItem.TAX_ARREARS,
            "civil_judgment": DataItem.COURT_JUDGMENTS,
            "enforcement": DataItem.ENFORCEMENT,
            "penalty": DataItem.PENALTIES,
            "relief": DataItem.SOCIAL_RELIEF,
            "licence": DataItem.QUALIFICATIONS,
            "award": DataItem.AWARDS,
        },
        Contribution: {
            "housing_fund": DataItem.HOUSING_FUND,
            "pension": DataItem.SOCIAL_INSURANCE,
            "unemployment": DataItem.SOCIAL_INSURANCE,
            "work_injury": DataItem.SOCIAL_INSURANCE,
        },
        Metric: {
            Scope.IDENTITY: DataItem.IDENTITY_CHECKS,
            Scope.TRADELINES: DataItem.CREDIT_SUMMARIES,
            Scope.INQUIRIES: DataItem.INQUIRY_SUMMARIES,
            Scope.PUBLIC_RECORDS: DataItem.PUBLIC_RECORD_SUMMARIES,
            Scope.SCORES: DataItem.BUREAU_SCORES,
            Scope.CONTRIBUTIONS: DataItem.CONTRIBUTION_SUMMARIES,
            Scope.INCOME_AND_ASSETS: DataItem.ASSET_BALANCES,
            Scope.BEHAVIOUR: DataItem.BEHAVIOUR_SUMMARIES,
            Scope.REGION: DataItem.REGION_INDEX,
        },
    }
)


PLACES = frozenset(_BY_TYPE.values()).union(
    *(table.values() for table in (*_BY_FIELD.values(), *_BY_WORD.values()))
)
"""All the items some record has a place for."""


def items_in(
    kind: type[Record], said: Collection[str], words: Collection[str]
) -> frozenset[DataItem]:
    """What records of a type hold; `said` are the fields that say something, `words` what is told.

    A word is one of the field `TOLD_BY` names; ValueError lists the known ones.
    """
    told = _BY_WORD.get(kind, {})
    if odd := sorted(set(words) - told.keys()):
        raise ValueError(f"no word {', '.join(odd)}; known: {', '.join(told)}")
    found = {told[word] for word in words}
    found |= {item for name, item in _BY_FIELD.get(kind, {}).items() if name in said}
    return frozenset(found | ({_BY_TYPE[kind]} if kind in _BY_TYPE else set()))


def items_of(record: Record) -> frozenset[DataItem]:
    """What a record holds."""
    kind = type(record)
    said = {name for name in _BY_FIELD.get(kind, ()) if getattr(record, name) not in (None, ())}
    word = [getattr(record, TOLD_BY[kind])] if kind in TOLD_BY else []
    return items_in(kind, said, word)
