"""The error tree in consent.errors is the truth, and every code is unique and has a status."""

import importlib
import pkgutil

import connectors
import consent
import gateway
from consent.errors import GatewayError
from consent.errors import __doc__ as tree

IN_PROCESS = {
    "SourceError", "ConfigError", "LogCorrupt", "CannotRebuild", "ProblemReply", "GatewayError",
}  # fmt: skip
"""Never a reply of the API by themselves: values, start-up and operators' errors, the SDK's own."""


def family() -> list[type[GatewayError]]:
    """Every error class of ours, wherever it lives."""
    for package in (consent, connectors, gateway):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith("gateway.migrations") and "__main__" not in found.name:
                importlib.import_module(found.name)
    todo: list[type[GatewayError]] = [GatewayError]
    seen: list[type[GatewayError]] = []
    while todo:
        seen.append(todo.pop())
        todo += seen[-1].__subclasses__()
    return [
        one for one in seen if one.__module__.split(".")[0] in {"consent", "connectors", "gateway"}
    ]


def test_every_error_is_drawn_in_the_tree() -> None:
    """Add an error, draw it: the tree says what the caller does next."""
    assert [c.__name__ for c in family() if c.__name__ not in (tree or "")] == []


def test_codes_are_unique() -> None:
    """A code is what callers switch on; only a refinement may share its parent's."""
    codes = [c.code for c in family() if "code" in vars(c)]

    assert sorted(codes) == sorted(set(codes))


def test_every_error_that_can_be_a_reply_has_a_status() -> None:
    """An error nobody mapped would leave as a bare 500."""
    from gateway.api.problems import STATUS, UnknownRoute  # noqa: PLC0415 - after family() imported it all

    mapped = (*STATUS, UnknownRoute)
    missing = [
        one.__name__
        for one in family()
        if not issubclass(one, mapped)
        and not any(parent.__name__ in IN_PROCESS - {"GatewayError"} for parent in one.__mro__)
        and one is not GatewayError
    ]
    assert missing == []
