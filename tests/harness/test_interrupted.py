"""An interrupted `mockaxle check` says so, lists what it did not test, and leaves nothing behind."""

import json
import os
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from mockaxle.app import App
from mockaxle.cli.check import SUITE_NAMES
from mockaxle.serving.listener import serve_in_thread
from tests.harness.test_check import sites_of, suites
from tests.mutants.checking import ROOT, command, fresh_app

PATIENCE_SECONDS = 120
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
INTERRUPTIONS = [
    pytest.param(place, number, id=f"{name}-{number.name}")
    for place, name in enumerate(SUITE_NAMES)
    for parity, number in enumerate(CODES)
    if LONG or place % 2 == parity
]
"""Each suite with each signal in `make fuzz`; in `make test` the signals take turns."""

Asked = Callable[[str, dict[bytes, bytes]], bool]


class Watched:
    """An app that says when it has answered a request that a test waits for."""

    def __init__(self, app: App, asked: Asked) -> None:
        self._app = app
        self._asked = asked
        self.seen = Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)
        if scope["type"] == "http" and self._asked(f"{scope['method']} {scope['path']}", dict(scope["headers"])):
            self.seen.set()


def of_the_suite(name: str) -> Asked:
    """The first call that shows that a suite is at work, and has made a site where it makes one first."""
    if name == "conformance":
        return lambda called, headers: (
            b"schemathesis" in headers.get(b"user-agent", b"") and called.startswith("POST /ent")
        )
    if name == "auth":
        return lambda called, headers: headers.get(b"authorization") == b"Bearer broken"
    return lambda called, headers: called == "POST /entities/site/onboard" and b"authorization" in headers


@contextmanager
def checking(url: str, folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A check in a process group of its own, whose temporary files are in `folder/temporary`."""
    temporary = folder / "temporary"
    temporary.mkdir()
    words = command(url, "--seed", "1", "--examples", "100", "--report", f"json={folder / 'report.json'}", *options)
    running = subprocess.Popen(
        [*words, "--recordings", str(folder)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()


def is_group_alive(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.property
@pytest.mark.parametrize(("place", "number"), INTERRUPTIONS)
def test_an_interrupted_suite_is_not_finished_and_leaves_nothing(
    tmp_path: Path, place: int, number: signal.Signals
) -> None:
    app, (name, *later) = fresh_app(), SUITE_NAMES[place:]
    watched = Watched(app, of_the_suite(name))
    with serve_in_thread(watched) as url, checking(url, tmp_path, *suites(name, *later)) as running:
        assert watched.seen.wait(PATIENCE_SECONDS)
        running.send_signal(number)
        printed, errors = running.communicate(timeout=PATIENCE_SECONDS)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (running.returncode, "interrupted" in errors.splitlines()) == (CODES[number], True), printed + errors
    assert (report["green"], report["unfinished"]) == (False, "it was interrupted")
    assert "is clean" not in printed
    assert f"was not checked to the end: {report['why_not']}" in printed
    assert f"{name}: not finished, since it was interrupted" in report["untested"]
    assert {f"{one}: not run, since it was interrupted" for one in later} <= set(report["untested"])
    assert (sites_of(app), report["left_behind"]) == (0, []), printed
    assert (is_group_alive(running.pid), list((tmp_path / "temporary").iterdir())) == (False, [])


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="a process that is no child is awaited on Linux only")
def test_schemathesis_ends_with_a_check_that_is_killed(tmp_path: Path) -> None:
    app = fresh_app()
    watched = Watched(app, of_the_suite("conformance"))
    with serve_in_thread(watched) as url, checking(url, tmp_path, *suites("conformance")) as running:
        assert watched.seen.wait(PATIENCE_SECONDS)
        (child,) = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        awaited = os.pidfd_open(int(child))
        running.kill()
        ended, _, _ = select.select([awaited], [], [], PATIENCE_SECONDS)
        os.close(awaited)
    assert ended == [awaited]
    assert list((tmp_path / "temporary").iterdir()) == []
