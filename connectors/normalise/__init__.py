"""Source codes to our words: tables as data with a citation, and no default branch.

`codes` reads the tables of `config/codes`, `amounts` turns major units into `Money`. Both are
pure once loaded; nothing here knows a source.
"""
