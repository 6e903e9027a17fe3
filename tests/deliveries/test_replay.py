"""Deliveries are entries of the log: a replay calls nobody and ends in the same world."""

import asyncio
import json
import socket
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import NoReturn

import pytest
from click.testing import CliRunner

from mockaxle.app import App, create_app, make_apply
from mockaxle.cli.replay import replay as replay_verb
from mockaxle.contract.document import load_contract
from mockaxle.core.messages import MessageStatus
from mockaxle.core.retries import WITHOUT_CALL
from mockaxle.deliveries.courier import Courier
from mockaxle.deliveries.sending import Answered, Poster
from mockaxle.deliveries.targets import Targets
from mockaxle.recordings.applying import replay_here
from mockaxle.recordings.beginning import dump_base
from mockaxle.recordings.jsonl import Recording, RecordingRefused, read_recording, write_recording
from mockaxle.serving.couriers import WorldDesk
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Delivery
from tests.calling import CHARGER, Caller
from tests.clocks import ManualClock
from tests.commanding import carrying_out
from tests.deliveries.partners import FULL, NAME, TEN, Evening
from tests.replaying import SEED, replay

HISTORIES = 1_000
EVENTS = ("plug-in", "charge-now-deleted", "plug-out")
LAPSES = (timedelta(), timedelta(minutes=2), timedelta(hours=5), timedelta(days=2))
INTENT = {"intent": {"energy_required_kwh": 10, "ready_by": "2040-01-21T06:00:00Z"}}


class DrawnAnswers(Poster):
    """Answers as a seed draws, without a connection."""

    def __init__(self, draw: Random) -> None:
        super().__init__(Targets(False, (), ""))
        self._draw = draw
        self._statuses = (503, None) if draw.random() < 0.2 else (200, 404, 302, 500, None)

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str], timeout_ms: int) -> Answered:
        status = self._draw.choice(self._statuses)
        return Answered(status, None if status else "it is down", self._draw.randrange(100))


async def history(app: App, caller: Caller, draw: Random) -> HostedWorld:
    """A world with receivers, a car's events, and advances of the clock with their deliveries."""
    worlds, name = app.api.worlds, caller.username
    hosted = worlds.find(name)
    assert hosted is not None
    await carrying_out(worlds, name, "PUT /clock", {"at": TEN, "rate": 0})
    caller.token = caller.log_in().json["access_token"]
    for kind, place in (("webhooks", "hook"), ("schedules", "{asset_id}")):
        if draw.random() < 0.8:
            hosted.secrets[kind] = "whsec_drawn"
            body = {"url": f"http://127.0.0.1:9/{place}", "kind": kind, "held": draw.random() < 0.1}
            await carrying_out(worlds, name, "PUT /receivers/{name}", body, name=kind)
    if draw.random() < 0.5:
        await carrying_out(worlds, name, "PUT /awkward-deliveries", {"probability": "0.5"})
    courier = Courier(WorldDesk(worlds, hosted), DrawnAnswers(draw))
    asset_id = caller.onboard(proposition=FULL, assets=[CHARGER]).json["assets"][0]["asset_id"]
    for _ in range(draw.randrange(1, 4)):
        caller.post(f"/entities/asset/{asset_id}/event/{draw.choice(EVENTS)}", {})
        to = hosted.instant(worlds.now()) + draw.choice(LAPSES)
        await courier.advance(to, max_seconds=60, max_attempts=draw.randrange(1, 30))
        hosted.secrets.pop(draw.choice(("webhooks", "schedules", "", "", "")), None)
    return hosted


