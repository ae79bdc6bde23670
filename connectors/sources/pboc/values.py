"""From the text of a tag to a value of a record, by the tag's letter and the field's type.

A plan is made once for each container, account type and currency, and then run over every
account: one dictionary look-up and one call for each tag. What a call raises says what was
wrong: KeyError an unknown code, ValueError a value of the wrong kind.
"""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from types import UnionType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from connectors import records
from connectors.money import Money, Month, PartialDate
from connectors.normalise import amounts, codes
from connectors.normalise.years import OLDEST
from connectors.records import IssueKind
from connectors.sources.pboc import dictionary
from connectors.sources.pboc.dictionary import Leaf
from connectors.sources.pboc.issues import Issues

CODES = codes.load("pboc")
NULLS = frozenset({"", "null", "--"})  # and a missing tag: the spellings in CCRC's samples
YUAN = "CNY"

# The text of what stands twice and differs: blank, so null to whoever reads it, but a null for
# which nothing else may stand in. A report that has this character alone says as little.
TWICE = "\u2028"

# Lists that the product description prints in excerpt: a code of the right shape stands for
# itself. A.57 is GB/T 2659 alpha-3 with specials, A.58 GB/T 2260 in six digits.
_OPEN_TABLES = {"A.57": re.compile(r"[A-Z]{3}|[0-9]{3}"), "A.58": re.compile(r"[0-9]{6}")}
_PLAIN_TEXT = frozenset({"PF05AQ01", "PF06AQ01", "PE01AQ02"})  # Q tags that hold no single code
_COUNT_DIGITS = 6

Read = Callable[[str], object]
Raw = Mapping[str, str | None]
"""The texts of a container by tag, as they stand in the report."""


@lru_cache(maxsize=16384)
def day(text: str) -> PartialDate:
    """A date with its precision; ValueError on other text or a year before 1900."""
    if not text.isascii():
        raise ValueError("not a date")
    found = PartialDate.parse(text)
    if found.year < OLDEST:
        raise ValueError("before 1900")
    return found


@lru_cache(maxsize=2048)
def month(text: str) -> Month:
    """A month; a full day is more than was asked for and counts as its month."""
    found = day(text)
    if found.month is None:
        raise ValueError("no month")
    return Month(found.year, found.month)


@lru_cache(maxsize=8192)
def vouched(text: str) -> date:
    """The day a source vouches for: the earliest it can mean."""
    return day(text).earliest()


@lru_cache(maxsize=1024)
def count(text: str) -> int:
    """A number of things, up to six digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= _COUNT_DIGITS):
        raise ValueError("not a count")
    return int(text)


def text_of(text: str) -> str:
    """A text without the blanks around it; ValueError when nothing is left."""
    bare = text.strip()
    if not bare:
        raise ValueError("blank")
    return bare


def _shift(text: str) -> int:
    return -count(text[1:]) if text.startswith("-") else count(text)


_SCORE_MAX = 985  # 数字解读 runs from 0 to 985
_PERCENT = re.compile(r">?\s*([0-9]{1,3})(?:\.[0-9]+)?\s*%?")


def _score(text: str) -> int:
    value = count(text)
    if value > _SCORE_MAX:
        raise ValueError("not a score")
    return value


def _percent(text: str) -> int:
    found = _PERCENT.fullmatch(text)
    if found is None or int(found[1]) > 100:  # noqa: PLR2004 - a percentage
        raise ValueError("not a percentage")
    return int(found[1])


def _to_the_month(text: str) -> PartialDate:
    found = day(text)
    if found.month is None:
        raise ValueError("no month")
    return found


def _dated(text: str) -> str:
    return str(day(text))


_BY_TAG: Mapping[str, Read] = {
    "PC010Q01": _score,
    "PC010Q02": _percent,
    "PD01FS02": _shift,
    "PE01AQ02": text_of,  # a symbol for each of 24 months, taken apart in `units`
}


@dataclass(frozen=True, slots=True)
class Key:
    """What a plan depends on: account type for its codes, currency for its amounts."""

    account_type: str = ""
    currency: str = YUAN
    borrower: str = ""


NO_KEY = Key()


def target(leaf: Leaf) -> object:
    """The type of the field that `leaf` goes to; `details.*` of a public record are text."""
    if leaf.field.startswith("details."):
        return str
    found: object = getattr(records, leaf.record)
    for name in leaf.field.split("."):
        hint = get_type_hints(found)[name]
        options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        (found,) = (option for option in options if option is not type(None))
        if get_origin(found) is tuple:
            found = get_args(found)[0]
    return found


def words(leaf: Leaf, key: Key = NO_KEY) -> Mapping[str, str]:
    """The codes `leaf` may hold, for this account type, and what we call them.

    The product of a liability is in A.20 when a person borrowed and in A.43 when an
    organisation did; as long as we do not know which, no code means anything.
    """
    tables = leaf.tables
    if leaf.tag == "PD03AD02":
        tables = {"natural_person": ("A.20",), "organisation": ("A.43",)}.get(key.borrower, ())
    return CODES.words(*tables, account_type=key.account_type) if tables else {}


def _coded(leaf: Leaf, key: Key) -> Read:
    for table, form in _OPEN_TABLES.items():
        if leaf.tables == (table,):

            def stands_for_itself(text: str, form: re.Pattern[str] = form) -> str:
                if form.fullmatch(text) is None:
                    raise KeyError
                return text

            return stands_for_itself
    to = str if leaf.record == "segment" else target(leaf)
    table_words = words(leaf, key)
    if isinstance(to, type) and issubclass(to, StrEnum):
        return {code: to(word) for code, word in table_words.items()}.__getitem__
    return dict(table_words).__getitem__


@cache
def read_of(leaf: Leaf, key: Key = NO_KEY) -> Read:
    """How the text of `leaf` is read; TypeError when its letter does not fit its field."""
    if leaf.tag in _BY_TAG:
        return _BY_TAG[leaf.tag]
    if leaf.kind == "D" or (leaf.tables and leaf.tag not in _PLAIN_TEXT):
        return _coded(leaf, key)
    if leaf.record == "Metric":
        measures: Mapping[str, Read] = {
            "S": count,
            "J": amounts.reader(YUAN),
            "R": _to_the_month,
        }
        return measures[leaf.kind]
    to = target(leaf)
    fitting: Mapping[tuple[str, object], Read] = {
        ("I", str): text_of,
        ("Q", str): text_of,
        ("S", int): count,
        ("J", Money): amounts.reader(key.currency),
        ("R", PartialDate): day,
        ("R", Month): month,
        ("R", date): vouched,
        ("R", str): _dated,
    }
    try:
        return fitting[leaf.kind, to]
    except KeyError:
        raise TypeError(f"{leaf.tag} cannot become {leaf.record}.{leaf.field}") from None


class Step(NamedTuple):
    """How one tag of a container is read, and into which field.

    `past` when a date must not lie after the report; `of` says, where codes depend on it, for
    which account type or borrower they are read.
    """

    field: str
    read: Read
    past: bool
    of: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How one container is read.

    A tag that counts only where another one for its field is null (`else` in the dictionary)
    goes to a field of its own, which `fallbacks` maps to the right one.
    """

    steps: Mapping[str, Step]
    fallbacks: Mapping[str, str]
    needed: Mapping[str, str]


