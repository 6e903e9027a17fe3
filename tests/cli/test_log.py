"""`mockaxle log`: the newest entries, and each new one."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer

from mockaxle.cli.log_lines import line_of
from tests.calling import onboarding
from tests.cli.test_freeze import here
from tests.cli.test_serve import MOCKAXLE, run, serving
from tests.control.controlling import Controller, controller
from tests.hostile.test_verbs import on_a_terminal

__all__ = ["controller"]
SITE = "/entities/site/00000000-0000-4000-8000-000000000000"


@contextmanager
def following(*options: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that follows a log, and has printed its own log-in."""
    command = [*MOCKAXLE, "log", "--follow", "--limit", "1", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert "/auth/token-form" in line(process)
            yield process
        finally:
            process.kill()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline()


def complaint(process: "subprocess.Popen[str]") -> str:
    assert process.stderr
    return process.stderr.readline()


def frozen(controller: Controller) -> None:
    controller.done("PUT", "/clock", {"at": "2040-01-20T22:00:00Z", "rate": 0})


def test_the_newest_entries_are_listed_oldest_first(controller: Controller) -> None:
    frozen(controller)
    controller.log_in()
    controller.call("GET", SITE)
    controller.done("PATCH", "/market/windows/night", {"price_gbp_per_mwh": 1})
    done = run("log", "--limit", "3", *here(controller))
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            f"    4  2040-01-20T22:00:00Z  GET {SITE}  404  E4",
            "    5  2040-01-20T22:00:00Z  control  PATCH /market/windows/night",
            "    6  2040-01-20T22:00:00Z  POST /auth/token-form  200  A1",
        ],
    )


def test_entries_are_filtered(controller: Controller) -> None:
    site = controller.call("POST", "/entities/site/onboard", onboarding()).json()["site"]["site_id"]
    controller.call("GET", f"/entities/site/{site}")
    controller.call("GET", SITE)
    for options, numbers in (
        (("--status", "404"), [4]),
        (("--operation", "GET /entities/site/{site_id}"), [3, 4]),
        (("--site", site), [2, 3]),
        (("--text", "wallbox-7", "--limit", "1"), [2]),
        (("--text", "nothing"), []),
    ):
        lines = run("log", *options, *here(controller)).stdout.splitlines()
        assert [int(one.split()[0]) for one in lines] == numbers, options


def test_json_is_an_entry_of_control_in_each_line(controller: Controller) -> None:
    controller.call("GET", SITE)
    lines = run("log", "--json", *here(controller)).stdout.splitlines()
    assert list(map(json.loads, lines)) == controller.done("GET", "/log")["entries"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_new_entries_are_followed_until_a_signal(controller: Controller, number: signal.Signals) -> None:
    with following(*here(controller)) as process:
        controller.call("GET", SITE)
        assert f"GET {SITE}  404" in line(process)
        controller.done("PATCH", "/settings", {"pause_minutes": 60})
        assert line(process).endswith("control  PATCH /settings\n")
        process.send_signal(number)
        assert process.wait(30) == 128 + number
        assert complaint(process) == "interrupted\n"


def test_a_filter_and_json_hold_for_what_follows(controller: Controller) -> None:
    command = [*MOCKAXLE, "log", "-f", "--json", "--status", "404", *here(controller)]
    controller.call("GET", SITE)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert json.loads(line(process))["number"] == 2
        controller.log_in()
        controller.call("GET", SITE)
        assert json.loads(line(process))["path"] == SITE
        process.kill()


def test_a_log_that_begins_anew_is_followed(controller: Controller) -> None:
    for _ in range(3):
        controller.call("GET", SITE)
    with following(*here(controller)) as process:
        controller.done("POST", "/reset")
        controller.done("PATCH", "/settings", {"pause_minutes": 60})
        assert "control  PATCH /settings" in line(process)
        assert complaint(process) == "mockaxle: the log begins anew\n"


def test_it_goes_on_when_the_mock_was_away_for_a_while() -> None:
    with serving() as (mock, url), httpx.Client(base_url=url, timeout=60) as client:
        first = Controller(client, "followed")
        for _ in range(3):
            first.call("GET", SITE)
        with following(*here(first)) as process:
            mock.terminate()
            mock.wait(30)
            assert "trying again" in complaint(process)
            with serving("--port", url.rpartition(":")[2]):
                assert re.search("answers again|begins anew", complaint(process))
                Controller(client, "followed").done("PATCH", "/settings", {"pause_minutes": 60})
                while "PATCH /settings" not in line(process):
                    pass


def test_a_refusal_is_yellow_on_a_terminal_and_nothing_else_is(controller: Controller) -> None:
    controller.call("GET", SITE)
    lines = on_a_terminal(["log", *here(controller)]).decode().splitlines()
    assert [text.startswith("\x1b[33m") for text in lines] == [False, True, False]


def test_a_line_of_a_delivery_has_receiver_and_outcome() -> None:
    entry = {"number": 7, "at": "2040-01-20T22:00:00+00:00", "delivery": "id", "receiver": "mine", "attempt": 2}
    answered = {**entry, "outcome": "failed", "status": None, "error": "the connection broke"}
    said = "    7  2040-01-20T22:00:00Z  delivery to mine  attempt 2  failed  the connection broke"
    assert line_of(answered) == said


def test_a_call_that_waits_has_no_status_yet_and_no_control_character_is_printed() -> None:
    entry = {"number": 1, "at": "2040-01-20T22:00:00+00:00", "method": "GET", "path": "/\x1b[2J", "status": None}
    assert line_of(entry) == "    1  2040-01-20T22:00:00Z  GET /\\x1b[2J  waits"


def test_an_error_is_one_line(controller: Controller) -> None:
    for wrong, words in (
        (("--limit", "0"), "is not in the range"),
        (("--status", "ok"), "is not a valid integer"),
        (("--follow", "--url", "http://127.0.0.1:9"), "no answer from"),
        (("--folow",), "did you mean '--follow'?"),
    ):
        done = run("log", *here(controller), *wrong)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert words in done.stderr


def test_a_server_that_sends_no_log_is_said(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/auth/token-form").respond_with_json({"access_token": "token"})
    page = {"entries": [{"number": 1}], "total": 1, "last": 1}
    wrongs: tuple[Any, ...] = ([], {"entries": [7], "total": 1, "last": 1}, {"entries": [], "total": 0})
    for second in wrongs:
        httpserver.expect_oneshot_request("/__mockaxle/world/log").respond_with_json(page)
        httpserver.expect_oneshot_request("/__mockaxle/world/log").respond_with_json(second)
        done = run("log", "--follow", "--url", httpserver.url_for("").rstrip("/"))
        assert (done.returncode, done.stdout) == (2, "    1  -  None None  waits\n")
        assert done.stderr == "mockaxle: control answered no page of a log\n"


def test_the_admin_token_reaches_any_world() -> None:
    with serving("--admin-token", "s3cret") as (_, url), httpx.Client(base_url=url, timeout=60) as client:
        Controller(client, "reached").call("GET", SITE)
        admin = ("--url", url, "--username", "reached", "--admin-token", "s3cret")
        done = run("log", *admin)
        assert [text.split()[0] for text in done.stdout.splitlines()] == ["1", "2"]
        assert run("reset", *admin).returncode == 0
        assert run("log", *admin).stdout == ""
