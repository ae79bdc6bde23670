"""Tongdun 同盾, pre-loan report (shared notes china.md 2.4; samples in lenders' code, 2017-18).

A report is a decision, a score, and a list of risk items; what a rule found stands in the item's
detail, in one of four shapes:

- `platform_detail`: on how many platforms the person applied or was lent to, by class of platform
  (`类别:n`), once in all and once for each thing matched on (number, mobile, mail);
- `discredit_count`: how often and how badly the person was overdue;
- `frequency_detail`: how often something was used or how many others it is linked to, as prose
  (`7天内手机号申请次数：5`). The values behind the count are other people's: dropped;
- lists: warning lists (`ListHit`) and courts (`PublicRecord`). A fuzzy list holds people of a
  similar name or number, so a hit on one says nothing about this person; it is counted only.

**Windows stand in prose only**, in an item's name: `7天内...` is `d7`, `3个月内...` is `m3`; a name
without one is `all`. Names differ by member, so an item is told by its group; each gives a
`Metric` called like the group with its risk level (1 low, 2 medium, 3 high), `segment` the item's
number. Every number becomes a `Metric`; counts overlap with what other sources count and
are never added to them.

Units: counts; days; `overdue_amount` has no unit anywhere in public, so its unit is `unknown`.
Times are epoch milliseconds. `final_score` is 0-100, more is riskier; it becomes a `BureauScore`
whose one factor is the decision.

Unknown: how the request is made and signed, and the codes of failures (only the names of
`reason_code` and `reason_desc` are public), so a failure is "unavailable"; see
`connectors.partner`. A report without any item is a no-hit: Tongdun answers about everybody, and
this one it knows nothing of.
`address_detect` is derived from number and mobile and adds nothing.
"""

from connectors.sources.tongdun.connector import build

__all__ = ["build"]
