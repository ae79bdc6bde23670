"""A repeated call is one inquiry: a bureau pull leaves a footprint on the borrower."""

import asyncio
from typing import Any

import pytest

from tests.scenarios.given import SOURCES, Answer, Stage, lines, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def pulled(stage: Stage, consent: dict[str, Any], name: str, **changed: Any) -> Answer:
    """A pull whose Idempotency-Key is called `name`."""
    return await stage.pull(consent, headers={"Idempotency-Key": name}, **changed)


@pytest.mark.parametrize("spelled", ["Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY"])
@pytest.mark.usefixtures("either_length")
async def test_the_same_call_twice_is_one_inquiry(stage: Stage, spelled: str) -> None:
    """Same key, same body: identical bytes, nobody asked, however the header is written."""
    consent = await stage.consented(stage.somebody())
    first = await stage.pull(consent, headers={spelled: consent["id"]})
    again = await stage.pull(consent, headers={spelled: consent["id"]})

    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body
    assert await stage.calls() == dict.fromkeys(SOURCES, 1)
    assert await stage.kinds(again.req) == ["profile.read"]


async def test_the_sdk_repeats_safely(stage: Stage) -> None:
    """Our own client sends the key in a way our own server finds."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    ask = stage.pull_request(consent)
    first = await stage.gateway.pull_profile(ask, idempotency_key="sdk-1")

    assert await stage.gateway.pull_profile(ask, idempotency_key="sdk-1") == first
    assert (await stage.calls())["bairong"] == 1


@pytest.mark.usefixtures("either_length")
async def test_a_one_time_consent_survives_a_lost_reply(stage: Stage) -> None:
    """The pull used the consent up; its repetition still brings the very profile."""
    consent = await stage.consented(stage.somebody(), fetch="ONETIME", sources=["bairong"])
    first, again = [await pulled(stage, consent, consent["id"]) for _ in range(2)]

    assert again.status == 200
    assert again.body == first.body


@pytest.mark.parametrize(
    "changed",
    [{"scopes": ["inquiries"]}, {"max_age_s": 60}, {"view": "attributes"}, {"deadline_ms": 5000}],
)
async def test_a_key_that_came_with_another_request_is_refused(
    stage: Stage, changed: dict[str, Any]
) -> None:
    """A key names one request; with another body it is a mistake of the caller's, and no pull."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    assert (await pulled(stage, consent, str(changed))).status == 200
    refused = await pulled(stage, consent, str(changed), **changed)

    assert (refused.status, refused.json["code"]) == (409, "conflict")
    assert (await stage.calls())["bairong"] == 1


async def test_a_key_with_another_subject_is_another_request(stage: Stage) -> None:
    """The digest is over whom it is about: nobody gets somebody else's profile by a key."""
    one = await stage.consented(stage.somebody(), sources=["bairong"])
    other = await stage.consented(stage.somebody(), sources=["bairong"])
    await pulled(stage, one, "whose")

    assert (await pulled(stage, other, "whose")).status == 409


@pytest.mark.usefixtures("either_length")
async def test_concurrent_repetitions_are_one_inquiry(stage: Stage) -> None:
    """An impatient caller's second try is told to wait, not sent to the bureau again."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    replies = await asyncio.gather(*(pulled(stage, consent, consent["id"]) for _ in range(6)))
    good = [reply for reply in replies if reply.status == 200]

    assert {reply.status for reply in replies} <= {200, 409}
    assert len({reply.body for reply in good}) == 1
    assert (await stage.calls())["bairong"] == 1


async def test_a_pull_that_crashed_frees_its_key(stage: Stage) -> None:
    """A claim that nobody settled is given up once no deadline can be running any more."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    with stage.wire.hold("bairong"):
        crashing = asyncio.create_task(pulled(stage, consent, "crashed"))
        await until(lambda: stage.wire.held == ["bairong"])
        waiting = await pulled(stage, consent, "crashed")
        with stage.clock.ahead(minutes=1, seconds=50):
            still = await pulled(stage, consent, "crashed")
        first = stage.wire.holds.pop("bairong")  # only the first stays held: as good as dead
        with stage.clock.ahead(minutes=2, seconds=1):
            free = await pulled(stage, consent, "crashed")
    first.set()
    await crashing

    assert (waiting.status, still.status) == (409, 409)
    assert free.status == 200


@pytest.mark.parametrize(
    "wrong", [{"purpose": "card_origination"}, {"scopes": ["behaviour"]}], ids=["refused", "nobody"]
)
async def test_a_pull_without_an_answer_does_not_keep_its_key(
    stage: Stage, wrong: dict[str, Any]
) -> None:
    """Nobody was asked, so the caller may set things right and try with the same key."""
    consent = await stage.consented(
        stage.somebody(), scopes=["inquiries", "behaviour"], sources=["pboc", "baihang"]
    )
    failed = await pulled(stage, consent, str(wrong), **wrong)
    right = await pulled(stage, consent, str(wrong), scopes=["inquiries"])

    assert failed.status in {403, 503}
    assert right.status == 200


