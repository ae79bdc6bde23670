"""Which records speak of the same thing: the same person, the same institution, the same loan.

Pure: records and rules in, judgements out. When in doubt, two records stay two: a duplicate can be
seen and mended, a wrong merge is somebody else's debt. Read `loan` first.
"""
