"""`mockaxle check-receiver` finds each thing that a receiver can do wrong, and nothing else."""

import json
import socket
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme
import uvicorn
from junitparser import JUnitXml
from pytest_httpserver import HTTPServer
from starlette.applications import Starlette

from mockaxle.cli.check_receiver import CheckReceiverOptions, checked
from mockaxle.client.client import Client
from mockaxle.client.errors import TooSlow
from mockaxle.harness.receiver.envoy import Envoy, EnvoyAnswer, dispatch_of
from mockaxle.harness.receiver.rows import ROWS, ReceiverResult, RowLevel
from mockaxle.harness.receiver.suite import check_receiver
from tests.cli.test_serve import run
from tests.harness.broken_receivers import BLACK_BOX, OBSERVED, SECRET, receiver_of
from tests.harness.test_safety import answering, sends
from tests.ports import reserved_port
from tests.programs import needed
from tests.serving import Served

NODE = Path(__file__).parents[2] / "examples" / "receivers" / "node" / "receiver.mjs"
PACE_SECONDS = 3.0
LATER = {row.number for row in ROWS if row.is_observed}


@contextmanager
def listening(app: Starlette) -> Iterator[str]:
    """A receiver's URL, with the tasks that it runs in the background."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=1))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def untrusted() -> Iterator[str]:
    """A server's URL whose certificate nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        yield server.url_for("").rstrip("/")


def options(url: str, **more: Any) -> CheckReceiverOptions:
    usual: dict[str, Any] = {"schedules": None, "observe": False, "port": 0, "pace": PACE_SECONDS, "reports": {}}
    return CheckReceiverOptions(f"{url}/axle", SECRET, username="demo", password="demo", **{**usual, **more})


def result_of(parts: dict[str, Any], axle_url: str) -> ReceiverResult:
    with listening(receiver_of(parts, axle_url=axle_url)) as url, ExitStack() as stack:
        return checked(options(url), stack)


def observed(parts: dict[str, Any]) -> ReceiverResult:
    """The result for a receiver whose system calls the mock of its check."""
    with reserved_port() as port:
        app = receiver_of(parts, axle_url=f"http://127.0.0.1:{port}")
        with listening(app) as url, ExitStack() as stack:
            schedules = f"{url}/chargers/{{asset_id}}"
            return checked(options(url, observe=True, port=port, schedules=schedules), stack)


def failing(result: ReceiverResult) -> dict[int, list[str]]:
    """The rows that failed, with what failed in them."""
    found = [row for row in result.rows if row.level in (RowLevel.ERROR, RowLevel.NOTE)]
    return {row.row.number: [f"{one.what}: {one.came}" for one in row.failed] for row in found}


@pytest.mark.rule("N22")
@pytest.mark.parametrize("switch", BLACK_BOX)
def test_a_receiver_that_is_broken_in_one_way_fails_that_row(switch: str, served: Served) -> None:
    row, parts = BLACK_BOX[switch]
    result = result_of(parts, served.base_url)
    assert set(failing(result)) == {row}, failing(result)
    assert {row.row.number for row in result.rows if row.level is RowLevel.SKIPPED} == LATER


@pytest.mark.rule("N22")
def test_what_its_system_does_wrong_is_observed_and_nothing_else_of_a_good_one() -> None:
    switches = {"": (0, {}), **OBSERVED}
    with ThreadPoolExecutor(len(switches)) as pool:
        results = dict(zip(switches, pool.map(observed, [parts for _, parts in switches.values()]), strict=True))
    found = {switch: failing(result) for switch, result in results.items()}
    assert {switch: set(rows) for switch, rows in found.items()} == {
        switch: {row} - {0} for switch, (row, _) in switches.items()
    }, found
    assert [row.level for row in results[""].rows] == [RowLevel.PASSED] * 20


