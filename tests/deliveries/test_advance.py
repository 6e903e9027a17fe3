"""The clock advances from one delivery to the next, and the world stays open while a receiver is called."""

from contextlib import contextmanager
from threading import Event
from typing import Any

import httpx
import pytest

from tests.control.controlling import Controller, controllers
from tests.deliveries.partners import Evening
from tests.serving import Served


@pytest.mark.rule("N13", "N10")
def test_each_attempt_is_made_at_its_instant(evening: Evening) -> None:
    evening.partner.statuses = [500, 500, 500, 200]
    instants: list[str] = []
    evening.partner.meanwhile = lambda: instants.append(evening.controller.done("GET", "/clock")["now"])
    evening.receive()
    evening.event()
    answer = evening.advance("1h")
    (message,) = evening.said()
    assert [attempt["at"] for attempt in message["attempts"]] == instants
    assert (answer["reached"], answer["waiting"], answer["now"]) == (True, 0, "2040-01-20T23:00:00+00:00")
    assert answer["advancing_to"] is None


@pytest.mark.rule("N13")
def test_a_receiver_may_call_the_api_before_it_answers(evening: Evening) -> None:
    def meanwhile() -> None:
        if len(evening.partner.received) == 2:
            evening.event("charge-now-deleted")
            assert evening.controller.done("GET", "/clock")["advancing_to"] == "2040-01-20T23:00:00+00:00"

    evening.partner.statuses, evening.partner.meanwhile = [500, 500, 200], meanwhile
    evening.receive(kind="webhooks")
    evening.event()
    evening.advance("1h")
    first, second = evening.said()
    assert evening.statuses() == ["accepted", "accepted"]
    assert second["created_at"] == first["attempts"][1]["at"]
    assert second["attempts"][0]["at"] == second["created_at"]


TIMED: list[tuple[str, str, Any]] = [
    ("POST", "/clock/advance", {"by": "1m"}),
    ("PUT", "/clock", {"rate": 1}),
    ("POST", "/reset", {}),
    ("PUT", "/scenario", {}),
    ("POST", "/snapshots/early/restore", {}),
    ("POST", "/rewind", {"before": 3}),
    ("POST", "/fork", {}),
    (
        "POST",
        "/dispatches",
        {
            "start_time": "2040-01-20T21:00:00Z",
            "end_time": "2040-01-20T23:00:00Z",
            "short_notice": True,
            "power_kw": 1,
            "fraction": 1,
        },
    ),
]


@pytest.mark.rule("N13")
def test_what_sets_the_time_is_refused_meanwhile_and_all_else_is_served(evening: Evening) -> None:
    answers: list[httpx.Response] = []

    def meanwhile() -> None:
        evening.partner.meanwhile = lambda: None
        answers.extend(evening.controller.control(verb, path, body) for verb, path, body in TIMED)
        answers.append(evening.controller.control("POST", "/replan"))
        answers.append(evening.controller.call("GET", "/entities/site"))

    evening.controller.done("POST", "/snapshots", {"name": "early"})
    evening.partner.statuses = [500, 200]
    evening.receive(kind="webhooks")
    evening.event()
    evening.advance()
    evening.partner.meanwhile = meanwhile
    evening.advance("40s")
    assert {answer.status_code for answer in answers[: len(TIMED)]} == {409}, [answer.text for answer in answers]
    assert all("advancing" in answer.json()["detail"] for answer in answers[: len(TIMED)])
    assert [answer.status_code for answer in answers[len(TIMED) : len(TIMED) + 2]] == [200, 200]


@pytest.mark.rule("N13")
def test_an_advance_stops_at_its_limits_and_can_be_continued(evening: Evening) -> None:
    evening.partner.statuses = [500]
    evening.receive()
    evening.event()
    evening.advance()
    assert evening.advance("0s")["attempts"] == 0
    found = evening.advance("1d", max_attempts=3)
    assert (found["reached"], found["attempts"], found["waiting"]) == (False, 3, 1)
    assert found["now"] == evening.said()[0]["attempts"][-1]["at"]
    assert evening.advance("1d", max_seconds=0)["reached"] is False
    assert evening.controller.done("POST", "/clock/advance", {"to": "2040-01-22T00:00:00Z"})["reached"] is True


@pytest.mark.rule("N13")
def test_without_wait_the_answer_comes_at_once(evening: Evening) -> None:
    called, go_on = Event(), Event()

    def meanwhile() -> None:
        called.set()
        assert go_on.wait(60)

    evening.partner.statuses = [500, 200]
    evening.receive()
    evening.event()
    evening.advance()
    evening.partner.meanwhile = meanwhile
    answer = evening.advance("1h", wait=False)
    assert (answer["reached"], answer["attempts"], answer["waiting"]) == (False, 0, 1)
    assert called.wait(60)
    assert evening.controller.done("GET", "/clock")["advancing_to"] == "2040-01-20T23:00:00+00:00"
    go_on.set()
    evening.said("?status=accepted&wait=60")
    assert evening.controller.done("GET", "/clock")["mode"] == "frozen"


