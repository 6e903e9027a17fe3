"""Awkward deliveries: each kind as it is sent, what its answer does, and how often it is drawn."""

import json
import socket
import time
from base64 import b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event, Semaphore
from typing import Any

import pytest

from mockaxle.app import make_apply
from mockaxle.contract.document import load_contract
from mockaxle.core.awkward_deliveries import COPIES
from mockaxle.core.messages import AwkwardKind
from mockaxle.core.signature import HEADER
from mockaxle.deliveries.courier import MAX_SENDS
from mockaxle.recordings.applying import replay_here
from mockaxle.recordings.jsonl import read_recording
from mockaxle.world.entries import Delivery
from tests.control.controlling import Controller
from tests.deliveries.partners import SECRET, Evening, Partner, Received
from tests.programs import needed_module

BATTERY = {"external_id": "b", "type": "battery", "properties": {"capacity_kwh": 10}}
DISPATCH = {"start_time": "2040-01-21T12:00:00Z", "end_time": "2040-01-21T13:00:00Z"}
REFUSED_BY_STRIPE = {"bad_signature", "no_signature", "stale"}
"""Stripe's verifier does not look at times ahead."""


class Home(Evening):
    """An evening with a battery and a receiver of webhooks, and without messages."""

    def __init__(self, controller: Controller, partner: Partner) -> None:
        super().__init__(controller, partner)
        made = controller.call("POST", "/entities/asset", {**BATTERY, "site_id": self.site_id}).json()
        self.battery_id, self.first = made["id"], self.registered()
        self.receive(name="hook", kind="webhooks")

    def registered(self) -> int:
        """The number of the last message before the receiver."""
        number: int = super().said()[-1]["number"]
        return number

    def said(self, query: str = "") -> list[Any]:
        return [message for message in super().said(query) if message["number"] > self.first]


@pytest.fixture
def home(controller: Controller, partner: Partner) -> Home:
    return Home(controller, partner)


def dispatch(home: Home) -> Any:
    assets = [{"asset_id": home.battery_id, "power_kw": -5}]
    return home.controller.done("POST", "/dispatches", {**DISPATCH, "assets": assets})


def awkward(home: Home, *kinds: str, **more: Any) -> Any:
    """Make new messages awkward, in all kinds if none is named."""
    return home.controller.done("PUT", "/awkward-deliveries", {**({"kinds": kinds} if kinds else {}), **more})


def outcomes(message: Any) -> list[tuple[str, int | None, str | None]]:
    return [(tried["outcome"], tried["status"], tried["awkward"]) for tried in message["attempts"]]


def usual(home: Home) -> Received:
    """A request as it is sent usually."""
    dispatch(home)
    home.advance()
    return home.partner.received[-1]


def signed_seconds(request: Received) -> int:
    return int(request.headers[HEADER].removeprefix("t=").split(",")[0])


def read_to_the_end(server: socket.socket) -> bytes:
    """What the first connection sends until it is broken."""
    connection, _ = server.accept()
    with closing(connection):
        return connection.makefile("rb").read()


def verified(request: Received) -> bool:
    stripe = needed_module("stripe")
    try:
        stripe.WebhookSignature.verify_header(
            request.body.decode(), request.headers.get(HEADER, ""), SECRET, tolerance=300
        )
    except stripe.SignatureVerificationError:
        return False
    return True


@pytest.mark.rule("N19")
@pytest.mark.parametrize("kind", [kind for kind in AwkwardKind if kind is not AwkwardKind.CUT])
def test_stripes_verifier_judges_each_kind_as_it_should(home: Home, kind: AwkwardKind) -> None:
    needed_module("stripe")
    dispatch(home)
    home.advance()
    (message,) = home.said()
    home.controller.done("POST", f"/messages/{message['id']}/send", {"as": kind})
    sent = home.partner.received[1:]
    assert len(sent) == (2 if kind is AwkwardKind.TWICE else 1)
    assert [verified(request) for request in sent] == [kind not in REFUSED_BY_STRIPE] * len(sent)


