"""Scenarios over HTTP: a world written, and begun anew."""

import threading
from typing import Any

import httpx
import pytest

from tests.calling import onboarding
from tests.control.controlling import Controller
from tests.serving import Served

TOML = {"Content-Type": "application/toml"}


def put(controller: Controller, text: str, kind: dict[str, str] = TOML) -> httpx.Response:
    path = "/__mockaxle/world/scenario"
    return controller.client.put(path, content=text, headers={**controller.bearer, **kind}, timeout=60)


def test_a_world_begins_anew_from_a_scenario_and_a_reset_brings_that_back(controller: Controller) -> None:
    controller.call("POST", "/entities/site/onboard", onboarding())
    answer = put(controller, "[[portfolios]]\nname = 'fleet'\ncount = 3\n")
    assert (answer.status_code, answer.json()) == (200, {"sites": 3, "assets": 3})
    sites = controller.call("GET", "/entities/site").json()["sites"]
    assert [site["mpan"] for site in sites] == ["2000000000006", "2000000000015", "2000000000024"]
    controller.call("POST", "/entities/site/onboard", onboarding())
    controller.done("POST", "/reset", {"what": ["state"]})
    assert controller.call("GET", "/entities/site").json()["sites"] == sites


@pytest.mark.parametrize("format", ["toml", "json"])
def test_what_is_written_can_be_put_back(controller: Controller, format: str) -> None:
    controller.call("POST", "/entities/site/onboard", onboarding())
    controller.done("PUT", "/clock", {"at": "2040-01-01T00:00:00Z", "rate": 0})
    written = controller.control("GET", f"/scenario?format={format}")
    assert written.headers["content-type"].startswith(f"application/{format}")
    controller.log_in()
    before = controller.call("GET", "/entities/site").json()
    assert before["total_num_sites"] == 1
    controller.done("POST", "/reset", {"what": ["state"]})
    assert put(controller, written.text, {"Content-Type": f"application/{format}"}).status_code == 200
    controller.log_in()
    assert controller.call("GET", "/entities/site").json() == before
    assert controller.done("GET", "/clock")["now"] == "2040-01-01T00:00:00+00:00"


def test_a_clock_that_starts_in_the_past_begins_the_log_anew(controller: Controller) -> None:
    assert put(controller, "clock = {at = 2001-01-01T00:00:00Z, rate = 0}").status_code == 200
    assert controller.done("GET", "/clock")["now"] == "2001-01-01T00:00:00+00:00"
    assert controller.done("GET", "/log")["entries"] == []
    controller.done("POST", "/clock/advance", {"by": "1h"})
    controller.done("POST", "/reset", {"what": ["clock"]})
    assert controller.done("GET", "/clock")["now"] == "2001-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        (
            "[settings]\npause = 1",
            422,
            "scenario:2: settings.pause: unknown key 'pause'; known keys: style, pause_minutes",
        ),
        ("[[accounts]]\nusername = 'x'\nworld = 'elsewhere'", 409, "belongs to the world 'elsewhere'"),
    ],
)
def test_a_refused_scenario_changes_nothing(controller: Controller, text: str, status: int, words: str) -> None:
    controller.call("POST", "/entities/site/onboard", onboarding())
    controller.done("PUT", "/clock", {"rate": 0})
    before = controller.done("GET", "")
    answer = put(controller, text)
    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert controller.done("GET", "") == before


