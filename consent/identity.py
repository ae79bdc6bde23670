"""Identifiers of a person: checked, normalised, never printed."""
