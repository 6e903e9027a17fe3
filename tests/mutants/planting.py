"""How a fault is planted: a named function that changes a few lines of the mock, and the suite that should find it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class Planter(Protocol):
    """What a mutant needs of pytest's MonkeyPatch."""

    def setattr(self, target: Any, name: str, value: Any) -> None: ...

    def setitem(self, dic: Any, name: Any, value: Any) -> None: ...


@dataclass(frozen=True)
class Mutant:
    """Shape: found_by names a suite of `mockaxle check`, and rule the one that it should find broken."""

    name: str
    found_by: str
    rule: str
    plant: Callable[[Planter], None]

    @property
    def about(self) -> str:
        return self.name.replace("_", " ")


MUTANTS: dict[str, Mutant] = {}


def found_by(suite: str, rule: str) -> Callable[[Callable[[Planter], None]], Callable[[Planter], None]]:
    def register(plant: Callable[[Planter], None]) -> Callable[[Planter], None]:
        assert plant.__name__ not in MUTANTS, "each has a name of its own"
        MUTANTS[plant.__name__] = Mutant(plant.__name__, suite, rule, plant)
        return plant

    return register
