"""A recording replays: here byte for byte, elsewhere with the other server's own names."""

import json
import re
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings

import mockaxle
from mockaxle.app import create_app, make_apply
from mockaxle.client.client import Client
from mockaxle.contract.document import load_contract
from mockaxle.core.limits import MAX_REPLAYED_ANSWER
from mockaxle.recordings.applying import Difference, replay_here
from mockaxle.recordings.beginning import _awkwardness, _read_awkwardness, _read_rule, dump_base, load_base
from mockaxle.recordings.jsonl import ANSWERING, Recording, RecordingRefused, read_recording, versions, write_recording
from mockaxle.recordings.sending import CannotReplay, Replayed, Sender
from mockaxle.serving.listener import serve_in_thread
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.awkwardness import Awkward, Awkwardness
from mockaxle.world.entries import Exchange, Held, Why, from_json, to_json
from mockaxle.world.log import Log
from tests.calling import onboarding
from tests.living import Life, Step, fresh_life, steps
from tests.recordings.lives import Partner

APPLY = make_apply(load_contract())


def recorded(life: Life) -> Recording:
    hosted = life.caller.api.worlds.find(life.caller.username)
    assert hosted
    recording = Recording("acme", dump_base(hosted.log.base), tuple(hosted.log), hosted.log.dropped)
    return read_recording("".join(write_recording(recording)))


def differences(recording: Recording) -> list[Difference]:
    return [one for found in replay_here(recording, APPLY) for one in found]


@pytest.mark.property
@settings(max_examples=150)
@given(steps)
def test_any_recording_replays_byte_for_byte(steps: list[Step]) -> None:
    assert differences(recorded(fresh_life().live(steps))) == []


@pytest.mark.property
@settings(max_examples=150)
@given(steps, steps)
def test_a_recording_that_begins_in_the_middle_replays_too(before: list[Step], after: list[Step]) -> None:
    life = fresh_life().live(before)
    hosted = life.caller.api.worlds.find("acme")
    assert hosted
    hosted.log = Log(hosted.world)
    assert differences(recorded(life.live(after))) == []


def test_a_recording_names_the_code_that_made_it() -> None:
    made_with = recorded(fresh_life()).made_with
    assert made_with == versions()
    assert re.fullmatch("[0-9a-f]{16}", made_with["sources"])
    package = Path(mockaxle.__file__).parent
    assert [pattern for pattern in ANSWERING if not any(package.glob(pattern))] == []


def test_another_byte_is_reported() -> None:
    recording = recorded(fresh_life().live([("who", None)]))
    last = recording.entries[-1]
    assert isinstance(last, Exchange)
    changed = last._replace(response=last.response._replace(body=last.response.body.replace(b"acme", b"acne")))
    (difference,) = differences(recording._replace(entries=(*recording.entries[:-1], changed)))
    assert (difference.number, difference.place, difference.call) == (2, "body", "GET /auth/users/me/")


def test_other_reasons_are_reported_apart_from_another_answer() -> None:
    recording = recorded(fresh_life().live([("who", None)]))
    last = recording.entries[-1]
    assert isinstance(last, Exchange)
    changed = last._replace(response=last.response._replace(why=Why(("A5",), "Once it had a hint.")))
    (difference,) = differences(recording._replace(entries=(*recording.entries[:-1], changed)))
    assert (difference.place, difference.is_reason) == ("why", True)


def test_another_wait_is_reported_in_words() -> None:
    late = {"kind": "latency", "latency_ms": 5, "operation": "GET /auth/users/me/"}
    recording = recorded(fresh_life().live([("command", ("POST /faults", late, {})), ("who", None)]))
    *before, held, done = recording.entries
    assert isinstance(held, Held)
    changed = held._replace(wait=held.wait._replace(delay_ms=7))
    (difference,) = differences(recording._replace(entries=(*before, changed, done)))
    assert (difference.recorded, difference.came) == ("a wait of 7 ms by f1", "a wait of 5 ms by f1")