@pytest.mark.rule("N13")
def test_each_part_of_an_advance_is_logged_and_the_whole_is_not(evening: Evening) -> None:
    evening.partner.statuses = [500, 200]
    evening.receive()
    evening.event()
    evening.advance("1h")
    entries = evening.controller.done("GET", "/log?limit=1000")["entries"]
    parts = [entry["body"] for entry in entries if entry.get("command") == "POST /clock/advance"]
    assert all(list(part) == ["to"] for part in parts)
    assert parts[-1] == {"to": "2040-01-20T23:00:00Z"}
    assert len(parts) == 2


@pytest.mark.rule("N13")
@pytest.mark.parametrize("steps", [["6h"], ["1h"] * 6, ["7m"] * 51 + ["3m"]])
def test_one_step_and_many_make_the_same_deliveries(evening: Evening, steps: list[str]) -> None:
    evening.partner.statuses = [500] * 8 + [200]
    evening.receive()
    evening.event()
    evening.advance()
    for by in steps:
        evening.advance(by)
    attempts = [attempt["at"] for attempt in evening.said()[0]["attempts"]]
    assert evening.controller.done("GET", "/clock")["now"] == "2040-01-21T04:00:00+00:00"
    assert (len(attempts), evening.statuses()) == (9, ["accepted"])
    one = evening.controller.done("GET", "/recording?format=har")
    assert len([entry for entry in one["log"]["entries"] if "attempt" in entry.get("comment", "")]) == 9


@pytest.mark.rule("N13")
def test_on_a_running_clock_the_instant_stands_during_a_delivery(evening: Evening) -> None:
    instants: list[str] = []

    def meanwhile() -> None:
        for _ in range(3):
            evening.controller.call("GET", "/entities/site")
        instants.append(evening.controller.done("GET", "/clock")["now"])

    evening.partner.statuses, evening.partner.meanwhile = [500, 200], meanwhile
    evening.receive()
    evening.event()
    evening.advance()
    evening.controller.done("PUT", "/clock", {"rate": 1})
    evening.advance("5m")
    attempt = evening.said()[0]["attempts"][-1]
    assert instants[-1] == attempt["at"]
    calls = evening.controller.done("GET", "/log?limit=1000&operation=GET%20/entities/site")["entries"]
    assert {entry["at"] for entry in calls[-3:]} == {attempt["at"]}
    assert evening.controller.done("GET", "/clock")["now"] >= "2040-01-20T22:05"


@pytest.mark.rule("N13")
def test_dropping_the_world_ends_the_advance(evening: Evening, controller: Controller, served: Served) -> None:
    evening.partner.statuses = [500]
    evening.receive()
    evening.event()
    evening.advance()
    evening.partner.meanwhile = lambda: served.app.api.worlds.drop(controller.username)
    refused = controller.control("POST", "/clock/advance", {"by": "1d"})
    assert (refused.status_code, "no longer kept" in refused.json()["detail"]) == (409, True)


@pytest.mark.rule("N13")
def test_a_client_that_hangs_up_does_not_stop_an_advance(evening: Evening) -> None:
    called, go_on = Event(), Event()

    def meanwhile() -> None:
        called.set()
        assert go_on.wait(60)

    evening.partner.statuses = [500, 500, 200]
    evening.receive()
    evening.event()
    evening.advance()
    evening.partner.meanwhile = meanwhile
    impatient = httpx.Client(
        base_url=evening.controller.client.base_url, timeout=0.2, headers=evening.controller.bearer
    )
    with impatient, pytest.raises(httpx.ReadTimeout):
        impatient.post("/__mockaxle/world/clock/advance", json={"by": "1h"})
    assert called.wait(60)
    go_on.set()
    assert len(evening.said("?status=accepted&wait=60")[0]["attempts"]) == 3


@pytest.mark.rule("N12", "N13")
def test_two_worlds_are_delivered_side_by_side(evening: Evening, served: Served) -> None:
    called, go_on = Event(), Event()

    def meanwhile() -> None:
        called.set()
        assert go_on.wait(60)

    evening.receive()
    evening.partner.meanwhile = meanwhile
    evening.event()
    assert called.wait(60)
    evening.partner.meanwhile = lambda: None
    with contextmanager(controllers)(served) as another:
        other = Evening(another, evening.partner)
        other.receive(place="/other/{external_id}")
        other.event()
        other.advance()
        assert other.statuses() == ["accepted"]
    go_on.set()
    evening.advance()
    assert evening.statuses() == ["accepted"]
