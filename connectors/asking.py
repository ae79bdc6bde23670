"""What a source needs to know about an ask before a socket opens, or the reason not to ask."""

from collections.abc import Mapping

from connectors.errors import SourceRejectedAsk
from consent.decision import Permit
from consent.identity import Identity
from consent.subject import Act

_CHINA = "86"
_MOBILE_DIGITS = 11  # a 1 and ten digits, without the country code


def held(source: str, permit: Permit, act: Act) -> None:
    """A permit for another source, or to do something else with this one, opens nothing."""
    if permit.ask.source != source:
        raise SourceRejectedAsk(source, "permit_for_another_source")
    if permit.ask.act is not act:
        raise SourceRejectedAsk(source, "permit_for_another_act")


def reason(source: str, permit: Permit, reasons: Mapping[str, str]) -> str:
    """What `source` calls the purpose of `permit`, which must be one to fetch."""
    held(source, permit, Act.FETCH)
    try:
        return reasons[permit.ask.purpose]
    except KeyError:
        raise SourceRejectedAsk(source, "purpose_unknown_to_source") from None


def resident_id(source: str, subject: Identity) -> str:
    """The number of the resident identity card, for a source that knows people by nothing else."""
    if subject.id_type != "CN_RIC":
        raise SourceRejectedAsk(source, "id_type_unknown_to_source")
    return subject.id_number


def mobile(source: str, subject: Identity) -> str:
    """The mobile number as China writes it: eleven digits, no country code."""
    if subject.mobile is None:
        raise SourceRejectedAsk(source, "mobile_missing")
    national = subject.mobile.removeprefix(_CHINA)
    if national == subject.mobile or len(national) != _MOBILE_DIGITS:
        raise SourceRejectedAsk(source, "mobile_foreign")
    return national
