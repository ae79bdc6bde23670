"""The number a source gives its report: it stands in every evidence and is cited by people."""

_MOST_CHARS = 128


def read(value: object) -> str | None:
    """The number without the blanks around it; None of what is no text, or cannot be cited.

    A number that can is up to 128 characters, all of them printable.
    """
    number = value.strip() if isinstance(value, str) else ""
    return number if 0 < len(number) <= _MOST_CHARS and number.isprintable() else None
