"""Every verb at a server that sends what no server should: a line or a few, in bounded memory and time."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.evil import MANNERS, Evil, evil_server
from tests.recordings.kept import FILE

DRIVER = [sys.executable, "-X", "utf8", "-m", "tests.hostile.driver"]
MAX_MB, MAX_CHILD_MB = 300, 450
"""Schemathesis, which is a child process, takes 309 MB for itself."""

OWN = re.compile(r"\x1b\[(\d+m|\?25[lh]|K)|\r|\n")
"""Bold and colours, the bar of progress, and ends of lines."""

VERBS: dict[str, list[str]] = {
    "token": ["token"],
    "advance": ["advance", "1m"],
    "log": ["log"],
    "fault add": ["fault", "add", "status"],
    "fault list": ["fault", "list"],
    "fault clear": ["fault", "clear", "f1"],
    "freeze": ["freeze"],
    "reset": ["reset", "--yes"],
    "windows": ["windows"],
    "site": ["site"],
    "one site": ["site", "1000000000012"],
    "export": ["export"],
    "load": ["scenario", "load", "default"],
    "dump": ["scenario", "dump"],
    "demo": ["demo"],
    "wait": ["wait", "--timeout", "0"],
    "healthcheck": ["healthcheck"],
    "replay": ["replay", "RECORDING", "--password", "s3cret"],
}
PRINT_FILES = {"export", "dump"}
"""Verbs that print what a server sends as a file, escapes and all, unless it is on a terminal."""


@contextmanager
def evil_servers(elsewhere: str) -> Iterator[dict[str, Evil]]:
    """A server of each manner, by its base URL: one evil from the log-in on, one after it."""
    with ExitStack() as until:
        servers = [
            until.enter_context(evil_server(manner, log_in=log_in, elsewhere=elsewhere))
            for manner in MANNERS
            for log_in in (False, True)
        ]
        yield dict(servers)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A few calls, so that a replay that goes on is short."""
    file = tmp_path / "few.jsonl"
    file.write_text("".join(FILE.read_text(encoding="utf-8").splitlines(keepends=True)[:12]))
    return file


def drive(arguments: list[list[str]]) -> dict[str, Any]:
    lines = json.dumps([{"arguments": one} for one in arguments])
    done = subprocess.run(DRIVER, input=lines, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_says_in_a_line_what_a_server_does(verb: str, recording: Path) -> None:
    words = [str(recording) if word == "RECORDING" else word for word in VERBS[verb]]
    with evil_server("nothing") as (elsewhere, other), evil_servers(elsewhere) as servers:
        outcome = drive([[*words, "--url", url] for url in servers])
    for run in outcome["runs"]:
        manner = servers[run["arguments"][-1]].manner
        assert run["code"] in {0, 1, 2}, manner
        assert "Traceback" not in run["err"] + run["out"], (manner, run)
        is_file = run["code"] == 0 and verb in PRINT_FILES
        assert is_file or is_harmless(run["err"] + run["out"]), (manner, run)
    assert other.calls == []
    assert outcome["peak_mb"] < MAX_MB


def is_harmless(text: str) -> bool:
    """Whether a terminal does nothing but print a text, make it bold or red, and draw a bar."""
    return OWN.sub("", text).isprintable()


def on_a_terminal(arguments: list[str]) -> bytes:
    """All that a command prints on a pseudo-terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-X", "utf8", "-m", "mockaxle.cli", *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        printed = bytearray()
        with suppress(OSError):  # the end of a pseudo-terminal is an error
            while piece := os.read(ours, 65536):
                printed += piece
        process.wait()
    os.close(ours)
    return bytes(printed)


@pytest.mark.parametrize("verb", [*VERBS, "check"])
def test_no_escape_reaches_a_terminal(verb: str, recording: Path) -> None:
    words = ["check"] if verb == "check" else [str(recording) if w == "RECORDING" else w for w in VERBS[verb]]
    with evil_server("escaping", log_in=verb in PRINT_FILES) as (url, _):
        printed = on_a_terminal([*words, url] if verb == "check" else [*words, "--url", url])
    assert printed
    assert is_harmless(printed.decode().replace("\r\n", "\n"))


def test_a_check_ends_at_any_server_with_a_verdict(tmp_path: Path) -> None:
    options = ["--examples", "1", "--seed", "1", "--suite", "journeys", "--time-budget", "2"]
    options += ["--recordings", str(tmp_path / "recordings")]
    with evil_server("nothing") as (elsewhere, other), evil_servers(elsewhere) as servers:
        outcome = drive([["check", *options, url] for url in servers])
    for run in outcome["runs"]:
        evil = servers[run["arguments"][-1]]
        assert run["code"] in ({1, 2} if evil.log_in else {2}), (evil.manner, run)
        assert "Traceback" not in run["err"] + run["out"], (evil.manner, run)
        assert is_harmless(run["err"] + run["out"]), (evil.manner, run)
    assert other.calls == []
    assert outcome["peak_mb"] < MAX_MB


@pytest.mark.parametrize("manner", ["endless", "packed", "redirecting", "escaping"])
def test_the_conformance_suite_ends_at_any_server_with_findings(manner: str, tmp_path: Path) -> None:
    options = ["--examples", "1", "--seed", "1", "--suite", "conformance", "--profile", "price-curves"]
    recordings = ["--recordings", str(tmp_path / "recordings")]
    with (
        evil_server("nothing") as (elsewhere, other),
        evil_server(manner, log_in=True, elsewhere=elsewhere) as (url, _),
    ):
        outcome = drive([["check", *options, *recordings, url]])
    (run,) = outcome["runs"]
    assert (run["code"], "is not clean" in run["out"]) == (1, True), run
    assert is_harmless(run["err"] + run["out"])
    assert other.calls == []
    assert outcome["children_mb"] < MAX_CHILD_MB


def test_a_conformance_suite_that_has_read_too_much_is_unfinished(tmp_path: Path) -> None:
    options = ["--examples", "1", "--seed", "1", "--suite", "conformance", "--profile", "price-curves"]
    options += ["--recordings", str(tmp_path / "recordings")]
    with evil_server("heavy", log_in=True) as (url, _):
        outcome = drive([["check", *options, url]])
    (run,) = outcome["runs"]
    why = "not finished, since its answers in the conformance suite exceed 32,000,000 bytes in total"
    assert (run["code"], why in run["out"], "was not checked to the end" in run["out"]) == (2, True, True), run
    assert outcome["children_mb"] < MAX_CHILD_MB
