"""Errors as RFC 9457 problem+json: the one place that knows HTTP numbers."""

from http import HTTPStatus

import orjson
from aiohttp import web

from consent.errors import (
    AuditUnavailable,
    Conflict,
    GatewayError,
    ImpossibleEvent,
    InvalidInput,
    NotFound,
    VaultError,
)
from gateway.clients import NotAllowed, NotAuthenticated
from gateway.pipeline import ConsentRefused, NoSourceAsked
from gateway.rebuild import CannotRebuild
from gateway.senders import NotSigned


class MalformedBody(GatewayError):
    """The body is not what the route takes at all."""

    code = "malformed_body"


class BodyTooLarge(GatewayError):
    """The body is larger than we read."""

    code = "body_too_large"


class UnknownRoute(GatewayError):
    """No such path, or not with this method."""

    code = "unknown_route"

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class InvalidFields(InvalidInput):
    """Several fields are wrong; `errors` holds (JSON Pointer, what would have been right)."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__(*errors[0])
        self.errors = errors


STATUS: dict[type[GatewayError], HTTPStatus] = {
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    MalformedBody: HTTPStatus.BAD_REQUEST,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    NotSigned: HTTPStatus.UNAUTHORIZED,
    NotAllowed: HTTPStatus.FORBIDDEN,
    ConsentRefused: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    CannotRebuild: HTTPStatus.GONE,
    ImpossibleEvent: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoSourceAsked: HTTPStatus.SERVICE_UNAVAILABLE,
    VaultError: HTTPStatus.SERVICE_UNAVAILABLE,
    AuditUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(error: GatewayError, request_id: str) -> web.Response:
    """The reply an error becomes. Its text is made of codes, field names and rules only."""
    status = _status(error)
    body: dict[str, object] = {
        "type": f"urn:creditgate:problem:{error.code}",
        "title": error.code.replace("_", " "),
        "status": status.value,
        "code": error.code,
        "detail": str(error),
        "instance": f"urn:uuid:{request_id}",
    }
    if isinstance(error, InvalidFields):
        body["errors"] = [{"field": field, "expected": what} for field, what in error.errors]
    elif isinstance(error, InvalidInput):
        body["errors"] = [{"field": error.field, "expected": error.expected}]
    if isinstance(error, ConsentRefused):
        body["refusals"] = {
            source: {"reason": reason.value, "explanation": why}
            for source, (reason, why) in error.refusals.items()
        }
    challenge = "Webhook-Signature" if isinstance(error, NotSigned) else "Bearer"
    headers = {"WWW-Authenticate": challenge} if status is HTTPStatus.UNAUTHORIZED else None
    return web.Response(
        body=orjson.dumps(body, option=orjson.OPT_SORT_KEYS),
        status=status,
        headers=headers,
        content_type="application/problem+json",
    )


def _status(error: GatewayError) -> HTTPStatus:
    if isinstance(error, UnknownRoute):
        return error.status
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR
