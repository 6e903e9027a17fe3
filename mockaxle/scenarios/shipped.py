"""The scenarios of the package."""

from functools import cache

from mockaxle.contract.data import data_file
from mockaxle.scenarios.reading import read_scenario
from mockaxle.scenarios.sections import Scenario


def shipped(name: str) -> Scenario:
    """Read a scenario of fixtures/scenarios by its file name without the ending. Raises: FileNotFoundError."""
    return read_scenario(text_of(name), name=f"{name}.toml", format="toml")


def text_of(name: str) -> bytes:
    """Raises: FileNotFoundError."""
    return data_file("fixtures", "scenarios", f"{name}.toml").read_bytes()


def about(name: str) -> str:
    """Return the purpose of a shipped scenario: its first comment."""
    return text_of(name).decode().splitlines()[1].removeprefix("# ")


@cache
def default() -> Scenario:
    """Return the scenario of every new account's world."""
    return shipped("default")


def shipped_names() -> tuple[str, ...]:
    folder = data_file("fixtures", "scenarios")
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))