@pytest.mark.rule("N19")
def test_stripes_verifier_refuses_what_comes_of_a_cut_body(home: Home) -> None:
    needed_module("stripe")
    home.receive(name="hook", kind="webhooks", held=True)
    awkward(home, "cut", count=1)
    id = dispatch(home)["messages"][0]
    for is_right in (False, True):
        claimed = home.controller.done("POST", f"/messages/{id}/attempts")
        headers = {name.lower(): value for name, value in claimed["headers"].items()}
        assert verified(Received("/hook", headers, b64decode(claimed["body_base64"]))) == is_right
        path = f"/messages/{id}/attempts/{claimed['attempt']}"
        home.controller.done("PUT", path, {"status": 200} if is_right else {"error": "cut"})


@pytest.mark.rule("N19")
@pytest.mark.parametrize(("kind", "off"), [("stale", -301), ("future", 301), ("edge", -299)])
def test_the_signatures_instant_is_off(home: Home, kind: str, off: int) -> None:
    awkward(home, kind, count=1)
    dispatch(home)
    home.advance()
    assert abs(signed_seconds(home.partner.received[0]) - time.time() - off) < 60


@pytest.mark.rule("N19")
@pytest.mark.parametrize("kind", sorted(COPIES - {AwkwardKind.CUT}))
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_copy_is_sent_in_addition_whatever_is_answered(home: Home, kind: str, status: int) -> None:
    home.partner.statuses = [status, 200]
    awkward(home, kind, count=1)
    dispatch(home)
    home.advance()
    (message,) = home.said()
    assert message["status"] == "accepted"
    assert [(one["awkward"]) for one in message["attempts"]] == [kind, None]
    assert [one.get("awkward") for one in home.logged()] == [kind, None]
    assert verified(home.partner.received[-1])
    assert json.loads(home.partner.received[-1].body) == message["body"]


@pytest.mark.rule("N19")
def test_a_cut_body_is_shorter_than_its_content_length(home: Home) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server, ThreadPoolExecutor(1) as reading:
        came = reading.submit(read_to_the_end, server)
        home.receive(name="hook", kind="webhooks", url=f"http://127.0.0.1:{server.getsockname()[1]}/hook")
        awkward(home, "cut", count=1)
        dispatch(home)
        head, _, cut = came.result().partition(b"\r\n\r\n")
    home.receive(name="hook", kind="webhooks")
    home.advance("1h")
    (message,) = home.said()
    first, *_, last = outcomes(message)
    assert (first, last) == (("failed", None, "cut"), ("accepted", 200, None))
    assert "cut off" in message["attempts"][0]["error"]
    whole = home.partner.received[0].body
    assert b"Content-Length: %d" % len(whole) in head
    assert len(cut) == len(whole) // 2
    assert whole.startswith(cut)


@pytest.mark.rule("N19")
def test_a_message_may_come_twice(home: Home) -> None:
    awkward(home, "twice", count=1)
    dispatch(home)
    home.advance()
    assert outcomes(home.said()[0]) == [("accepted", 200, "twice"), ("accepted", 200, None)]
    first, second = home.partner.received
    assert first.body == second.body
    assert (first.headers["x-axle-ref"], second.headers["x-axle-ref"]) == ("1", "2")


@pytest.mark.rule("N19")
def test_an_answer_that_is_lost_is_followed_by_a_retry(home: Home) -> None:
    awkward(home, "answer_lost", count=1)
    dispatch(home)
    assert home.advance("20s")["waiting"] == 1
    home.advance("20s")
    assert outcomes(home.said()[0]) == [("failed", 200, "answer_lost"), ("accepted", 200, None)]


@pytest.mark.rule("N19")
def test_a_late_message_falls_due_minutes_after_it_was_made(home: Home) -> None:
    awkward(home, "late", count=1)
    dispatch(home)
    (message,) = home.said()
    assert (message["status"], message["attempts"], message["next_at"][:16] > message["created_at"][:16]) == (
        "waiting",
        [],
        True,
    )
    home.advance("10m")
    assert outcomes(home.said()[0]) == [("accepted", 200, "late")]


