"""Whom a call is about: named in its body, by our reference or by a document."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from consent.errors import NotFound
from consent.identity import check_document
from consent.subject import SubjectRef
from gateway.api.routes import Call, Shape


class SubjectQuery(Shape):
    """Whom it is about: our reference, or the document the consent was recorded with."""

    ref: UUID | None = Field(default=None, description="the subject of POST /v1/consents")
    id_type: str | None = None
    id_number: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        document = (self.id_type, self.id_number)
        if (self.ref is None) == (document == (None, None)) or (None in document) != (
            self.ref is not None
        ):
            raise ValueError("either ref, or id_type and id_number")
        return self


def find_subject(call: Call, query: SubjectQuery) -> SubjectRef:
    """Step 2: who is meant; a subject of another member is not there."""
    services, member = call.services, call.client.member
    if query.ref is not None:
        ref = SubjectRef(query.ref)
        if services.read(lambda conn: services.register.exists(conn, member, ref)):
            return ref
        raise NotFound("no such subject; record a consent first")
    id_type, id_number = query.id_type or "", query.id_number or ""
    allowed = services.settings.gateway.allow_test_identifiers
    number, _ = check_document(id_type, id_number, allow_test_region=allowed)
    found = services.read(lambda conn: services.register.find(conn, member, id_type, number))
    if found is None:
        raise NotFound("no subject with this document; record a consent first")
    return found
