"""`mockaxle listen`: messages are forwarded from here, and what came is reported."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from httpx import Client
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from mockaxle.core.signature import HEADER
from tests.cli.test_serve import MOCKAXLE, run, serving
from tests.cli.test_trigger import plugged_in
from tests.control.controlling import Controller, controller
from tests.deliveries.partners import NAME
from tests.serving import Served

__all__ = ["controller"]
SECRET = "whsec_listened"


@contextmanager
def listening(*options: str) -> Iterator["subprocess.Popen[str]"]:
    """A listening process that has added its receivers."""
    command = [*MOCKAXLE, "listen", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            while line := process.stdout.readline():
                if line.startswith("Secret: "):
                    break
            yield process
        finally:
            process.kill()


@pytest.fixture
def partner(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request(re.compile(".*")).respond_with_data("", 204)
    return httpserver


def plan(controller: Controller) -> Any:
    return controller.done("POST", "/messages", {"type": "schedule", "asset_id": NAME})


def printed(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline()


def places(partner: HTTPServer) -> list[str]:
    return [request.path for request, _ in partner.log]


@pytest.mark.rule("N20")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_message_is_forwarded_and_reported_and_the_receivers_go_at_the_end(
    controller: Controller, partner: HTTPServer, number: signal.Signals
) -> None:
    here = plugged_in(controller)
    to = ("--forward-to", partner.url_for("/axle"), "--schedules", partner.url_for("/plans/") + "{external_id}")
    with listening(*to, "--secret", SECRET, *here) as process:
        message = plan(controller)
        assert message["receiver"] == "listen-schedules"
        assert re.fullmatch(r"[\d:]{8}  schedule  attempt 1  accepted  204  \d+ ms\n", printed(process))
        process.send_signal(number)
        assert process.wait(30) == 128 + number
    assert places(partner) == [f"/plans/{NAME}"]
    assert HEADER in partner.log[0][0].headers
    entries = controller.done("GET", "/log?limit=1000")["entries"]
    assert [entry["via"] for entry in entries if "delivery" in entry] == ["listen"]
    assert controller.done("GET", "/receivers") == {"receivers": []}


@pytest.mark.rule("N20")
def test_what_is_said_meanwhile_is_kept_for_the_next_listener(controller: Controller, partner: HTTPServer) -> None:
    here = plugged_in(controller)
    options = ("--forward-to", partner.url_for("/axle"), "--secret", SECRET, *here)
    with listening(*options) as process:
        process.kill()
    trigger = {"type": "asset:dispatch:requested", "asset_id": NAME}
    assert controller.done("POST", "/messages", trigger)["status"] == "held"
    with listening(*options) as process:
        assert "asset:dispatch:requested  attempt 1  accepted  204" in printed(process)
    assert places(partner) == ["/axle"]


@pytest.mark.rule("N20")
def test_a_listener_that_is_killed_too_early_leaves_its_claim(controller: Controller, httpserver: HTTPServer) -> None:
    here = plugged_in(controller)
    processes = list["subprocess.Popen[str]"]()

    def kill(_: Request) -> Response:
        processes[0].kill()
        processes[0].wait()
        return Response(status=204)

    httpserver.expect_request("/axle").respond_with_handler(kill)
    options = ("--forward-to", httpserver.url_for("/axle"), "--secret", SECRET, *here)
    with listening(*options) as process:
        processes.append(process)
        message = controller.done("POST", "/messages", {"type": "asset:dispatch:requested", "asset_id": NAME})
        process.wait(30)
    answer = controller.control("POST", f"/messages/{message['id']}/attempts")
    assert (answer.status_code, "is claimed and not reported yet" in answer.json()["detail"]) == (409, True)


@pytest.mark.rule("N20")
def test_an_interruption_waits_until_the_answer_is_reported(controller: Controller, httpserver: HTTPServer) -> None:
    here = plugged_in(controller)
    processes = list["subprocess.Popen[str]"]()

    def interrupt(_: Request) -> Response:
        processes[0].send_signal(signal.SIGINT)
        return Response(status=204)

    httpserver.expect_request("/axle").respond_with_handler(interrupt)
    with listening("--forward-to", httpserver.url_for("/axle"), *here) as process:
        processes.append(process)
        controller.done("POST", "/messages", {"type": "asset:dispatch:requested", "asset_id": NAME})
        assert process.wait(30) == 130
    (message,) = controller.done("GET", "/messages?receiver=listen")["messages"]
    assert (message["status"], len(message["attempts"])) == ("accepted", 1)


@pytest.mark.rule("N20")
def test_a_listener_ends_when_another_one_takes_over(controller: Controller, partner: HTTPServer) -> None:
    here = plugged_in(controller)
    to_first, to_second = ("--forward-to", partner.url_for("/first")), ("--forward-to", partner.url_for("/second"))
    with listening(*to_first, *here) as first, listening(*to_second, *here) as second:
        controller.done("POST", "/messages", {"type": "asset:dispatch:requested", "asset_id": NAME})
        assert first.wait(30) == 2
        assert first.stderr
        assert "was replaced by another listener; one listener at a time" in first.stderr.read()
        (left,) = controller.done("GET", "/receivers")["receivers"]
        assert (left["url"], second.poll()) == (partner.url_for("/second"), None)


@pytest.mark.rule("N20")
def test_a_receiver_that_is_down_is_a_failed_attempt(controller: Controller) -> None:
    here = plugged_in(controller)
    with listening("--forward-to", "http://127.0.0.1:9/axle", *here) as process:
        controller.done("POST", "/messages", {"type": "asset:dispatch:requested", "asset_id": NAME})
        assert "attempt 1  failed" in printed(process)
    (attempt,) = controller.done("GET", "/messages?receiver=listen")["messages"][0]["attempts"]
    assert (attempt["outcome"], attempt["status"]) == ("failed", None)
    assert attempt["error"]


@pytest.mark.rule("N19", "N20")
def test_a_cut_delivery_is_cut_here_too(controller: Controller, partner: HTTPServer) -> None:
    here = plugged_in(controller)
    with listening("--forward-to", partner.url_for("/axle"), "--secret", SECRET, *here) as process:
        controller.done("PUT", "/awkward-deliveries", {"kinds": ["cut"], "count": 1})
        controller.done("POST", "/messages", {"type": "asset:dispatch:requested", "asset_id": NAME})
        assert "failed  the body was cut off" in printed(process)
        assert "attempt 2  accepted  204" in printed(process)


@pytest.mark.rule("N20")
def test_a_listener_goes_on_when_its_receivers_and_its_mock_are_gone_for_a_while(partner: HTTPServer) -> None:
    with serving() as (mock, url):
        port = url.rpartition(":")[2]
        here = ("--url", url, "--username", "listened-to")
        with listening("--forward-to", partner.url_for("/axle"), "--secret", SECRET, *here) as process:
            mock.terminate()
            mock.wait(30)
            assert process.stderr
            assert "trying again" in process.stderr.readline()
            with serving("--port", port):
                assert "answers again" in process.stderr.readline()
                with Client(base_url=url, timeout=60) as client:
                    anew = Controller(client, "listened-to")
                    plugged_in(anew)
                    anew.done("POST", "/messages", {"type": "asset:dispatch:requested", "asset_id": NAME})
                    assert "accepted  204" in printed(process)


def test_an_error_at_the_start_is_one_line(served: Served) -> None:
    here = ("--url", served.base_url, "--username", "listening-wrongly")
    for wrong, words in (
        (("--forward-to", "ftp://127.0.0.1/axle", *here), "is not an http or https URL"),
        (("--forward-to", "http://127.0.0.1:9/axle", "--schedules", "http://127.0.0.1:9/plans", *here), "{asset_id}"),
        (("--forward-to", "http://user@127.0.0.1:9/axle", *here), "account"),
        (("--forward-to", "http://127.0.0.1:9/axle", "--url", "http://127.0.0.1:9"), "no answer from"),
        (here, "--forward-to"),
    ):
        done = run("listen", *wrong)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert words in done.stderr
