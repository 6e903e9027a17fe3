"""How far `mockaxle check` is, on standard error: on a terminal a bar, else a line now and then."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from typing import TextIO

import click

from mockaxle.client.visible import visible
from mockaxle.harness.progress import Progress

TICK_SECONDS = 0.25
LINE_SECONDS = 0.75
"""The least time between lines off a terminal; with a tick more it is a second."""

BAR_WIDTH = 24
FACTS_WIDTH = 32
"""Columns of the suite before a bar, and of percentage and time after it."""

BEFORE, AFTER = "log-in", "cleaning up"
TO_THE_END = "\x1b[K"
"""Clears the rest of a line of a terminal."""

Clock = Callable[[], float]


class SuiteProgress(Progress):
    """Knows how far a check is. Shape: a subclass prints it; a thread calls `tick` four times a second."""

    def __init__(self, count: int, *, clock: Clock = time.monotonic) -> None:
        self._count = count
        self._clock = clock
        self._lock = Lock()
        self._number = 0
        self._done, self._total = 0, 0
        self._what = ""
        self._start(BEFORE)

    def begin(self, suite: str) -> None:
        with self._lock:
            self._number += 1
            self._start(suite)
            self.begun()

    def step(self, done: int, total: int) -> None:
        with self._lock:
            self._done = max(self._done, done) if total == self._total else done
            self._total = total
            self.moved()

    def at(self, what: str) -> None:
        self._what = what

    def tick(self) -> None:
        with self._lock:
            self.moved()

    def end(self, outcome: str) -> None:
        with self._lock:
            self.ended(outcome)
            self._start(AFTER)

    def begun(self) -> None:
        """Print that a suite begins."""

    def moved(self) -> None:
        """Print how far it is."""

    def ended(self, outcome: str) -> None:
        """Print how it ended."""

    def close(self) -> None:
        """Nothing more is printed."""

    def _start(self, suite: str) -> None:
        self._suite, self._began_at = suite, self._clock()
        self._done, self._total, self._what = 0, 0, ""

    @property
    def percent(self) -> int:
        return 100 * self._done // self._total if self._total else 0

    @property
    def seconds(self) -> int:
        return int(self._clock() - self._began_at)


def suite_progress(count: int) -> SuiteProgress:
    """Bars on a terminal, else lines."""
    return SuiteBars(count, sys.stderr) if sys.stderr.isatty() else SuiteLines(count)


@contextmanager
def ticking(progress: SuiteProgress) -> Iterator[SuiteProgress]:
    """Print progress during the block, also while it waits."""
    ended = Event()

    def tick() -> None:
        while not ended.wait(TICK_SECONDS):
            progress.tick()

    thread = Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        ended.set()
        thread.join()
        progress.close()


class SuiteLines(SuiteProgress):
    """A line when a suite begins, one every second, and one when it has ended."""

    def __init__(self, count: int, *, clock: Clock = time.monotonic) -> None:
        super().__init__(count, clock=clock)
        self._printed_at = clock()

    def begun(self) -> None:
        self._print(f"{self._suite}: running, suite {self._number} of {self._count}")

    def moved(self) -> None:
        is_due = self._clock() - self._printed_at >= LINE_SECONDS
        if is_due:
            facts = [f"{self.percent}%"] if self._total else []
            facts += [f"{self.seconds} s", *([visible(self._what)] if self._what else [])]
            self._print(f"{self._suite}: {', '.join(facts)}")

    def ended(self, outcome: str) -> None:
        self._print(f"{self._suite}: {outcome}")

    def _print(self, text: str) -> None:
        """Print a line, unless nobody reads standard error any more: the check continues, and writes its reports."""
        self._printed_at = self._clock()
        with suppress(OSError):
            click.echo(text, err=True)


class SuiteBars(SuiteProgress):
    """A bar for each suite with its operation, drawn again and again, and a line when it has ended."""

    def __init__(self, count: int, terminal: TextIO, *, clock: Clock = time.monotonic) -> None:
        super().__init__(count, clock=clock)
        self._terminal = terminal

    def moved(self) -> None:
        self._draw(self._what)

    def ended(self, outcome: str) -> None:
        if outcome == "done":
            self._done = self._total = max(self._total, 1)
            self._draw("")
            self._write("\n")
        else:
            self._write(f"\r{self._label} {outcome}{TO_THE_END}\n")

    def close(self) -> None:
        self._write(f"\r{TO_THE_END}")

    @property
    def _label(self) -> str:
        return f"{self._number}/{self._count} {self._suite:12}"

    def _draw(self, what: str) -> None:
        columns = shutil.get_terminal_size().columns
        width = max(0, min(BAR_WIDTH, columns - FACTS_WIDTH))
        bar = ("#" * (width * self.percent // 100)).ljust(width, "-")
        text = f"{self._label} [{bar}] {self.percent:3}% {self.seconds:4} s  {visible(what)}"
        self._write(f"\r{text[: columns - 1].rstrip()}{TO_THE_END}")

    def _write(self, text: str) -> None:
        with suppress(OSError):
            self._terminal.write(text)
            self._terminal.flush()
