"""The scenarios that come with the package."""

from functools import cache

from mockaxle.packaged import data_file
from mockaxle.scenarios.reading import read_scenario
from mockaxle.scenarios.sections import Scenario


def shipped(name: str) -> Scenario:
    """A scenario of fixtures/scenarios by its file's name without the ending. Raises: FileNotFoundError."""
    file = data_file("fixtures", "scenarios", f"{name}.toml")
    return read_scenario(file.read_bytes(), name=f"{name}.toml", format="toml")


@cache
def default() -> Scenario:
    """The world that every new account starts in."""
    return shipped("default")


def shipped_names() -> tuple[str, ...]:
    folder = data_file("fixtures", "scenarios")
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))