@pytest.mark.rule("N14")
def test_a_thousand_histories_replay_to_the_same_outbox_without_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(ServerSettings(seed=SEED, max_worlds=HISTORIES), clock=ManualClock())
    lived = [asyncio.run(history(app, Caller(app.api, f"h{n}"), Random(n))) for n in range(HISTORIES)]

    def forbidden(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a replay opens no socket")

    monkeypatch.setattr(socket, "socket", forbidden)
    outcomes = set()
    for hosted in lived:
        again, _ = replay(hosted.world.name, list(hosted.log))
        assert again.state.outbox == hosted.world.state.outbox
        outcomes |= {entry.outcome for entry in hosted.log if isinstance(entry, Delivery)}
    assert len(outcomes) == 5


class AnswersBehindARestore(DrawnAnswers):
    """Answers 200, after a restore has begun to wait for the world's turn."""

    def __init__(self, app: App, hosted: HostedWorld) -> None:
        super().__init__(Random(0))
        self._app, self._hosted = app, hosted

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str], timeout_ms: int) -> Answered:
        await self._hosted.turn.acquire()
        worlds, name = self._app.api.worlds, self._hosted.world.name
        restore = carrying_out(worlds, name, "POST /snapshots/{name}/restore", None, name="early")
        self.restoring = asyncio.create_task(restore)
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(self._hosted.turn.release)
        return Answered(200, None, 0)


@pytest.mark.rule("N13", "N14")
def test_an_answer_behind_a_restore_is_not_taken_for_a_message_of_the_restored_world() -> None:
    async def deliver() -> HostedWorld:
        app = create_app(ServerSettings(seed=SEED), clock=ManualClock())
        caller = Caller(app.api)
        worlds, name = app.api.worlds, caller.username
        asset_id = caller.onboard(proposition=FULL, assets=[CHARGER]).json["assets"][0]["asset_id"]
        hosted = worlds.find(name)
        assert hosted is not None
        body = {"url": "http://127.0.0.1:9/{asset_id}", "kind": "schedules"}
        await carrying_out(worlds, name, "PUT /receivers/{name}", body, name="partner")
        hosted.secrets["partner"] = "whsec_test"
        await carrying_out(worlds, name, "POST /snapshots", {"name": "before"})
        caller.post(f"/entities/asset/{asset_id}/event/plug-in", {})
        await carrying_out(worlds, name, "POST /snapshots", {"name": "early"})
        await carrying_out(worlds, name, "POST /snapshots/{name}/restore", None, name="before")
        caller.post(f"/entities/asset/{asset_id}/event/plug-in", {"charging_rate_kw": 3})
        poster = AnswersBehindARestore(app, hosted)
        await Courier(WorldDesk(worlds, hosted), poster).advance(worlds.now(), max_seconds=60, max_attempts=1)
        await poster.restoring
        return hosted

    (message,) = asyncio.run(deliver()).world.state.outbox.after(0)
    assert (message.status, message.attempts) == (MessageStatus.HELD, ())


@pytest.mark.rule("N3", "N8", "N13", "N14")
def test_a_cars_evening_is_delivered_followed_and_replayed(evening: Evening, tmp_path: Path) -> None:
    evening.partner.statuses = [200, 503, 200]
    evening.receive()
    for name, body in (
        ("plug-in", {}),
        ("intent", INTENT),
        ("replan", None),
        ("charge-now", {"end_at": TEN[:11] + "23:00:00Z"}),
    ):
        if name == "replan":
            evening.controller.done("POST", "/replan")
        else:
            evening.event(name, body)
        evening.advance("10m")
        charger = json.loads(evening.partner.received[-1].body)
        assert charger == evening.controller.done("GET", f"/plans/{evening.asset_id}")
    evening.event("plug-out")
    evening.advance("1h")
    assert evening.statuses() == ["accepted"] * 4
    assert [request.path for request in evening.partner.received] == [f"/{NAME}"] * 5
    file = tmp_path / "evening.jsonl"
    file.write_text(evening.controller.control("GET", "/recording").text)
    done = CliRunner().invoke(replay_verb, [str(file)])
    assert (done.exit_code, "0 different" in done.stdout) == (0, True), done.output


def recorded(evening: Evening) -> Recording:
    return read_recording(evening.controller.control("GET", "/recording").text)


