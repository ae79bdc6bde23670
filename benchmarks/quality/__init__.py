"""How right the answers are, measured: same person, same loan, attributes against the truth."""
