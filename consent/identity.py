"""Identifiers of a person: checked, normalised, never printed.

python-stdnum knows the check digits; this module says which identifiers we take, what their
normalised form is (the one that blind indexes and sources see) and what an error may say.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent, ValidationError

from consent.errors import InvalidInput

TEST_REGION = "999999"
"""No administrative division has this code (GB/T 2260), so no person can have such a number."""
TEST_REGIONS = frozenset({TEST_REGION, "999998"})
"""A second one, so that two regions can differ."""

_PASSPORT = re.compile(r"[A-Z0-9]{5,17}")  # ICAO 9303-4 4.2.2: document number; longer ones exist
_CN_MOBILE = re.compile(r"(?:\+?86)?(1\d{10})")  # 11 digits from 1 on (MIIT numbering plan 2017)
_NAME_MAX = 120
_LINE_MAX = 300


@dataclass(frozen=True, slots=True)
class Identity:
    """The subject as the member knows them; made only by `check`, opened only under a permit.

    `id_type` is `CN_RIC` (resident identity card, GB 11643) or `PASSPORT`; `id_number`
    normalised, `mobile` as E.164 digits without the plus (`8613900000000`). `address` and
    `employer` are what the subject told the member; they help to tell whose a report is.
    """

    name: str = field(repr=False)
    id_type: str
    id_number: str = field(repr=False)
    mobile: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    employer: str | None = field(default=None, repr=False)


def check(
    *,
    name: str,
    id_type: str,
    id_number: str,
    mobile: str | None = None,
    address: str | None = None,
    employer: str | None = None,
    allow_test_region: bool = False,
) -> Identity:
    """Validate and normalise; `InvalidInput` names the field and what would have been right.

    `allow_test_region` lets synthetic people (region 999999) in: for demos and tests, never in
    production.
    """
    full_name = _line("/subject/name", name, _NAME_MAX)
    number, born = check_document(id_type, id_number, allow_test_region=allow_test_region)
    home = None if address is None else _line("/subject/address", address, _LINE_MAX)
    work = None if employer is None else _line("/subject/employer", employer, _LINE_MAX)
    return Identity(full_name, id_type, number, _mobile(mobile), born, home, work)


def _line(field: str, text: str, most: int) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    control = any(unicodedata.category(char) == "Cc" for char in plain)
    if control or not 0 < len(plain) <= most:
        raise InvalidInput(field, f"1 to {most} characters, none control")
    return plain


def check_document(
    id_type: str, id_number: str, *, allow_test_region: bool = False
) -> tuple[str, date | None]:
    """The normalised number and, where the number tells it, the date of birth."""
    match id_type:
        case "CN_RIC":
            return _resident_id(id_number, allow_test_region=allow_test_region)
        case "PASSPORT":
            number = unicodedata.normalize("NFKC", id_number).replace(" ", "").upper()
            if not _PASSPORT.fullmatch(number):
                raise InvalidInput("/subject/id_number", "5 to 17 letters and digits")
            return number, None
        case _:
            raise InvalidInput("/subject/id_type", "one of CN_RIC, PASSPORT")


def _resident_id(text: str, *, allow_test_region: bool) -> tuple[str, date]:
    number = ric.compact(unicodedata.normalize("NFKC", text))
    try:
        ric.validate(number)
    except InvalidComponent:  # all digits fit, but no such region or no such day
        if not (allow_test_region and number[:6] in TEST_REGIONS):
            expected = "a region of GB/T 2260 and a real birth date inside the number"
            raise InvalidInput("/subject/id_number", expected) from None
    except ValidationError:
        expected = "18 characters: region, birth date YYYYMMDD, sequence, check digit (GB 11643)"
        raise InvalidInput("/subject/id_number", expected) from None
    try:
        born: date = ric.get_birth_date(number)
    except ValidationError:
        expected = "a real birth date in characters 7 to 14"
        raise InvalidInput("/subject/id_number", expected) from None
    return number, born


def _mobile(text: str | None) -> str | None:
    if text is None:
        return None
    found = _CN_MOBILE.fullmatch(re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)))
    if found is None:
        raise InvalidInput(
            "/subject/mobile", "a Chinese mobile number: 11 digits from 1 on, +86 optional"
        )
    return f"86{found[1]}"