@pytest.mark.rule("N22")
def test_the_example_in_node_passes_what_its_answers_decide() -> None:
    (node,) = needed("node")
    environment = {"AXLE_SECRET": SECRET}
    with subprocess.Popen([node, NODE, "0"], env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().removeprefix("listening on ").strip()
            with ExitStack() as stack:
                result = checked(options(url), stack)
        finally:
            process.kill()
    assert failing(result) == {}
    assert result.counted[RowLevel.PASSED] == 20 - len(LATER)


def test_a_receiver_that_never_answers_fails_two_rows_and_is_asked_no_more() -> None:
    class Silent:
        secret = SECRET

        def begin(self) -> None:
            """Nothing is needed."""

        def posted(self, body: bytes) -> EnvoyAnswer:
            raise TooSlow(10)

    silent: Any = Silent()
    result = check_receiver(silent, silent, target="http://127.0.0.1:9", pace=3, report=lambda text: None)
    assert failing(result) == {row: ["a valid message: no complete answer within 10,000 ms"] for row in (1, 2)}
    assert (result.is_clean, result.counted[RowLevel.SKIPPED]) == (False, 18)


def test_each_request_has_a_connection_of_its_own() -> None:
    with HTTPServer(host="127.0.0.1") as server:
        server.expect_request("/axle").respond_with_data("taken")
        url = server.url_for("/axle")
        with Client(server.url_for("").rstrip("/")) as client:
            envoy = Envoy(client, url, secret=SECRET)
            assert [envoy.post(dispatch_of()).status for _ in "ab"] == [200, 200]
        assert [request.headers["Connection"] for request, _ in server.log] == ["close", "close"]


def test_the_reports_have_every_row(tmp_path: Path, served: Served) -> None:
    reports = [f"--report={kind}={tmp_path / kind}" for kind in ("junit", "json", "html")]
    with listening(receiver_of(BLACK_BOX["accepts any instant"][1], axle_url=served.base_url)) as url:
        done = run("check-receiver", f"{url}/axle", "--secret", SECRET, *reports)
    assert (done.returncode, done.stderr) == (1, "")
    assert "is not clean: 14 passed, 0 note, 1 error, 5 skipped" in done.stdout
    assert "signed 301 s ago: 200" in done.stdout
    data = json.loads((tmp_path / "json").read_text())
    assert [row["number"] for row in data["rows"]] == [row.number for row in ROWS]
    assert (data["green"], data["rows"][3]["level"]) == (False, "error")
    suite = next(iter(JUnitXml.fromfile(str(tmp_path / "junit"))))
    assert (suite.tests, suite.failures, suite.skipped) == (20, 1, 5)
    page = (tmp_path / "html").read_text()
    assert all(f'id="row-{row.number}"' in page for row in ROWS)


def test_a_receiver_that_passes_exits_0_and_its_notes_do_not_count(served: Served) -> None:
    with listening(receiver_of(BLACK_BOX["takes few at once"][1], axle_url=served.base_url)) as url:
        done = run("check-receiver", f"{url}/axle", "--secret", SECRET)
    assert (done.returncode, done.stderr) == (0, "")
    assert "is clean: 14 passed, 1 note" in done.stdout


@pytest.mark.rule("N22")
def test_what_answers_no_http_or_cannot_be_trusted_is_one_line() -> None:
    with answering(sends(b"SSH-2.0-OpenSSH_9\r\n")) as no_http, untrusted() as certificate:
        for url, words in (
            ("http://127.0.0.1:9/axle", "127.0.0.1:9"),
            (f"{no_http}/axle", no_http.removeprefix("http://")),
            ("ftp://127.0.0.1/axle", "is not an http or https URL"),
            ("http://user@127.0.0.1:9/axle", "without an account"),
            ("http://169.254.169.254:1/axle", "link-local"),
            (f"{certificate}/axle", "certificate is not trusted"),
        ):
            done = run("check-receiver", url, "--secret", SECRET)
            assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
            assert words in done.stderr
