"""Messages are delivered to the partner's server, and what it answers decides what becomes of them."""

import hmac
import json
import socket
import ssl
from collections.abc import Callable
from threading import Barrier

import pytest
import trustme
from pytest_httpserver import HTTPServer

from tests.calling import CHARGER
from tests.deliveries.partners import NAME, SECRET, Evening, Partner
from tests.harness.test_safety import answering, sends

BATTERY = {"external_id": "b", "type": "battery", "properties": {"capacity_kwh": 10}}


@pytest.mark.rule("N5", "N7", "N8", "C7")
def test_a_plan_is_posted_bare_and_signed_to_the_url_of_its_asset(evening: Evening) -> None:
    evening.receive()
    evening.event()
    assert evening.advance()["attempts"] <= 1
    (request,), (message,) = evening.partner.received, evening.said()
    assert (request.path, json.loads(request.body)) == (f"/{NAME}", message["body"])
    sent = {name: request.headers[name] for name in ("content-type", "x-axle-ref")}
    assert sent == {"content-type": "application/json", "x-axle-ref": "1"}
    assert request.headers["user-agent"].startswith("mockaxle/")
    at, _, digest = request.headers["x-axle-sig"].removeprefix("t=").partition(",v1=")
    assert digest == hmac.new(SECRET.encode(), f"{at}.".encode() + request.body, "sha256").hexdigest()
    assert (message["status"], message["receiver"]) == ("accepted", "partner")


@pytest.mark.rule("N5", "N10")
def test_each_attempt_has_the_same_bytes_and_another_reference(evening: Evening) -> None:
    evening.partner.statuses = [500, 503, 200]
    evening.receive()
    evening.event()
    assert evening.advance("5m")["waiting"] == 0
    assert {request.body for request in evening.partner.received} == {evening.partner.received[0].body}
    assert [request.headers["x-axle-ref"] for request in evening.partner.received] == ["1", "2", "3"]
    outcomes = [(tried["outcome"], tried["status"]) for tried in evening.said()[0]["attempts"]]
    assert outcomes == [("failed", 500), ("failed", 503), ("accepted", 200)]


@pytest.mark.rule("N9", "V3")
@pytest.mark.parametrize(
    ("status", "outcome", "becomes"),
    [
        *((status, "accepted", "accepted") for status in (200, 202, 204, 299)),
        *((status, "refused", "refused") for status in (400, 401, 404, 408, 410, 425, 429, 499)),
        *((status, "failed", "waiting") for status in (301, 302, 307, 304, 500, 502, 503, 599)),
    ],
)
def test_the_status_decides(evening: Evening, status: int, outcome: str, becomes: str) -> None:
    evening.partner.statuses, evening.partner.headers = [status], {"Location": "/elsewhere"}
    evening.receive()
    evening.event()
    evening.advance()
    (message,) = evening.said()
    assert (message["status"], [tried["outcome"] for tried in message["attempts"]]) == (becomes, [outcome])
    assert [request.path for request in evening.partner.received] == [f"/{NAME}"]
    (logged,) = evening.logged()
    assert (logged["delivery"], logged["outcome"], logged["status"]) == (message["id"], outcome, status)


def endless(connection: socket.socket) -> None:
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        for _ in range(100_000):
            connection.sendall(b"x" * 65_536)
    except OSError:  # the mock has read enough
        connection.close()


def endless_head(connection: socket.socket) -> None:
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100_000):
            connection.sendall(b"X-More: and more\r\n" * 1000)
    except OSError:
        connection.close()


