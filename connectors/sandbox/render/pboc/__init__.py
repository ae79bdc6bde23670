"""A life as a second-generation personal credit report of the PBOC credit reference centre.

After the CCRC product description of 2020-07 and query-interface specification of 2019-09 (our
extracts: china.md section 1, its field list and its code lists A.1-A.65). `message` wraps the
report into the D102 answer; `report` builds its chapters from `lines` (one per account, in whole
yuan) so that details and summaries rest on the same rounded figures.
"""
