"""Instants of another server's answer: literal where they were sent, else matched by order and distances."""

import json
from typing import Any

import pytest

from mockaxle.recordings.jsonl import Recording, read_recording
from mockaxle.recordings.names import Names
from mockaxle.world.entries import Exchange, Request
from tests.calling import NIGHT, onboarding
from tests.recordings.lives import Partner
from tests.recordings.test_replaying import sent


def blocks(*instants: str) -> list[dict[str, str]]:
    """Half-open blocks of one night, each from an instant to the next but one."""
    texts = [f"2026-01-21T{instant}:00Z" for instant in instants]
    pairs = zip(texts[::2], texts[1::2], strict=True)
    return [{"start_timestamp": start, "end_timestamp": end} for start, end in pairs]


def unlike(recorded: Any, came: Any, *, request: Any = None) -> list[str]:
    names = Names()
    names.instants.send(Request("POST", "/x", body=json.dumps(request).encode()))
    return [one.place for one in names.compare(recorded, came)]


PLAN = blocks("01:00", "02:00", "02:30", "05:00")


@pytest.mark.parametrize(
    "came",
    [
        blocks("01:00", "03:00", "03:30", "05:00"),
        blocks("01:00", "02:00", "06:00", "05:00"),
        blocks("01:00", "02:00", "01:30", "05:00"),
        blocks("02:00", "03:00", "03:30", "06:00"),
    ],
    ids=["moved", "four hours", "overlapping", "all moved"],
)
def test_another_pause_in_what_was_sent_is_another_answer(came: Any) -> None:
    assert unlike(PLAN, came, request=blocks("01:00", "05:00"))
    assert not unlike(PLAN, PLAN, request=blocks("01:00", "05:00"))


def test_made_up_instants_keep_their_distances() -> None:
    assert unlike(PLAN, blocks("03:00", "04:00", "04:30", "07:00")) == []
    assert unlike(PLAN, blocks("03:00", "04:00", "08:00", "07:00")) == ["/1/start_timestamp"]


def test_a_made_up_instant_is_the_same_in_all_answers() -> None:
    names = Names()
    assert list(names.compare(blocks("01:00", "02:00"), blocks("03:00", "04:00"))) == []
    assert list(names.compare(blocks("01:00", "02:00"), blocks("04:00", "05:00"))) != []


def test_instants_in_a_query_and_a_form_were_sent_too() -> None:
    for request in (
        Request("GET", "/x", query="since=2026-01-21T01%3A00%3A00Z"),
        Request("POST", "/x", body=b"since=2026-01-21T01%3A00%3A00%2B00%3A00"),
    ):
        names = Names()
        names.instants.send(request)
        assert list(names.compare(blocks("01:00", "02:00"), blocks("01:01", "02:01"))) != []


def test_what_was_matched_is_counted() -> None:
    names = Names()
    assert list(names.compare([*PLAN, "@token@"], [*blocks("03:00", "04:00", "04:30", "07:00"), "xyz"])) == []
    assert names.matched == {"instants": 4, "tokens": 1}


def test_a_replay_finds_a_pause_that_was_moved(partner: Partner, elsewhere: str) -> None:
    asset_id = partner.call("POST", "/entities/site/onboard", onboarding()).json()["assets"][0]["asset_id"]
    partner.call("POST", f"/entities/asset/{asset_id}/event/plug-in-schedule", {"charging_schedule": NIGHT})
    moved = with_the_pause_moved(read_recording(partner.recording()))
    found = sent(moved, elsewhere)[-1].differences
    assert {one.place for one in found} >= {"/modified_charging_schedule/0/end_timestamp"}


def with_the_pause_moved(recording: Recording) -> Recording:
    last = recording.entries[-1]
    assert isinstance(last, Exchange)
    answer = json.loads(last.response.body)
    first, second = answer["modified_charging_schedule"][:2]
    first["end_timestamp"], second["start_timestamp"] = "2026-01-20T23:07:00Z", "2026-01-20T23:37:00Z"
    response = last.response._replace(body=json.dumps(answer).encode())
    return recording._replace(entries=(*recording.entries[:-1], last._replace(response=response)))