def test_a_call_of_another_operation_than_its_line_says_is_refused() -> None:
    recording = recorded(fresh_life().live([("who", None)]))
    last = recording.entries[-1]
    assert isinstance(last, Exchange)
    changed = last._replace(operation="DELETE /entities/site/{site_id}")
    with pytest.raises(RecordingRefused, match=r"line 3 cannot be replayed: the call does not match its operation"):
        differences(recording._replace(entries=(*recording.entries[:-1], changed)))


def test_a_secured_operation_without_a_token_is_refused_by_the_world() -> None:
    recording = recorded(fresh_life().live([("who", None)]))
    last = recording.entries[-1]
    assert isinstance(last, Exchange)
    assert last.principal
    nobody = last._replace(principal=last.principal._replace(token=None))
    found = differences(recording._replace(entries=(*recording.entries[:-1], nobody)))
    assert [(one.recorded, one.came) for one in found if one.place == "status"] == [("200", "401")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not begin a recording"),
        ("{}", "not begin a recording"),
        ("<html>", "line 1 is not JSON"),
        ('{"format": "mockaxle recording", "version": 3}', "version 3; this mockaxle reads 1 and 2"),
        ('{"format": "mockaxle recording", "version": 1}', "lacks base"),
    ],
)
def test_what_is_no_recording_is_refused(text: str, said: str) -> None:
    with pytest.raises(RecordingRefused, match=said):
        read_recording(text)


def test_a_line_that_is_no_entry_is_named() -> None:
    lines = list(write_recording(recorded(fresh_life())))
    with pytest.raises(RecordingRefused, match="line 3 is not an entry"):
        read_recording("".join([*lines, '{"kind": "exchange"}\n']))


def sent(recording: Recording, url: str, username: str | None = None) -> list[Replayed]:
    with Client(url) as client:
        return list(Sender(client, username, "demo").replay(recording))


def test_elsewhere_ids_tokens_and_refs_are_matched_as_they_first_appear(partner: Partner, elsewhere: str) -> None:
    partner.live()
    partner.call("POST", "/entities/site/onboard", onboarding())
    site_id = partner.call("GET", "/entities/site").json()["sites"][0]["id"]
    partner.call("GET", f"/entities/site/{site_id}/price-curve")
    recording = read_recording(partner.recording())
    replayed = sent(recording, elsewhere, "somebody else")
    differences = [one for entry in replayed for one in entry.differences]
    assert {one.place.rpartition("/")[2] for one in differences} == {"price_gbp_per_mwh"}, differences
    assert [entry.left for entry in replayed if entry.left] == ["its answer came from a fault"]


def test_on_a_server_that_is_no_mock_commands_are_left_out(partner: Partner) -> None:
    partner.control("POST", "/clock/advance", {"by": "1m"})
    partner.call("GET", "/auth/users/me/")
    with serve_in_thread(create_app(ServerSettings(rules_header=False))) as url:
        replayed = sent(read_recording(partner.recording()), url)
    assert [entry.left for entry in replayed] == ["", "a command, and this server is not a mock", ""]


def test_a_server_that_behaves_otherwise_is_reported(partner: Partner, elsewhere: str) -> None:
    partner.call("GET", "/entities/site")
    partner.call("GET", "/entities/asset/external-id/x")
    with Partner(elsewhere, partner.username) as other:
        other.control("POST", "/faults", {"kind": "status", "status": 500, "path": "/entities/site", "count": 1})
    differences = [one for entry in sent(read_recording(partner.recording()), elsewhere) for one in entry.differences]
    assert (differences[0].place, differences[0].recorded, differences[0].came) == ("status", "200", "500")
    assert {one.place for one in differences[1:]} >= {"/sites", "/detail"}


def test_a_refused_log_in_ends_the_replay(partner: Partner, elsewhere: str) -> None:
    with Client(elsewhere) as client, pytest.raises(CannotReplay, match="returned 401 with a refusal"):
        list(Sender(client, None, "wrong").replay(read_recording(partner.recording())))