@pytest.mark.rule("N14")
def test_a_replay_proves_every_byte_that_was_said(evening: Evening) -> None:
    evening.receive()
    evening.event()
    evening.advance()
    recording = recorded(evening)
    assert "".join(write_recording(recording)) == evening.controller.control("GET", "/recording").text
    for changes, place in (
        ({"sha256": "0" * 64}, "sha256"),
        ({"attempt": 2}, "delivery"),
        ({"message": "x"}, "delivery"),
        ({"receiver": "another"}, "delivery"),
    ):
        entries = tuple(
            entry._replace(**changes) if isinstance(entry, Delivery) else entry for entry in recording.entries
        )
        found = [
            one
            for many in replay_here(recording._replace(entries=entries), make_apply(load_contract()))
            for one in many
        ]
        assert [one.place for one in found] == [place]


@pytest.mark.rule("N14")
def test_the_exports_show_the_url_that_was_called_and_call_it_not_again(evening: Evening) -> None:
    evening.partner.statuses = [500, 404]
    evening.receive()
    evening.event()
    evening.advance("1h")
    url = f"{evening.partner.url}/{NAME}"
    har = evening.controller.control("GET", "/recording?format=har").json()["log"]["entries"]
    called = [(one["startedDateTime"], one["response"]["status"]) for one in har if one["request"]["url"] == url]
    assert called == [(attempt["at"], attempt["status"]) for attempt in evening.said()[0]["attempts"]]
    for format in ("curl", "pytest"):
        assert "receivers" not in evening.controller.control("GET", f"/recording?format={format}").text
    found = evening.controller.done("GET", "/log?status=404")["entries"]
    assert [entry["delivery"] for entry in found] == [evening.said()[0]["id"]]


@pytest.mark.rule("N14")
def test_a_message_that_was_accepted_cannot_be_given_up_or_held(evening: Evening) -> None:
    evening.receive()
    evening.event()
    evening.advance()
    recording = recorded(evening)
    (last,) = (entry for entry in recording.entries if isinstance(entry, Delivery))
    for outcome in WITHOUT_CALL:
        more = recording._replace(entries=(*recording.entries, last._replace(attempt=2, outcome=outcome)))
        *_, found = replay_here(more, make_apply(load_contract()))
        assert [(one.place, one.came.endswith("is accepted")) for one in found] == [("delivery", True)]


@pytest.mark.rule("N14")
@pytest.mark.parametrize(
    "text", ['"outcome": "lost"', '"outcome": 1', '"attempt": "1"', '"receiver": null', '"colour": 1']
)
def test_a_line_that_is_no_delivery_is_refused_with_its_line(evening: Evening, text: str) -> None:
    evening.receive()
    evening.event()
    evening.advance()
    *before, last = "".join(write_recording(recorded(evening))).splitlines()
    lines = [line for line in (*before, last) if '"kind": "delivery"' in line]
    broken = json.dumps({**json.loads(lines[0]), **json.loads("{" + text + "}")})
    with pytest.raises(RecordingRefused, match="line 2 is not an entry"):
        read_recording("\n".join((before[0], broken)))


@pytest.mark.rule("N14")
def test_a_recording_that_begins_later_holds_the_messages_and_dispatches() -> None:
    app = create_app(ServerSettings(seed=SEED), clock=ManualClock())
    for number in range(20):
        caller = Caller(app.api, f"h{number}")
        hosted = asyncio.run(history(app, caller, Random(number)))
        middle = len(hosted.log) // 2
        at_middle, _ = replay(hosted.world.name, list(hosted.log)[:middle])
        base = json.loads(json.dumps(dump_base(at_middle)))
        recording = Recording(hosted.world.name, base, tuple(hosted.log)[middle:], middle)
        again = read_recording("".join(write_recording(recording)))
        assert not [one for many in replay_here(again, make_apply(load_contract())) for one in many]
