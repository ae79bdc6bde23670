"""The rules a profile names, by name and version, each in words.

Every `rule` of a profile is one of these, but for what is `withheld`: that names a law. A rule
without words is a rule nobody can object to, so a name stands here or nowhere. Another way of
choosing is another name, never a change under an old one.
"""

from collections.abc import Mapping
from types import MappingProxyType

LATEST = "latest_then_rank/1"
RANKED = "rank_then_latest/1"
MOST_PRECISE = "most_precise_then_rank/1"
MOST_COMPLETE = "most_complete_then_rank/1"
FULLEST = "fullest_record_then_rank/1"
WORST_BY_MONTH = "worst_by_month/1"
LATEST_BY_MONTH = "latest_by_month/1"

UNION = "union/1"
"""Values stand side by side instead of one being chosen."""

NAMED = "named_by_directory/2"
"""The name in our directory, of a branch its firm's, or the source's own where we list neither."""

ONE_APPLICATION = "same_institution_day/3"
"""One institution asking on one day is one application, at however many bureaus: each bureau has
its own words for why. Reviews without an application stand apart, by their kind. What one bureau
dates by its month alone is one with what another dates by a day of it, one to one."""

ONE_CASE = "same_case/4"
"""Stated by several records as one case of one authority."""

KIND_ONLY = "kind_only/3"
"""A public record that tells its kind alone, beside a case of it that may go on: shown, and not
counted."""

SAME_LOAN = "same_loan/1"
"""The pair is likely enough by its weighed facts, and nothing else comes near."""

JUDGED = "judged/1"
"""A person said so (`POST /v1/links`); the score is what the facts would have said."""

MOVED_DEBT = "moved_debt/1"
"""The debt of one account is with another now."""

_BY_MONTH = "each record stands for the months it tells so, against those it tells otherwise"

WORDS: Mapping[str, str] = MappingProxyType(
    {
        LATEST: "the record with the newest date decides; on one date the source ranked first, "
        "then the smaller record id",
        RANKED: "the source ranked first decides; of one source, its newest record",
        MOST_PRECISE: "the most precise date decides; of equally precise ones the source ranked "
        "first, then the newest record",
        MOST_COMPLETE: "the most complete text decides; of equally complete ones the source "
        "ranked first, then the newest record",
        FULLEST: "the record that says the most decides; of equally full ones the source ranked "
        "first, then the newest record",
        WORST_BY_MONTH: f"month by month the worst status that any record tells; {_BY_MONTH}",
        LATEST_BY_MONTH: f"month by month the status of the newest record that knows it; "
        f"{_BY_MONTH}",
        UNION: "every value that any record states stands here, side by side",
        NAMED: "the lender's own name in our directory of institutions, for all the records whose "
        "code or name it lists there, or whose branch they name; of a lender it does not list, the "
        "source's own name",
        ONE_APPLICATION: "what one institution asked on one day is one inquiry, at however many "
        "bureaus it stands and whichever branch of it asked: its applications together for "
        "whatever reason, its reviews by their kind; what a source dates by its month alone is one "
        "with what another dates by a day of that month, one to one; where the institution, the "
        "month or such a day is not known, each record stands alone",
        ONE_CASE: "several records tell one case, by its number, or by kind, day and authority or "
        "amount where nothing else tells them apart; the newest record decides, of one day the "
        "fullest",
        KIND_ONLY: "the record tells that there is a case of its kind and nothing else of it, and "
        "a case of that kind that may have been going on on its day is counted already: it stands "
        "here and is not counted again",
        SAME_LOAN: "the two records are one account: likely enough by their weighed facts, and "
        "nothing else comes near",
        JUDGED: "a person said so; the score is what the facts would have said",
        MOVED_DEBT: "one account gave its debt up and the other, opened about then, has it: likely "
        "enough by the weighed facts, and nothing else comes near",
    }
)
"""Each rule in words."""
