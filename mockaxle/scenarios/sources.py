"""The source of a scenario: a file, or the name of a shipped one."""

from pathlib import Path
from typing import NamedTuple

from mockaxle.core.limits import MAX_LARGE_BODY
from mockaxle.scenarios.lines import Format
from mockaxle.scenarios.reading import format_of, read_scenario
from mockaxle.scenarios.sections import Scenario
from mockaxle.scenarios.shipped import shipped_names, text_of


class NoSuchScenario(ValueError):
    """Neither a readable file nor a shipped scenario."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: use a file, or one of {', '.join(shipped_names())}")


class Source(NamedTuple):
    """A scenario's text, and the name with which its problems begin."""

    name: str
    text: bytes
    format: Format

    def read(self) -> Scenario:
        """Raises: ScenarioRefused."""
        return read_scenario(self.text, name=self.name, format=self.format)


def source_of(given: str | Path) -> Source:
    """Return the text of a file, up to the limit, or of a shipped scenario. Raises: NoSuchScenario."""
    name, path = str(given), Path(given)
    try:
        if path.is_file():
            with path.open("rb") as file:
                return Source(name, file.read(MAX_LARGE_BODY + 1), format_of(path.name))
        if name in shipped_names():
            return Source(name, text_of(name), "toml")
        raise NoSuchScenario(f"{name!r:.60} is not a file" if path.exists() else f"there is no scenario {name!r:.60}")
    except OSError as error:
        raise NoSuchScenario(f"cannot read {name!r:.60}, {error.strerror}") from None