@pytest.mark.rule("N19")
def test_a_message_goes_out_after_the_next_one_about_its_asset(home: Home) -> None:
    awkward(home, "out_of_order", count=1)
    made = []
    for _ in range(3):
        made.append(dispatch(home)["event_id"])
        home.advance()
    came = [json.loads(request.body)["payload"]["event_id"] for request in home.partner.received]
    assert came == [made[1], made[0], made[2]]
    assert {message["status"] for message in home.said()} == {"accepted"}
    assert [message["awkward"] for message in home.said()] == ["out_of_order", None, None]


@pytest.mark.rule("N19")
def test_what_waits_for_the_next_message_is_held_and_can_be_released(home: Home) -> None:
    awkward(home, "out_of_order")
    dispatch(home)
    home.advance("2h")
    (message,) = home.said()
    assert (message["status"], "out of order" in message["reason"]) == ("held", True)
    assert home.controller.done("POST", "/messages/release") == {"released": 1}
    home.advance()
    assert home.statuses() == ["accepted"]


def with_extra(before: Any, after: Any) -> bool:
    more = set(after) - set(before), set(after["payload"]) - set(before["payload"])
    return more == ({"mockaxle_extra"}, {"mockaxle_extra"})


def with_asset(before: Any, after: Any) -> bool:
    known, added = after["payload"]["assets"]
    return [known] == before["payload"]["assets"] and set(added) == {"asset_id", "power_kw"}


def of_no_type(before: Any, after: Any) -> bool:
    changed = {name for name in after if after[name] != before[name]}
    return changed == {"id", "event_type"} and after["payload"] == before["payload"]


@pytest.mark.rule("N19")
@pytest.mark.parametrize(
    ("kind", "differs"),
    [
        ("spaces", lambda before, after: before == after),
        ("extra_fields", with_extra),
        ("unknown_asset", with_asset),
        ("unknown_event", of_no_type),
    ],
)
def test_a_body_may_be_unusual(home: Home, kind: str, differs: Callable[[Any, Any], bool]) -> None:
    awkward(home, kind, count=1)
    dispatch(home)
    home.advance()
    sent, message = home.partner.received[0].body, home.said()[0]
    assert differs(message["body"], json.loads(sent))
    assert sent != usual(home).body
    assert verified(home.partner.received[0])


@pytest.mark.rule("N19")
def test_two_signatures_are_a_wrong_one_and_the_right_one(home: Home) -> None:
    awkward(home, "two_signatures", count=1)
    dispatch(home)
    home.advance()
    time, wrong, right = home.partner.received[0].headers[HEADER].split(",")
    assert time.startswith("t=")
    assert [one[:3] for one in (wrong, right)] == ["v1=", "v1="]
    assert wrong != right


@pytest.mark.rule("N19")
def test_so_many_messages_are_awkward_as_the_count_says(home: Home) -> None:
    assert awkward(home, "spaces", "edge", count=2) == {"kinds": ["edge", "spaces"], "probability": 1.0, "count": 2}
    for _ in range(4):
        dispatch(home)
    home.advance()
    kinds = [message["awkward"] for message in home.said()]
    assert (set(kinds[:2]) <= {"edge", "spaces"}, kinds[2:]) == (True, [None, None])
    assert home.controller.done("GET", "/awkward-deliveries")["count"] == 0


@pytest.mark.rule("N19")
def test_a_probability_makes_some_messages_awkward_and_the_same_ones_again(home: Home) -> None:
    def drawn() -> list[Any]:
        home.controller.done("POST", "/snapshots/before/restore", {})
        awkward(home, *(kind for kind in AwkwardKind if kind is not AwkwardKind.OUT_OF_ORDER), probability=0.5)
        for _ in range(30):
            dispatch(home)
        return [message["awkward"] for message in home.said()]

    home.controller.done("POST", "/snapshots", {"name": "before"})
    kinds = drawn()
    assert 5 < sum(1 for kind in kinds if kind) < 25
    assert len(set(kinds)) > 5
    assert drawn() == kinds


@pytest.mark.rule("N19")
def test_a_kind_that_does_not_fit_is_not_drawn_and_not_sent(evening: Evening) -> None:
    evening.receive()
    body = {"kinds": ["out_of_order", "unknown_event", "unknown_asset"], "count": 3}
    evening.controller.done("PUT", "/awkward-deliveries", body)
    evening.event()
    evening.advance()
    (message,) = evening.said()
    assert outcomes(message) == [("accepted", 200, None)]
    assert evening.controller.done("GET", "/awkward-deliveries")["count"] == 3
    answer = evening.controller.control("POST", f"/messages/{message['id']}/send", {"as": "unknown_event"})
    assert (answer.status_code, "cannot be unknown_event" in answer.json()["detail"]) == (409, True)


