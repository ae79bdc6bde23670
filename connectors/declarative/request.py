"""What is asked, as a template: a JSON object some of whose leaves are placeholders.

`{name}`, `{id_number}`, `{mobile}` and `{purpose}` (the source's code for it) stand for the subject
and the purpose, `{mobile?}` for a mobile that is left out when it is not known, `{secret:key}` for
the secret `key`. A header may hold secrets, also inside a text, and nothing of the subject: what
stands there is logged on the way.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field, field_validator

from connectors import asking, options
from connectors.base import SourceSettings
from consent.errors import ConfigError
from consent.identity import Identity

_PLACEHOLDER = re.compile(r"\{([a-z_:]+\??)\}")
_SECRET = "secret:"  # noqa: S105 - how a placeholder begins
_ABSENT = object()

Fill = Callable[[str, Identity, str], object]


def _mobile(source: str, subject: Identity, _: str) -> object:
    return asking.mobile(source, subject)


def _mobile_if_known(source: str, subject: Identity, _: str) -> object:
    return _ABSENT if subject.mobile is None else asking.mobile(source, subject)


_FILLS: Mapping[str, Fill] = MappingProxyType(
    {
        "{name}": lambda _, subject, __: subject.name,
        "{id_number}": lambda source, subject, _: asking.resident_id(source, subject),
        "{mobile}": _mobile,
        "{mobile?}": _mobile_if_known,
        "{purpose}": lambda _, __, purpose: purpose,
    }
)
_TOLD = MappingProxyType(
    {"{name}": "name", "{id_number}": "id_number", "{mobile}": "mobile", "{mobile?}": "mobile"}
)


class Request(options.Options):
    """Where and how the source is asked: one POST."""

    path: Annotated[str, Field(pattern=r"^/[^{}?#]*$")]
    headers: Annotated[
        Mapping[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")], str],
        Field(repr=False),
    ] = {}
    body: Annotated[Mapping[str, Any], Field(min_length=1, repr=False)]

    @field_validator("headers")
    @classmethod
    def _secrets_only(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        for text in headers.values():
            if any(not word.startswith(_SECRET) for word in _PLACEHOLDER.findall(text)):
                raise ValueError("a header holds secrets only")
        return headers

    def with_secrets(self, settings: SourceSettings) -> "Request":
        """The same with its secrets in place; `ConfigError` for a placeholder nobody can fill."""

        def fill(text: str) -> str:
            return _PLACEHOLDER.sub(lambda found: _secret(settings, found), text)

        return self.model_copy(
            update={
                "headers": {name: fill(text) for name, text in self.headers.items()},
                "body": _each_leaf(self.body, lambda leaf: _checked(settings, leaf, fill)),
            }
        )

    def of(self, source: str, subject: Identity, purpose: str) -> dict[str, object]:
        """The body about one person; a placeholder that may be absent takes its field with it."""
        filled = _each_leaf(
            self.body,
            lambda leaf: _FILLS[leaf](source, subject, purpose) if _fills(leaf) else leaf,
        )
        if not isinstance(filled, dict):
            raise TypeError("a body is an object")
        return filled

    def told(self) -> frozenset[str]:
        """What of the subject the source is told."""
        named = (leaf for leaf in _leaves(self.body) if isinstance(leaf, str))
        return frozenset(_TOLD[leaf] for leaf in named if leaf in _TOLD)


def _fills(leaf: object) -> bool:
    return isinstance(leaf, str) and leaf in _FILLS


def _secret(settings: SourceSettings, found: re.Match[str]) -> str:
    return options.secret(settings, found[1].removeprefix(_SECRET))


def _checked(settings: SourceSettings, leaf: object, fill: Callable[[str], str]) -> object:
    if isinstance(leaf, bool | int) or not isinstance(leaf, str) or leaf in _FILLS:
        return leaf
    for word in _PLACEHOLDER.findall(leaf):
        if not word.startswith(_SECRET):
            known = ", ".join((*_FILLS, "{secret:<name>}"))
            raise ConfigError(
                f"sources.{settings.name}.options.request.body: "
                f"{{{word}}} is no placeholder; known, each alone in its field: {known}"
            )
    return fill(leaf)


def _each_leaf(value: object, change: Callable[[Any], object]) -> object:
    """The same shape with every leaf changed; a field whose leaf is absent is left out."""
    if isinstance(value, Mapping):
        changed = ((name, _each_leaf(inner, change)) for name, inner in value.items())
        return {name: inner for name, inner in changed if inner is not _ABSENT}
    if isinstance(value, list | tuple):
        return [one for one in (_each_leaf(inner, change) for inner in value) if one is not _ABSENT]
    return change(value)


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value
