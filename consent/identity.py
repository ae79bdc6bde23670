"""Identifiers of a person: checked, normalised, never printed.

python-stdnum knows the check digits; this module says which identifiers we take, what the
normalised form is (the one that blind indexes and sources see) and what an error may say.
"""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Identity:
    """The subject as the member knows them; made only by `check`, opened only under a permit.

    `id_type` is `CN_RIC` (resident identity card, GB 11643) or `PASSPORT`; `id_number`
    normalised, `mobile` as E.164 digits without the plus, `8613900000000`.
    """

    name: str = field(repr=False)
    id_type: str
    id_number: str = field(repr=False)
    mobile: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)
