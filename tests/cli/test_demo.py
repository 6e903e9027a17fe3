"""`mockaxle demo`: exit 0 only if all was as expected."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from mockaxle.cli.demo import tonight
from mockaxle.cli.timeline import Track, draw, spans_of
from mockaxle.client.client import Client
from mockaxle.testing.world import World
from tests.cli.test_serve import run
from tests.serving import Served

INITIALISE = "POST /entities/site/initialise"


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", "-m", "mockaxle.cli", "demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)


def test_it_runs_on_a_server_of_its_own() -> None:
    done = demo()
    assert (done.returncode, done.stderr) == (0, "")
    arrows = [line.partition("  200  ")[2][:20].strip() for line in done.stdout.splitlines() if "->" in line]
    assert arrows == [
        "Unseen -> Inactive", "Inactive -> Active", "Active -> Inactive", "Inactive -> Active", "Active -> Deleted",
    ]  # fmt: skip
    assert done.stdout.endswith("Every call went as expected.\n")


def test_it_shows_the_schedule_before_and_after_and_the_window() -> None:
    lines = demo().stdout.splitlines()
    axis, sent, returned, window = (lines[lines.index(next(x for x in lines if "sent" in x)) + n] for n in range(-1, 3))
    start = axis.index("22")
    assert sent[start:] == "█" * 48
    assert returned[start:] == "█" * 18 + " " * 3 + "█" * 27
    assert window[start:] == " " * 18 + "▒" * 6


def test_no_variable_of_the_environment_names_its_server() -> None:
    done = run("demo", MOCKAXLE_URL="http://127.0.0.1:1", MOCKAXLE_USERNAME="acme")
    assert (done.returncode, " as acme" in done.stdout) == (0, False)


def test_it_runs_on_a_given_server(served: Served) -> None:
    done = demo("--url", served.base_url + "/")
    assert done.returncode == 0
    assert "flex window" not in done.stdout


def test_a_call_that_does_not_go_as_expected_ends_it(served: Served) -> None:
    with Client(served.base_url) as client:
        World(served.base_url, "broken", "demo", client).faults.add("status", status=500, operation=INITIALISE)
    done = demo("--url", served.base_url, "--username", "broken")
    assert done.returncode == 1
    assert "expected 200 and Inactive, got 500 and Unseen" in done.stderr


def test_a_log_in_that_is_refused_is_one_line(served: Served) -> None:
    done = demo("--url", served.base_url, "--password", "wrong")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "the log-in returned 401 with a refusal" in done.stderr


def test_a_server_that_is_not_there_is_one_line() -> None:
    done = demo("--url", "http://127.0.0.1:1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("verb", ["demo", "token"])
@pytest.mark.parametrize("page", [b"<html>", b"[]", b"{}"])
def test_a_server_that_is_no_mock_is_one_line(verb: str, page: bytes) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        done = run(verb, "--url", f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("hours", [1, 8, 20, 49, 400])
def test_a_picture_is_never_wider_than_a_terminal(hours: int) -> None:
    start = datetime(2026, 1, 20, 21, 40, tzinfo=UTC)
    lines = draw([Track("sent", [(start, start + timedelta(hours=hours))], "#")])
    assert max(map(len, lines)) <= 80
    assert lines[1].count("#") > 10


def test_tonight_is_spelt_as_a_partner_would() -> None:
    schedule = tonight(datetime(2026, 1, 20, 9, 30, tzinfo=UTC))
    assert schedule == [{"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T06:00:00Z"}]
    assert spans_of(schedule)[0][1] - spans_of(schedule)[0][0] == timedelta(hours=8)
