"""A figure that was measured several times."""

from collections.abc import Sequence
from statistics import median


class Spread:
    """The values of a figure over the rounds of a run. Written as the median, with the lowest and the highest."""

    def __init__(self, values: Sequence[float]) -> None:
        self.values = sorted(values)

    @property
    def median(self) -> float:
        return median(self.values)

    def __format__(self, spec: str) -> str:
        return f"{self.median:{spec}} ({self.values[0]:{spec}}–{self.values[-1]:{spec}})"  # noqa: RUF001


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
