"""gateway.wiring: what is put together fits together."""

from gateway.settings import SourceConfig
from gateway.wiring import _whole_s


def test_a_repeated_call_has_time_for_its_repetitions() -> None:
    """Bounded by one attempt's time, a source that may be asked twice never would be."""
    once = SourceConfig.model_validate(
        {
            "route": "own_institution",
            "delivers": {"behaviour": ["login_events"]},
            "url": "https://bureau.invalid",
            "timeout_s": 3,
            "max_body_bytes": 1024,
        }
    )
    twice = once.model_copy(update={"attempts": 2})

    assert _whole_s(once) == 3
    assert _whole_s(twice) >= 2 * 3
