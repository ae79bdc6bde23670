"""How right the merged profile is, against a simulated world whose truth is known.

`world` measures one borrower after the other on the real path: bytes as each source sends them,
read by the shipped connectors, judged and merged by the shipped rules. Run as
`python -m benchmarks.quality`. May import everything; nothing imports it.
"""