@pytest.mark.rule("N19")
def test_deliveries_are_usual_again_after_delete_and_after_a_reset(home: Home) -> None:
    usually = {"kinds": [], "probability": 1.0, "count": None}
    awkward(home, "twice")
    assert home.controller.done("DELETE", "/awkward-deliveries") == usually
    awkward(home, "twice")
    home.controller.done("POST", "/reset", {"what": ["state"]})
    assert home.controller.done("GET", "/awkward-deliveries")["kinds"] == ["twice"]
    home.controller.done("POST", "/reset", {"what": ["faults"]})
    assert home.controller.done("GET", "/awkward-deliveries") == usually


@pytest.mark.rule("N19")
def test_a_message_may_be_sent_again_and_stays_accepted(home: Home) -> None:
    home.partner.statuses = [200, 404, 503, 200]
    dispatch(home)
    home.advance()
    id = home.said()[0]["id"]
    answers = [home.controller.done("POST", f"/messages/{id}/send") for _ in range(3)]
    assert [answer["status"] for answer in answers] == ["accepted"] * 3
    assert outcomes(answers[-1]) == [
        ("accepted", 200, None),
        ("refused", 404, None),
        ("failed", 503, None),
        ("accepted", 200, None),
    ]
    assert home.advance("1h")["waiting"] == 0


@pytest.mark.rule("N19")
def test_a_refused_message_that_is_taken_later_is_accepted(home: Home) -> None:
    home.partner.statuses = [404, 200]
    dispatch(home)
    home.advance()
    (message,) = home.said()
    assert message["status"] == "refused"
    assert home.controller.done("POST", f"/messages/{message['id']}/send")["status"] == "accepted"


@pytest.mark.rule("N19")
def test_a_message_that_waits_may_be_sent_at_once(home: Home) -> None:
    home.partner.statuses = [503, 200]
    dispatch(home)
    home.advance()
    (message,) = home.said()
    assert message["status"] == "waiting"
    assert home.controller.done("POST", f"/messages/{message['id']}/send", {"as": "edge"})["status"] == "accepted"
    assert home.advance("1h")["attempts"] == 0


@pytest.mark.rule("N19")
def test_a_message_without_a_receiver_a_secret_or_a_name_is_not_sent(evening: Evening) -> None:
    evening.event()
    (message,) = evening.said()
    for id, why in ((message["id"], "without a receiver"), ("nobody", "There is no message")):
        answer = evening.controller.control("POST", f"/messages/{id}/send")
        assert (answer.status_code, why in answer.json()["detail"]) == (409, True)
    answer = evening.controller.control("POST", f"/messages/{message['id']}/send", {"as": "loud"})
    assert (answer.status_code, answer.json()["detail"].startswith("as: ")) == (422, True)


@pytest.mark.rule("N19", "N14")
@pytest.mark.parametrize("kind", AwkwardKind)
def test_an_awkward_delivery_replays_to_the_byte(home: Home, kind: AwkwardKind) -> None:
    awkward(home, kind, count=1)
    dispatch(home)
    home.advance("20m")
    home.controller.done("POST", f"/messages/{home.said()[0]['id']}/send", {"as": kind})
    recording = read_recording(home.controller.control("GET", "/recording").text)
    assert {entry.awkward for entry in recording.entries if isinstance(entry, Delivery)} >= {kind}
    assert not [one for many in replay_here(recording, make_apply(load_contract())) for one in many]


@pytest.mark.rule("N19", "N10")
def test_a_copy_does_not_count_for_the_time_of_a_retry(home: Home) -> None:
    home.partner.statuses = [400, 503, 200]
    awkward(home, "bad_signature", count=1)
    dispatch(home)
    assert home.advance("20s")["waiting"] == 1
    assert home.advance("15s")["waiting"] == 0
    assert [tried["outcome"] for tried in home.said()[0]["attempts"]] == ["refused", "failed", "accepted"]