@cache
def plan(path: str, key: Key = NO_KEY) -> Plan:
    """The plan of the container at `path`; tags that go to no field are left out."""
    steps: dict[str, Step] = {}
    fallbacks: dict[str, str] = {}
    needed: dict[str, str] = {}
    for leaf in dictionary.group(path).leaves.values():
        if leaf.record in ("ignored", "check", "segment", "Metric"):
            continue
        name = leaf.field
        if not name.startswith("details."):
            name = name.rpartition(".")[2]
        if leaf.needed:
            needed[leaf.tag] = name
        if leaf.detail == "else":
            fallbacks[f"else {name}"] = sys.intern(name)
            name = f"else {name}"
        name = sys.intern(name)  # Python finds keyword arguments by identity first
        past = leaf.kind == "R" and not leaf.ahead
        steps[leaf.tag] = Step(name, read_of(leaf, key), past, _for_whom(leaf, key))
    return Plan(steps, fallbacks, needed)


def _for_whom(leaf: Leaf, key: Key) -> str:
    if leaf.tag == "PD03AD02":
        return key.borrower or "a borrower of no stated category"
    if any(table in leaf.tables and of_type for table, of_type, _ in CODES.rows):
        return key.account_type or "an account of no known type"
    return ""


def _twice(field: str, raw: Raw, plan: Plan) -> bool:
    """Whether `raw` says `field` twice and differently."""
    steps = plan.steps
    return any(raw.get(tag) == TWICE for tag, step in steps.items() if step.field == field)


@dataclass(frozen=True, slots=True)
class Reading:
    """The report being read: its source, its day in China, and what was odd so far."""

    source: str
    today: date
    today_text: str
    issues: Issues

    def into(self, out: dict[str, Any], raw: Raw, plan: Plan) -> None:
        """Read `raw` into `out`, over what is there: what counts most is read last.

        Null leaves a field alone. A value that could not be read makes it None, so that an
        older value from another segment never stands in for it; so does one said twice.
        """
        step_of, today = plan.steps.get, self.today_text
        for tag, text in raw.items():
            if not text or (step := step_of(tag)) is None or text in NULLS:
                continue
            try:
                value = step.read(text)
            except (KeyError, ValueError):
                self._closely(out, tag, text, step)
                continue
            if step.past and text > today:  # ISO 8601: text order is time order
                self._closely(out, tag, text, step)
                continue
            out[step.field] = value
        for other, name in plan.fallbacks.items():
            value = out.pop(other, None)
            if value is not None and out.get(name) is None and not _twice(name, raw, plan):
                out[name] = value
        for tag, name in plan.needed.items():
            if out.get(name) is None and (raw.get(tag) or "").strip() in NULLS:
                self.issues.add(IssueKind.MISSING, tag, "required and null")

    def _closely(self, out: dict[str, Any], tag: str, text: str, step: Step) -> None:
        """Read a value that is odd, or only has blanks around it."""
        bare = text.strip()
        if bare in NULLS:
            if text == TWICE:
                out[step.field] = None
            return
        value = self.one(tag, bare, step.read, of=step.of)
        if value is not None and step.past and bare > self.today_text:
            self.issues.bad_value(tag, bare, "a day up to the report's")
            value = None
        out[step.field] = value

    def one(self, tag: str, text: str | None, read: Read, *, of: str = "") -> Any:  # noqa: ANN401 - the type follows from `read`
        """Read one value, without the blanks around it; None, counted, when it is odd."""
        bare = (text or "").strip()
        if bare in NULLS:
            return None
        try:
            return read(bare)
        except KeyError:
            self.issues.code_of(tag, bare, of)
            return None
        except ValueError:
            self.issues.bad_value(tag, bare, _WANTED.get(tag[-3], "a text"))
            return None


_WANTED = {
    "R": "a date", "J": "an amount", "S": "a count", "Q": "a number",
}  # fmt: skip