@pytest.mark.rule("N2", "N9")
@pytest.mark.parametrize(
    ("act", "outcome", "word"),
    [
        (lambda connection: None, "failed", "no complete answer within 300 ms"),
        (sends(b""), "failed", "Error"),
        (sends(b"\x00\xff" * 50), "failed", "Error"),
        (sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1"), "accepted", ""),
        (sends(b"HTTP/1.1 99 Odd\r\n\r\n"), "failed", ""),
        (sends(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tea\r\n\r\n"), "failed", ""),
        (endless, "accepted", ""),
        (endless_head, "failed", ""),
    ],
    ids=["hangs", "closes", "garbage", "cut", "odd status", "switches", "endless", "endless head"],
)
def test_a_receiver_without_manners_is_one_entry_in_the_log(
    evening: Evening, act: Callable[[socket.socket], None], outcome: str, word: str
) -> None:
    with answering(act) as url:
        evening.partner.url = url
        evening.receive(timeout_ms=300)
        evening.event()
        evening.advance()
        (entry,) = evening.logged()
    assert (entry["outcome"], word in (entry["error"] or "")) == (outcome, True), entry
    assert evening.controller.call("GET", "/entities/site").status_code == 200


@pytest.mark.rule("N9")
def test_a_receiver_whose_certificate_is_not_trusted_gets_nothing(evening: Evening) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        evening.partner.url = server.url_for("").rstrip("/")
        evening.receive()
        evening.event()
        evening.advance()
        assert server.log == []
    (entry,) = evening.logged()
    assert (entry["outcome"], "certificate verify failed" in entry["error"]) == ("failed", True), entry


@pytest.mark.rule("N9")
def test_a_receiver_that_is_down_is_tried_until_the_message_is_a_day_old(evening: Evening) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        evening.partner.url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        evening.receive()
        evening.event()
        found = evening.advance("1d12h")
    (message,) = evening.said()
    *tried, last = evening.logged()
    assert (message["status"], message["reason"]) == ("given_up", "24 hours have passed since the message")
    assert [entry["at"] for entry in tried] == [attempt["at"] for attempt in message["attempts"]]
    assert {entry["outcome"] for entry in tried} == {"failed"}
    assert (last["outcome"], last["at"]) == ("given_up", "2040-01-21T22:00:00+00:00")
    assert (len(tried) in (14, 15), found["reached"], len(tried) - found["attempts"] in (0, 1)) == (True, True, True)


@pytest.mark.rule("N8", "N6")
def test_without_a_receiver_of_schedules_a_plan_goes_in_an_envelope(evening: Evening) -> None:
    evening.receive(kind="webhooks")
    evening.event()
    evening.advance()
    (request,), plan = evening.partner.received, evening.controller.done("GET", f"/plans/{evening.asset_id}")
    sent = json.loads(request.body)
    assert (sent["event_type"], request.path) == ("asset:dispatch:requested", "/hook")
    assert sent["payload"] == {
        "asset_id": evening.asset_id,
        "external_id": CHARGER["external_id"],
        "issued_timestamp": "2040-01-20T22:00:00+00:00",
        "set_charging_profile": plan,
    }


@pytest.mark.rule("N1", "N15")
def test_each_receiver_gets_the_types_that_it_takes(evening: Evening) -> None:
    evening.receive(name="all", kind="webhooks")
    evening.receive(name="batteries", kind="webhooks", event_types=["vpp:asset:registered"])
    evening.receive(name="plans")
    evening.event()
    evening.controller.call("POST", "/entities/asset", {**BATTERY, "site_id": evening.site_id})
    evening.advance()
    found = [(message["receiver"], message["type"]) for message in evening.said()]
    registered = "vpp:asset:registered"
    assert found == [("plans", "schedule"), ("all", registered), ("batteries", registered)]
    assert len({message["id"] for message in evening.said()}) == len(evening.partner.received) == 3


@pytest.mark.rule("N8")
def test_a_plan_that_waits_is_superseded_by_the_next_one(evening: Evening) -> None:
    evening.partner.statuses = [500]
    evening.receive()
    for _ in range(3):
        evening.event()
        evening.advance()
    evening.partner.statuses = [200]
    evening.advance("1h")
    assert evening.statuses() == ["superseded", "superseded", "accepted"]
    assert len(evening.partner.received) == 4


@pytest.mark.rule("N7")
@pytest.mark.parametrize("clock", ["world", "machine"])
def test_a_signature_names_the_instant_of_the_clock_that_is_asked_for(evening: Evening, clock: str) -> None:
    evening.receive(signed_at=clock)
    evening.event()
    evening.advance()
    seconds = int(evening.partner.received[0].headers["x-axle-sig"].partition(",")[0].removeprefix("t="))
    assert (seconds == 2210709600) is (clock == "world")


@pytest.mark.rule("N2")
def test_proxies_of_the_environment_are_not_used(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    evening.receive()
    evening.event()
    evening.advance()
    assert evening.statuses() == ["accepted"]


@pytest.mark.rule("N12")
def test_on_a_running_clock_a_retry_falls_due_by_itself(evening: Evening) -> None:
    evening.partner.statuses = [500, 500, 200]
    evening.controller.done("PUT", "/clock", {"rate": 10_000})
    evening.receive()
    evening.event()
    (message,) = evening.said("?status=accepted&wait=60")
    assert [tried["status"] for tried in message["attempts"]] == [500, 500, 200]


@pytest.mark.rule("N12")
def test_on_a_clock_that_stands_a_new_message_goes_out_and_a_retry_waits(evening: Evening) -> None:
    evening.partner.statuses = [500, 200]
    evening.receive()
    evening.event()
    evening.advance()
    (message,) = evening.said("?status=waiting")
    assert (len(message["attempts"]), "2040-01-20T22:00:27" <= message["next_at"] <= "2040-01-20T22:00:33") == (1, True)
    evening.advance("20s")
    assert evening.statuses() == ["waiting"]
    evening.advance("20s")
    assert evening.statuses() == ["accepted"]


@pytest.mark.rule("N2")
def test_another_world_is_served_while_a_receiver_hangs(evening: Evening) -> None:
    with answering(lambda connection: None) as url:
        evening.partner.url = url
        evening.receive(timeout_ms=60_000)
        evening.event()
        assert evening.controller.call("GET", "/entities/site").status_code == 200
        assert evening.controller.done("GET", "/clock")["advancing_to"] is None
        evening.controller.done("DELETE", "/receivers/partner")
    assert evening.statuses() == ["given_up"]


@pytest.mark.rule("N11")
def test_messages_go_out_by_the_instant_at_which_they_fall_due_and_then_by_number(evening: Evening) -> None:
    evening.partner.statuses = [500, 500, 200]
    for name in ("one", "two"):
        evening.receive(name=name, kind="webhooks", place=f"/{name}")
    evening.event()
    evening.advance("5m")
    tried = [(attempt["at"], message["number"]) for message in evening.said() for attempt in message["attempts"]]
    logged = [(entry["at"], {"one": 1, "two": 2}[entry["receiver"]]) for entry in evening.logged()]
    assert (logged, len(logged)) == (sorted(tried), 4)


@pytest.mark.rule("N11")
def test_a_receiver_with_parallel_gets_several_messages_at_once_and_the_log_says_so(evening: Evening) -> None:
    together = Barrier(4)
    evening.receive(kind="webhooks", held=True)
    for _ in range(8):
        evening.event()
    evening.partner.meanwhile = lambda: together.wait(60)
    evening.receive(kind="webhooks", parallel=4)
    evening.controller.done("POST", "/messages/release")
    assert evening.advance("0s")["waiting"] == 0
    assert (evening.statuses(), together.broken) == (["accepted"] * 8, False)
    assert [entry["parallel"] for entry in evening.logged()] == [4] * 8


@pytest.mark.rule("V3")
def test_a_partner_is_not_called_twice_for_one_message(partner: Partner, evening: Evening) -> None:
    evening.receive()
    for _ in range(20):
        evening.event()
    evening.advance()
    bodies = [json.loads(request.body)["csChargingProfiles"]["chargingProfileId"] for request in partner.received]
    assert bodies == sorted(set(bodies))
    assert set(evening.statuses()) <= {"accepted", "superseded"}