def test_a_call_whose_token_is_older_than_the_recording_gets_one_by_a_log_in(partner: Partner, elsewhere: str) -> None:
    partner.control("POST", "/reset", {"what": ["log"]})
    partner.call("GET", "/auth/users/me/")
    (one,) = sent(read_recording(partner.recording()), elsewhere)
    assert (one.left, one.differences) == ("", ())


def test_a_component_token_that_is_older_cannot_be_had_again(partner: Partner, elsewhere: str) -> None:
    user = {"external_user_id": "u", "allowed_origin": "x", "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
    given = partner.client.post("/auth/component-token", data=user, headers=partner.bearer).json()
    partner.control("POST", "/reset", {"what": ["log"]})
    partner.client.get(f"/entities/site/{given['id']}", headers={"Authorization": f"Bearer {given['access_token']}"})
    (one,) = sent(read_recording(partner.recording()), elsewhere)
    assert one.left == "its component token is from before the recording"


def test_ids_in_commands_are_the_other_servers_too(partner: Partner, elsewhere: str) -> None:
    site_id = partner.call("POST", "/entities/site/onboard", onboarding()).json()["site"]["site_id"]
    partner.control("POST", "/faults", {"kind": "status", "site": site_id, "count": 1})
    assert partner.call("GET", f"/entities/site/{site_id}").status_code == 503
    partner.call("GET", f"/entities/site/{site_id}")
    replayed = sent(read_recording(partner.recording()), elsewhere)
    assert [one for entry in replayed for one in entry.differences] == []


def test_an_entry_keeps_everything_in_json() -> None:
    life = fresh_life().live([("command", ("POST /faults", {"kind": "cut", "latency_ms": 3}, {})), ("who", None)])
    assert [from_json(json.loads(json.dumps(to_json(entry)))) for entry in life.log] == life.log


def test_a_base_keeps_how_awkward_answers_are_and_that_of_010_is_read() -> None:
    for beyond in (True, False):
        awkwardness = Awkwardness((Awkward.NULL,), Decimal("0.5"), 7, beyond)
        assert _read_awkwardness(_awkwardness(awkwardness)) == awkwardness
    assert _read_awkwardness([["unknown_enum"], "1", 0]).beyond_contract
    assert not _read_awkwardness([["null"], "1", 0]).beyond_contract


def test_a_base_says_when_assets_were_created_and_since_when_limited_pause_is_in_force() -> None:
    life = fresh_life()
    life.clock.advance(seconds=0.25)
    life.caller.onboard()
    base = json.loads(json.dumps(dump_base(life.hosted.world)))
    (site,), (asset,) = base["state"]["sites"], base["state"]["assets"]
    assert site["pausing_since"] == "2026-01-20T12:00:00.250000+00:00"
    assert asset["created_at"] == "2026-01-20T12:00:00+00:00"
    state, again = life.caller.state, load_base("acme", base).state
    assert again.sites.get(site["id"]) == state.sites.get(site["id"])
    assert again.assets.get(asset["id"]) == state.assets.get(asset["id"])


def test_the_spans_of_010_are_read() -> None:
    at = "2026-01-20T12:00:00+00:00"
    spans = [["acme", 1, at, 2], ["acme", 2, at, 3], ["reader", None, at, 1]]
    rule = _read_rule({"kind": "rate_limit", "calls": 5, "per_seconds": 60, "spans": spans})
    assert [(span.account, span.calls) for span in rule.spans] == [("acme", 3), ("reader", 1)]


def test_an_answer_that_is_too_long_is_not_the_end_of_a_replay(partner: Partner) -> None:
    partner.call("GET", "/auth/users/me/")
    partner.call("GET", "/entities/site")
    recording = read_recording(partner.recording())

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/auth/token-form":
            return httpx.Response(200, json={"access_token": "t"})
        return httpx.Response(200, content=b" " * (MAX_REPLAYED_ANSWER + 1 if "users" in request.url.path else 10))

    with Client("http://there.example", transport=httpx.MockTransport(answer)) as client:
        replayed = list(Sender(client, None, "demo").replay(recording))
    assert [one.left for one in replayed] == ["", "the answer is longer than 16,000,000 bytes", ""]
