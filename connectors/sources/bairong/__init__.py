"""Bairong 百融, multi-lender products: one flat JSON object of texts (shared notes china.md 2.3).

Two products, each read by the grammar of its keys, since new lender classes appear faster than
any list of keys is kept: ApplyLoanStr, applications for credit (`applications`), and
SpecialList_c, adverse lists (`lists`).

Codes and flags are in `config/codes/bairong.csv`. An unlisted `code` says that there is no
answer and no more, so it is "unavailable". The time of the answer stands in `swift_number`,
`<customer>_<yyyyMMdd>_<HHmmss>_<n>`, taken as China's [our inference]. Empty means none.

The request is ours: public material shows answers only. It is a POST of JSON with `api_code`,
`products`, `id`, `cell` (left out when unknown) and `name`; a member whose contract says
otherwise puts an adapter of a few lines in front. One attempt: a query may count as an
application (`selfnum`).
"""

from connectors.sources.bairong.connector import build

__all__ = ["build"]