@pytest.mark.rule("N19")
@pytest.mark.parametrize("kind", ["twice", "answer_lost"])
def test_a_repetition_waits_for_the_first_answer_that_accepts(home: Home, kind: str) -> None:
    home.partner.statuses = [503, 200]
    awkward(home, kind, count=1)
    dispatch(home)
    home.advance("10m")
    assert [tried["awkward"] for tried in home.said()[0]["attempts"]] == [kind, kind, None]
    assert home.statuses()[-1] == "accepted"


@pytest.mark.rule("N19")
def test_a_message_does_not_go_before_the_next_one_is_taken(home: Home) -> None:
    home.partner.statuses = [503, 200]
    awkward(home, "out_of_order", count=1)
    first, second = dispatch(home)["event_id"], dispatch(home)["event_id"]
    home.advance("5m")
    came = [json.loads(request.body)["payload"]["event_id"] for request in home.partner.received]
    assert came == [second, second, first]


@pytest.mark.rule("N19", "N20")
def test_what_waits_for_the_next_message_to_a_held_receiver_can_be_claimed_after_a_release(home: Home) -> None:
    home.receive(name="hook", kind="webhooks", held=True)
    awkward(home, "out_of_order", count=1)
    dispatch(home)
    assert home.said("?claimable=true") == []
    assert home.controller.done("POST", "/messages/release") == {"released": 1}
    assert len(home.said("?claimable=true")) == 1


@pytest.mark.rule("N19")
def test_a_receiver_that_asks_for_its_own_message_again_is_refused_at_once(home: Home) -> None:
    answers = []

    def send_again() -> None:
        id = home.said()[0]["id"]
        answers.append(home.controller.control("POST", f"/messages/{id}/send"))

    home.partner.meanwhile = send_again
    dispatch(home)
    home.advance()
    (answer,) = answers
    assert (answer.status_code, "is being sent" in answer.json()["detail"]) == (409, True)
    assert home.statuses()[-1] == "accepted"


@pytest.mark.rule("N19")
def test_callers_send_so_many_messages_of_a_world_at_once(home: Home) -> None:
    ids = [dispatch(home)["messages"][0] for _ in range(MAX_SENDS + 1)]
    home.advance()
    reached, go_on = Semaphore(0), Event()

    def wait() -> None:
        reached.release()
        go_on.wait(30)

    home.partner.meanwhile = wait
    with ThreadPoolExecutor(MAX_SENDS) as pool:
        sends = [pool.submit(home.controller.control, "POST", f"/messages/{id}/send") for id in ids[:-1]]
        for _ in sends:
            reached.acquire(timeout=30)
        refused = home.controller.control("POST", f"/messages/{ids[-1]}/send")
        go_on.set()
        assert {sent.result().status_code for sent in sends} == {200}
    assert (refused.status_code, "are being sent by callers" in refused.json()["detail"]) == (409, True)


@pytest.mark.rule("N13", "N19")
def test_an_advance_waits_for_what_a_caller_sends(home: Home) -> None:
    home.partner.statuses = [200, 503, 200]
    sent, _ = dispatch(home)["messages"][0], dispatch(home)
    home.advance()
    assert [message["status"] for message in home.said()] == ["accepted", "waiting"]
    reached, go_on = Semaphore(0), Event()

    def wait() -> None:
        reached.release()
        go_on.wait(30)

    home.partner.meanwhile = wait
    with ThreadPoolExecutor(2) as pool:
        sending = pool.submit(home.controller.done, "POST", f"/messages/{sent}/send")
        reached.acquire(timeout=30)
        advancing = pool.submit(home.advance, "10m")
        while home.controller.done("GET", "/clock")["advancing_to"] is None:
            pass
        clocks = [home.controller.done("GET", "/clock")["now"] for _ in range(20)]
        go_on.set()
        assert sending.result()["status"] == "accepted"
        assert (advancing.result()["reached"], advancing.result()["attempts"]) == (True, 1)
    entries = home.controller.done("GET", "/log?limit=1000")["entries"]
    advances = [entry["body"]["to"] for entry in entries if entry.get("command") == "POST /clock/advance"]
    assert (len(set(clocks)), len(advances)) == (1, len(set(advances)))
