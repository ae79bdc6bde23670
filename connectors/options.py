"""A source's own lines of configuration, checked by the source's own model."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.base import SourceSettings
from connectors.http import SourceClient
from consent.errors import ConfigError


class Options(BaseModel):
    """Base class of a source's options; an unknown one is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


AnyOptions = TypeVar("AnyOptions", bound=Options)


def read(model: type[AnyOptions], settings: SourceSettings) -> AnyOptions:
    """The options of `settings` as `model`; `ConfigError` names the wrong ones and the known."""
    try:
        return model.model_validate(dict(settings.options))
    except ValidationError as exc:
        wrong = sorted(
            f"{'.'.join(map(str, error['loc']))} ({error['type']})"
            for error in exc.errors(include_input=False, include_url=False, include_context=False)
        )
        raise ConfigError(
            f"sources.{settings.name}.options: {', '.join(wrong)}; "
            f"known: {', '.join(model.model_fields)}"
        ) from None


def asked_once(client: SourceClient, settings: SourceSettings, why: str) -> None:
    """`ConfigError` for more than one attempt; `why` says what each one leaves behind.

    For every source whose own document does not say that a call may be repeated: one that timed
    out may have been heard, and a second is a second inquiry about the subject, or a second bill.
    """
    if client.attempts != 1:
        raise ConfigError(f"sources.{settings.name}.attempts: 1, {why}")


def secret(settings: SourceSettings, key: str) -> str:
    """The secret called `key`; `ConfigError` when it is missing or empty."""
    value = settings.secrets.get(key, "")
    if not value:
        raise ConfigError(f"sources.{settings.name}.secrets: {key} is missing or empty")
    return value
