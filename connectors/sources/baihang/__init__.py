"""Baihang 百行征信, personal credit report, interface of 2018-2021.

No public document describes the interface as a whole. This reads what public code of lenders
shows (shared notes china.md 2.1): the request and answer models of a mock service, and a program
that takes reports apart block by block. All fields of the answer are mandatory there except
`workInfo`; we insist on the report header alone and count every other missing block, because a
lender is better served by half a report and a remark than by none.

Units: amounts in yuan with up to two decimals, counts in pieces, times in China without offset.
Aggregates become `Metric`s under the field's own name: `window` is `all` for a summary and
`d30` ... `d360` for a window of days, `segment` `non_revolving`, `revolving` or, for the fields
`finLse...`, `finance_lease`. The date of the last compensation becomes the days from it to the
report.

Unknown, and treated as such:
- *Encryption.* Member configurations carry an RSA and an AES key; which fields they are for is
  not public. This speaks the plain JSON of the mock; `naming` has the seam for a cipher.
- *No file.* The values of `queryResult` are not public. A report in which every block beside
  header and `personalProfile` (an echo of the ask) is absent or empty is a no-hit.
- *Errors.* Only `ERR-20001` Not Authorized is public. Another `errorCode` says the report was
  not delivered and no more, so it is "unavailable", and not repeated.
- *Overdue status.* Digits are kept as a code without a meaning; `D` and digits are days, as the
  reporting side of the same interface defines `overdueStatus`. Anything else is an issue.
- `tenantType`, and reasons other than 1, have no published meaning.

One attempt: every query is a line in the subject's history at Baihang.
"""

from connectors.sources.baihang.connector import build

__all__ = ["build"]
