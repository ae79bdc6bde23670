"""What every field of every record is worth, and so which key its section is sealed under.

JR/T 0171-2020 puts what identifies a person and what shows their finances, lending information
by name, into one class, C2: encrypted at rest, masked on display, access logged. Within C2 the
line between the two is ours: scoring works on the account and score keys and never needs the
identity key. C3 (passwords, card verification codes, biometrics) must never enter at all and
has no class here; C1 is what is left in clear.

Names are text because the floor may not import connectors; a test holds them against
`connectors.records` and fails to load when a field is missing here.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from types import MappingProxyType

from consent.subject import Scope
from consent.vault.keys import KeyClass


class FieldClass(IntEnum):
    """How much a value tells about a person; a greater number asks for more care."""

    PLAIN = 0  # where a statement comes from: nothing about the person
    SCORE = 1  # a number somebody computed about them
    ACCOUNT = 2  # lending and other financial information, account and contract numbers
    TEXT = 3  # financial, in words somebody typed: it may name anyone, a scoring view leaves it out
    IDENTITY = 4  # says who they are, how to reach them, whom they live with or work for


_STRICTEST_FIELD = {  # what each class of key may hold; the other classes hold no record fields
    KeyClass.SCORE: FieldClass.SCORE,
    KeyClass.ACCOUNT: FieldClass.TEXT,
    KeyClass.IDENTITY: FieldClass.IDENTITY,
    KeyClass.RAW: FieldClass.IDENTITY,
}

_SECTION_KEYS = MappingProxyType(
    {
        Scope.IDENTITY: KeyClass.IDENTITY,
        Scope.TRADELINES: KeyClass.ACCOUNT,
        Scope.INQUIRIES: KeyClass.ACCOUNT,
        Scope.PUBLIC_RECORDS: KeyClass.ACCOUNT,
        Scope.SCORES: KeyClass.SCORE,
        Scope.INCOME_AND_ASSETS: KeyClass.ACCOUNT,
        Scope.CONTRIBUTIONS: KeyClass.IDENTITY,  # a contribution names the employer
        Scope.BEHAVIOUR: KeyClass.ACCOUNT,
        Scope.REGION: KeyClass.ACCOUNT,  # the code is part of an identity number
    }
)

_ORIGIN = "source record_id as_of"

_P, _S, _A, _T, _I = FieldClass

_TABLE: Mapping[str, Mapping[FieldClass, str]] = {
    "IdDocument": {_I: "type number"},
    "Annotation": {_A: "kind added", _T: "text"},
    "Identity": {
        _P: _ORIGIN,
        _I: "name documents birth_date sex nationality education degree employment_status email "
        "mailing_address registered_address marital_status spouse_name spouse_document "
        "spouse_employer spouse_phone",
    },
    "Phone": {_P: _ORIGIN, _I: "number"},
    "Address": {_P: _ORIGIN, _I: "text status phone"},
    "Employment": {
        _P: _ORIGIN,
        _I: "employer employer_kind industry address phone occupation position title status "
        "since_year",
    },
    "GridMonth": {_A: "month status overdue"},
    "SpecialTransaction": {_A: "kind on months_shifted amount", _T: "detail"},
    "SpecialEvent": {_A: "kind month"},
    "LargeInstalment": {_A: "limit starts ends used"},
    "Tradeline": {
        _P: _ORIGIN,
        _A: "kind status lender lender_type account_ref opened currency product agreement_ref "
        "matures closed transferred original_amount credit_limit shared_limit balance used "
        "unbilled_instalments average_used_6m highest_used payment_due scheduled_payment "
        "actual_payment last_payment last_payment_amount past_due overdue_terms past_due_31_60 "
        "past_due_61_90 past_due_91_180 past_due_181_plus five_class payment_status "
        "status_at_transfer repayment_method repayment_frequency terms remaining_terms guarantee "
        "issuance joint grid events instalments",
        _T: "transactions annotations",
    },
    "CreditAgreement": {
        _P: _ORIGIN,
        _A: "lender lender_type agreement_ref purpose status currency amount used limit effective "
        "expires limit_ref",
        _T: "annotations",
    },
    "Liability": {
        _P: _ORIGIN,
        _A: "lender lender_type borrower_category role product opened matures currency liability "
        "balance five_class account_kind payment_status overdue_months contract_ref",
        _T: "annotations",
    },
    "Postpaid": {
        _P: _ORIGIN,
        _A: "account_type provider service opened status arrears month grid",
        _T: "annotations",
    },
    "Inquiry": {_P: _ORIGIN, _A: "on kind reason institution institution_type"},
    "PublicRecord": {
        _P: _ORIGIN,
        _A: "kind authority amount filed ended status outcome_amount",
        _T: "subject_matter outcome details annotations",
    },
    "ContributionMonth": {_A: "month paid"},
    "Contribution": {
        _P: _ORIGIN,
        _A: "kind status region enrolled first_paid paid_to monthly_amount base employer_rate "
        "personal_rate months",
        _T: "annotations",
        _I: "employer",
    },
    "IncomeMonth": {_A: "month amount"},
    "Income": {_P: _ORIGIN, _A: "months told_by"},
    "ListHit": {_P: _ORIGIN, _A: "list_kind reason matched_on kept_by", _T: "description"},
    "BureauScore": {_P: _ORIGIN, _S: "product value percentile factors"},
    "Metric": {_P: f"{_ORIGIN} scope", _S: "name window value unit key segment"},
    "Statement": {_P: _ORIGIN, _A: "object_type object_id", _T: "annotations"},
    "RegionMonth": {_A: "month index"},
    "RegionIndex": {_P: _ORIGIN, _A: "region chosen_by months"},
    "Login": {_P: _ORIGIN, _A: "event at outcome method device region"},
    "ObservedUse": {_A: "on use amount"},
    "LoanPurpose": {
        _P: _ORIGIN,
        _A: "event declared_on declared application account_ref amount observed",
    },
    "Issue": {_P: "source kind where what count"},
    "Report": {_P: "source report_id as_of version issues partial", _I: "records"},
    "NoHit": {_P: "source as_of"},
}


def _flat(
    table: Mapping[str, Mapping[FieldClass, str]],
) -> Mapping[str, Mapping[str, FieldClass]]:
    """Field by field; a field named twice in one record is a slip that must not pass."""
    flat: dict[str, Mapping[str, FieldClass]] = {}
    for record_type, classes in table.items():
        named = [(name, cls) for cls, names in classes.items() for name in names.split()]
        if len(dict(named)) != len(named):
            raise ValueError(f"{record_type} has a field in two classes")
        flat[record_type] = MappingProxyType(dict(named))
    return MappingProxyType(flat)


FIELDS = _flat(_TABLE)
"""Record type, then field, to its class."""


def classify(record_type: str, field: str) -> FieldClass:
    """The class of a field; LookupError when nobody has thought about it yet."""
    try:
        return FIELDS[record_type][field]
    except KeyError:
        raise LookupError(
            f"{record_type}.{field} is not classified in consent.vault.fields"
        ) from None


def section_key(scope: Scope) -> KeyClass:
    """The key a profile's section, or any record of that scope, is sealed under."""
    return _SECTION_KEYS[scope]


def covers(key_class: KeyClass, fields: Iterable[FieldClass]) -> bool:
    """Whether a key of that class may hold such fields: it is as strict as the strictest."""
    limit = _STRICTEST_FIELD.get(key_class)
    return limit is not None and all(field <= limit for field in fields)
