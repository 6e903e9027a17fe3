"""Problems of a scenario, with their places."""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_KEY = 60  # characters

Path = tuple[str | int, ...]
"""Keys and indexes from the root on: `("meters", 3, "mpan")`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Shape: line counts from 1; None if unknown."""

    path: Path
    text: str
    line: int | None = None

    @property
    def key(self) -> str:
        """The path in readable form: `meters[3].mpan`."""
        parts = "".join(f"[{part}]" if isinstance(part, int) else f".{_spelt(part)}" for part in self.path)
        return parts.removeprefix(".")


class ScenarioRefused(ValueError):
    """A scenario that cannot be read. Shape: a line per problem, `file:line: key: what`; `more` counts the others.

    If it is cut, there are problems beyond those.
    """

    def __init__(self, name: str, problems: Sequence[Problem], *, more: int = 0, is_cut: bool = False) -> None:
        self.problems = tuple(problems)
        shown = [_line(name, problem) for problem in self.problems]
        if more:
            shown.append(f"{name}: and {'at least ' if is_cut else ''}{more} more")
        super().__init__("\n".join(shown))


def _spelt(key: str) -> str:
    """Quote a key that has other characters than letters, digits, hyphens and underscores."""
    is_bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key[:MAX_KEY] if is_bare else repr(key[:MAX_KEY])


def _line(name: str, problem: Problem) -> str:
    place = name if problem.line is None else f"{name}:{problem.line}"
    return ": ".join(filter(None, (place, problem.key, problem.text)))
