"""Families of attributes, worked out from what is known of a life.

A module for one family or two, each attribute in a line or two; `reckoning` has the arithmetic they
share. `sheet` puts them together: read that first.
"""
