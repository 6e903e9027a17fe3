"""Follows Schemathesis while it runs: phase and scenarios in its report, and the operation in a file of its hooks."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from mockaxle.harness.progress import Progress

OPERATION_FILE = "operation"
"""A file in the folder of the child process, with the operation that it calls now."""

POLL_SECONDS = 0.5
PHASE = re.compile(rb'^\{"PhaseStarted".*"phase":\{"name":"(\w+)"')
SCENARIO = b'{"ScenarioFinished"'


@contextmanager
def followed(progress: Progress, events: Path, *, total: int) -> Iterator[None]:
    """Report the progress of a child process. Shape: total is about the number of its scenarios."""
    ended = Event()
    thread = Thread(target=_follow, args=(Follower(progress, events, total=total), ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _follow(follower: "Follower", ended: Event) -> None:
    while not ended.wait(POLL_SECONDS):
        follower.look()


class Follower:
    """Reads what a child process has added to its report."""

    def __init__(self, progress: Progress, events: Path, *, total: int) -> None:
        self._progress = progress
        self._events = events
        self._total = total
        self._place = 0
        self._done = 0
        self._phase = ""

    def look(self) -> None:
        """Report the scenarios that ended, the phase and the operation."""
        for line in self._lines():
            self._done += line.startswith(SCENARIO)
            found = PHASE.match(line)
            self._phase = found[1].decode() if found else self._phase
        self._progress.step(min(self._done, self._total - 1), self._total)
        self._progress.at(f"{self._phase} {self._operation()}".strip())

    def _lines(self) -> Iterator[bytes]:
        """Yield the new lines that are whole."""
        if not self._events.exists():
            return
        with self._events.open("rb") as file:
            file.seek(self._place)
            for line in file:
                if line.endswith(b"\n"):
                    self._place += len(line)
                    yield line

    def _operation(self) -> str:
        with suppress(OSError):  # before the first call
            return self._events.with_name(OPERATION_FILE).read_text(encoding="utf-8")
        return ""
