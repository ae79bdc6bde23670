"""What a permit opens of what is stored: for its act, of its consent's sources, of its scopes.

The vault holds a permit against the member and the subject of a record; what a record is about,
and what it is opened for, only its store knows.
"""

from collections.abc import Collection

from consent.decision import Permit
from consent.errors import VaultError
from consent.subject import Act, Scope


def check(
    permit: Permit, act: Act, *, sources: Collection[str], scopes: Collection[Scope] = ()
) -> None:
    """`VaultError` unless the permit is to do `act`, with all of `scopes`, for all of `sources`.

    A permit is for one source, and what rests on several is opened under one of theirs when all
    were weighed: so it is the consent that must name each of them.
    """
    if permit.ask.act is not act:
        raise VaultError("the permit is for another act")
    if not permit.grant.sources.issuperset(sources):
        raise VaultError("the permit is of a consent for other sources")
    if not permit.ask.scopes.issuperset(scopes):
        raise VaultError("the permit is for other scopes")
