"""The result of a part of the benchmark, for the page, and reports of progress."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.spread import Spread


@dataclass(frozen=True)
class Aim:
    """A figure with its aim, which the median has to reach. Shape: `digits` are those after the decimal point."""

    figure: str
    measured: Spread
    aim: float
    unit: str = ""
    digits: int = 0
    at_least: bool = False

    @property
    def is_reached(self) -> bool:
        median = self.measured.median
        return median >= self.aim if self.at_least else median <= self.aim

    def row(self) -> tuple[str, str, str, str]:
        """Return the cells: figure, measured, aim, reached."""
        unit = f" {self.unit}" if self.unit else ""
        bound = f"{'at least' if self.at_least else 'at most'} {self.aim:g}{unit}"
        return self.figure, f"{self.measured:.{self.digits}f}{unit}", bound, "yes" if self.is_reached else "no"


@dataclass(frozen=True)
class Part:
    """A section of the page. Shape: `lines` are those of its chart, microseconds by number of sites."""

    title: str
    text: str
    aims: tuple[Aim, ...] = ()
    lines: Mapping[str, Mapping[int, float]] = field(default_factory=dict)


def progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
