"""Later reads: why a value is what it is, what changed, past replies again."""
