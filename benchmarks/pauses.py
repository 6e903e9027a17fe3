"""The pauses of the garbage collector under load, timed inside the server."""

import gc
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.calls import calls_of
from benchmarks.load import SECONDS, drive
from benchmarks.markdown import paragraph
from benchmarks.part import Aim, Part
from benchmarks.servers import MOCK, Account, running
from benchmarks.spread import Spread

NAMES = ("onboard of a new site", "GET a site", "plug-in-schedule")
AIM_MS = 10


def report(names: Sequence[str] = NAMES * 3, *, seconds: float = SECONDS) -> Part:
    """Drive the mock with each named call in turn."""
    with tempfile.TemporaryDirectory() as folder:
        longest = Path(folder, "longest")
        with running(("-m", "benchmarks.pauses", str(longest), *MOCK[2:])) as server, Account(server) as account:
            longest.write_text("0 0")
            calls = calls_of(account)
            for number, name in enumerate(names, start=1):
                drive(server.url, calls[name], start=number * 10_000_000, seconds=seconds)
        figures = longest.read_text().split()
    ran, longest_ms = int(figures[0]), float(figures[1])
    times = "once" if ran == 1 else f"{ran} times"
    text = f"Under load the garbage collector ran {times}, for at most {longest_ms:.1f} ms. The aim is {AIM_MS} ms."
    aim = Aim("longest pause of the garbage collector", Spread([longest_ms]), AIM_MS, "ms", digits=1)
    return Part("Pauses of the garbage collector", paragraph(text), (aim,))


class Pauses:
    """Times the runs of the collector, and writes their number and the longest, in milliseconds, to a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._number, self._longest, self._began = 0, 0.0, 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
            return
        self._number += 1
        self._longest = max(self._longest, time.perf_counter() - self._began)
        self._file.write_text(f"{self._number} {self._longest * 1000}")


def serve(pauses: Pauses, arguments: list[str]) -> None:
    """Serve as the command line does. The runs of the collector count once the server is set up."""
    from mockaxle.cli.main import cli
    from mockaxle.serving import listener

    spare = listener.spare_the_collector

    def spare_and_time() -> None:
        spare()
        gc.callbacks.append(pauses)

    listener.spare_the_collector = spare_and_time
    cli(arguments)


if __name__ == "__main__":
    serve(Pauses(Path(sys.argv[1])), sys.argv[2:])