async def test_a_pull_that_lost_its_consent_does_not_keep_its_key(stage: Stage) -> None:
    """What was thrown away is no answer to repeat: the key says so, not `still running`."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    with stage.wire.hold("bairong"):
        pulling = asyncio.create_task(pulled(stage, consent, "lost"))
        await until(lambda: stage.wire.held == ["bairong"])
        await stage.withdraw(consent)

    assert (await pulling).status == 403
    assert (await pulled(stage, consent, "lost")).status == 403


@pytest.mark.usefixtures("either_length")
async def test_a_repetition_is_shown_under_its_own_consent(stage: Stage) -> None:
    """Another consent of the subject's covers it; this call named the one that was withdrawn."""
    life = stage.somebody()
    named = await stage.consented(life, sources=["bairong"])
    await stage.consented(life, sources=["bairong"])
    first = await pulled(stage, named, named["id"])
    await stage.withdraw(named)
    again = await pulled(stage, named, named["id"])

    assert (first.status, again.status) == (200, 403)
    assert again.json["refusals"]["bairong"]["reason"] == "withdrawn"


async def test_two_clients_do_not_share_keys(stage: Stage) -> None:
    """A key is the client's own; another's `1` is another call."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    other = await stage.new_client()
    await pulled(stage, consent, "1")

    assert (await pulled(stage, consent, "1", key=other)).status == 200
    assert (await stage.calls())["bairong"] == 2


async def test_a_key_is_kept_for_a_day(stage: Stage) -> None:
    """After that the same key starts a new inquiry."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    await pulled(stage, consent, "daily")
    with stage.clock.ahead(hours=23):
        await pulled(stage, consent, "daily")
    assert (await stage.calls())["bairong"] == 1
    with stage.clock.ahead(hours=25):
        await pulled(stage, consent, "daily")
    assert (await stage.calls())["bairong"] == 2


# -- answers of ours that stand in for asking again -----------------------------------------------


async def test_a_young_answer_stands_in_for_asking_again(stage: Stage) -> None:
    """`max_age_s` is how old an answer may be; within it nobody is called and no use counted."""
    consent = await stage.consented(stage.somebody(), max_uses=1)
    first = await stage.pull(consent)
    again = await stage.pull(consent, max_age_s=3600)

    assert again.status == 200
    assert {line["outcome"] for line in lines(again.json).values()} == {"reused"}
    assert await stage.calls() == dict.fromkeys(SOURCES, 1)
    kept = ("tradelines", "inquiries", "identity")
    assert {s: again.json["profile"][s] for s in kept} == {
        s: first.json["profile"][s] for s in kept
    }
    assert await stage.kinds(again.req) == ["profile.release"]


async def test_an_old_answer_does_not_stand_in(stage: Stage) -> None:
    """One second beyond the caller's limit the source is asked."""
    consent = await stage.consented(stage.somebody(), sources=["bairong"])
    await stage.pull(consent)
    with stage.clock.ahead(seconds=61):
        again = await stage.pull(consent, max_age_s=60)

    assert lines(again.json)["bairong"]["outcome"] == "report"
    assert (await stage.calls())["bairong"] == 2


async def test_only_what_is_missing_is_asked(stage: Stage) -> None:
    """Two sources are young enough, the third was never asked: one call."""
    consent = await stage.consented(stage.somebody(), sources=["pboc", "baihang", "bairong"])
    await stage.pull(consent, sources=["baihang", "bairong"])
    stage.world.faults.calls.clear()
    mixed = await stage.pull(consent, max_age_s=600)

    said = {source: line["outcome"] for source, line in lines(mixed.json).items()}
    assert said == {"pboc": "report", "baihang": "reused", "bairong": "reused"}
    assert await stage.calls() == {**dict.fromkeys(SOURCES, 0), "pboc": 1}


@pytest.mark.parametrize("source", SOURCES)
async def test_a_broken_answer_stands_in_for_nothing(stage: Stage, source: str) -> None:
    """Rubbish is kept for replay, not to be served again while the source is well."""
    consent = await stage.consented(stage.somebody(), sources=[source])
    await stage.fault(source, "garbage")
    broken = await stage.pull(consent)
    again = await stage.pull(consent, max_age_s=600)

    assert lines(broken.json)[source]["outcome"] == "broke_contract"
    assert lines(again.json)[source]["outcome"] == "report"
    assert (await stage.calls())[source] == 2
