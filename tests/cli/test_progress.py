"""What is said while something takes its time."""

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from mockaxle.cli.announcement import announced
from mockaxle.cli.check import check
from mockaxle.cli.progress import LINE_SECONDS, TICK_SECONDS, SuiteBars, SuiteLines, SuiteProgress, ticking
from tests.serving import Served

HOUR_SECONDS = 3600


class Terminal(StringIO):
    """A terminal that keeps what it shows."""

    def isatty(self) -> bool:
        return True


def test_what_takes_more_than_a_moment_is_announced_in_a_line() -> None:
    reported, texts = Event(), list[str]()

    def report(text: str) -> None:
        texts.append(text)
        reported.set()

    with announced("Reading big.toml ...", after_seconds=0, report=report):
        assert reported.wait(60)
    assert texts == ["Reading big.toml ..."]


def test_what_is_quick_is_not_announced(capsys: pytest.CaptureFixture[str]) -> None:
    with announced("Reading small.toml ...", after_seconds=HOUR_SECONDS):
        pass
    assert capsys.readouterr().err == ""


def test_off_a_terminal_a_check_prints_a_line_as_a_suite_begins_and_one_as_it_ends(
    served: Served, tmp_path: Path
) -> None:
    suites = ["--suite", "auth", "--suite", "journeys", "--suite", "optimiser", "--profile", "price-curves"]
    words = [served.base_url, *suites, "--recordings", str(tmp_path)]
    done = CliRunner().invoke(check, words, catch_exceptions=False)
    is_late = re.compile(r": (\d+%, )?\d+ s\b").search  # on a busy machine
    lines = [line for line in done.stderr.splitlines() if not is_late(line)]
    assert lines == [
        "journeys: running, suite 1 of 3",
        "journeys: done",
        "auth: running, suite 2 of 3",
        "auth: done",
        "optimiser: running, suite 3 of 3",
        "optimiser: not tested",
    ]
    assert "running" not in done.stdout


def test_a_bar_never_goes_back_and_a_suite_that_is_not_done_has_a_line() -> None:
    terminal = Terminal()
    bars = SuiteBars(2, terminal)
    bars.begin("lifecycle")
    for done in (0, 3, 1):
        bars.step(done, 4)
    bars.end("done")
    bars.begin("auth")
    bars.end("not tested")
    shown = terminal.getvalue()
    assert shown.endswith("\r2/2 auth         not tested\x1b[K\n")
    percentages = [int(text) for text in re.findall(r"(\d+)%", shown)]
    assert percentages == sorted(percentages)
    assert percentages[-1] == 100


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_check_has_a_line_every_second_also_before_its_first_suite(capsys: pytest.CaptureFixture[str]) -> None:
    time = Time()
    lines = SuiteLines(1, clock=time)
    time.seconds = 1
    lines.tick()
    lines.begin("conformance")
    for tick in range(1, 9):
        time.seconds = 1 + tick * TICK_SECONDS
        lines.step(tick, 100)
        lines.at("fuzzing GET /entities/site")
        lines.tick()
    lines.end("done")
    assert capsys.readouterr().err.splitlines() == [
        "log-in: 1 s",
        "conformance: running, suite 1 of 1",
        "conformance: 3%, 0 s, fuzzing GET /entities/site",
        "conformance: 6%, 1 s, fuzzing GET /entities/site",
        "conformance: done",
    ]
    assert TICK_SECONDS + LINE_SECONDS <= 1


def test_a_bar_moves_while_a_call_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    terminal, time = Terminal(), Time()
    bars = SuiteBars(8, terminal, clock=time)
    bars.begin("auth")
    bars.step(1, 2)
    bars.at("GET /entities/site")
    time.seconds = 7
    bars.tick()
    last = terminal.getvalue().rpartition("\r")[2]
    assert last == f"1/8 auth         [{'#' * 12}{'-' * 12}]  50%    7 s  GET /entities/site\x1b[K"


def test_progress_ticks_until_the_end_of_its_block() -> None:
    ticked = Event()

    class Ticked(SuiteProgress):
        def tick(self) -> None:
            ticked.set()

    with ticking(Ticked(1)):
        assert ticked.wait(60)


def test_progress_that_nobody_reads_does_not_end_a_check(served: Served, tmp_path: Path) -> None:
    call = ["check", served.base_url, "--suite", "optimiser", "--examples", "1", "--report", "json=report.json"]
    command = [sys.executable, "-m", "mockaxle.cli", *call]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr
        process.stderr.close()
        assert process.wait(300) in (0, 1)
    assert (tmp_path / "report.json").exists()


def test_a_bar_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    terminal = Terminal()
    bars = SuiteBars(6, terminal)
    bars.begin("idempotency")
    for done in range(1, 4):
        bars.step(done, 3)
    bars.end("done")
    assert (
        max(len(line) for line in re.split(r"[\r\n]", re.sub(r"\x1b\[[?0-9]*[a-zA-Z]", "", terminal.getvalue()))) <= 40
    )
