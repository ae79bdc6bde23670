"""A small world of invented borrowers, served in each source's own wire format.

`life` makes one borrower and everything that happened to them, `bureaus` decides what each bureau
got to know of it and when, `render` writes that down the way the bureau would, `server` answers
over real HTTP on loopback. `truth` says what is so, without reading a single rendered byte.
May import `connectors.records`, `connectors.money` and `consent`, never `connectors.sources`: that
the parsers understand the sandbox is worth something only while neither knows the other.
Read `life` first, then `bureaus`.
"""
