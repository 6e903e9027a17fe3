"""A figure that was measured once or several times."""

from collections.abc import Sequence
from statistics import median


class Spread:
    """The values of a figure over the rounds of a run.

    Written as the median, with the lowest and the highest where there are several.
    """

    def __init__(self, values: Sequence[float]) -> None:
        self.values = sorted(values)

    @property
    def median(self) -> float:
        return median(self.values)

    def __format__(self, spec: str) -> str:
        if len(self.values) == 1:
            return f"{self.median:{spec}}"
        return f"{self.median:{spec}} ({self.values[0]:{spec}}–{self.values[-1]:{spec}})"  # noqa: RUF001  # a dash of a range