def test_the_accounts_of_a_scenario_join_the_world(controller: Controller) -> None:
    guest = f"{controller.username}-guest"
    text = f"[[accounts]]\nusername = '{guest}'\npassword = 'open sesame'\nkind = 'read_only'"
    assert put(controller, text).status_code == 200
    assert put(controller, text).status_code == 200
    form = {"username": guest, "password": "guess"}
    assert controller.client.post("/auth/token-form", data=form).status_code == 401
    token = controller.client.post("/auth/token-form", data={**form, "password": "open sesame"}).json()["access_token"]
    answer = controller.client.delete("/entities/site/x", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    other = Controller(controller.client, f"{controller.username}-other")
    assert put(other, text).status_code == 409


def test_a_long_command_lets_others_be_served_and_its_own_world_wait(served: Served, controller: Controller) -> None:
    done = threading.Event()
    answers: dict[str, Any] = {}

    def load() -> None:
        with httpx.Client(base_url=served.base_url, timeout=None) as client:
            own = Controller(client, controller.username)
            answers["load"] = put(own, "[[portfolios]]\nname = 'many'\ncount = 40000\n").json()
        done.set()

    thread = threading.Thread(target=load)
    thread.start()
    meanwhile = 0
    with httpx.Client(base_url=served.base_url, timeout=None) as client:
        while not done.is_set():
            assert client.get("/__mockaxle/health").status_code == 200
            meanwhile += not done.is_set()
            if meanwhile == 3:
                answers["count"] = controller.call("GET", "/entities/site?limit=1").json()["total_num_sites"]
    thread.join()
    assert meanwhile >= 3
    assert answers["load"] == {"sites": 40_000, "assets": 40_000}
    assert answers["count"] in (0, 40_000)


def test_a_body_that_does_not_say_what_it_is_is_refused(controller: Controller) -> None:
    answer = put(controller, "settings = {}", {"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["detail"]) == (
        415,
        "Send Content-Type: application/toml or application/json",
    )


@pytest.mark.parametrize(
    ("verb", "path", "body", "words"),
    [
        ("PUT", "/clock", {"rat": 3}, "rat: unknown key 'rat'; did you mean 'rate'?"),
        ("PATCH", "/settings", {"pause_minuts": 60}, "did you mean 'pause_minutes'?"),
        ("PUT", "/clock", {"at": "tomorrow"}, "at: not an instant such as"),
        ("POST", "/market/windows", {"from_time": "03:00"}, "to_time: is missing; price_gbp_per_mwh: is missing"),
        ("GET", "/log?operaton=x", None, "did you mean 'operation'?"),
        ("PUT", "/receivers/mine", {"ulr": "http://127.0.0.1:9/"}, "did you mean 'url'?"),
        ("POST", "/messages", {"type": "schedule", "aset_id": "a"}, "did you mean 'asset_id'?"),
        ("POST", "/messages/m1/send", {"kind": "twice"}, "known keys: as"),
    ],
)
def test_control_says_what_is_wrong_in_plain_words(
    controller: Controller, verb: str, path: str, body: Any, words: str
) -> None:
    answer = controller.control(verb, path, body)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


def test_what_control_does_not_know_is_said_in_json(controller: Controller) -> None:
    assert controller.control("GET", "/wrld").json()["detail"].endswith("lists the calls")
    assert controller.control("POST", "/settings").json() == {"detail": "Method Not Allowed"}


def test_the_newest_entries_come_first_where_that_is_asked_for(controller: Controller) -> None:
    controller.call("GET", "/entities/site")
    newest = controller.done("GET", "/log?newest_first=true&limit=1")["entries"]
    assert [entry["path"] for entry in newest] == ["/entities/site"]


def test_a_scenario_says_anew_what_an_account_of_the_world_is(controller: Controller) -> None:
    guest = f"{controller.username}-anew"
    for password, kind in (("a", "full"), ("b", "read_only")):
        text = f"[[accounts]]\nusername = '{guest}'\npassword = '{password}'\nkind = '{kind}'"
        assert put(controller, text).status_code == 200
    statuses = [
        controller.client.post("/auth/token-form", data={"username": guest, "password": password}).status_code
        for password in ("a", "b")
    ]
    assert statuses == [401, 200]
    roles = {account["username"]: account["roles"] for account in controller.done("GET", "/accounts")["accounts"]}
    assert roles[guest] == ["entity_read", "rewards", "lookup"]
