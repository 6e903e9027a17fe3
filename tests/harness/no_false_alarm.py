"""`make check-self`: every suite against healthy mocks, none of which may be found wrong.

The mocks are: one for each of many seeds in both styles, one with another value of each setting, and one for each
scenario of the package. The first argument selects those whose names contain it; further ones are options of the check.
"""

import sys
import time
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mockaxle.app import App, create_app
from mockaxle.core.reference import HomeAssistantQuirks, Settings, Style
from mockaxle.scenarios.reading import read_scenario
from mockaxle.scenarios.sections import Scenario, SettingsSection
from mockaxle.scenarios.shipped import shipped, shipped_names
from mockaxle.serving.listener import serve_in_thread
from mockaxle.serving.settings import ServerSettings
from tests.mutants.checking import ACCOUNTS, check

AT_ONCE = 2
SEEDS = range(1, 21)
EXAMPLES = "8"
MORE = 30
"""What is added to a number for its other value: a pause stays a multiple of 30 minutes."""


@dataclass(frozen=True)
class Healthy:
    """A mock that is right. Shape: settings are those of its world that are not the default."""

    name: str
    seed: int = 1
    settings: tuple[tuple[str, Any], ...] = ()
    scenario: str = "default"

    @property
    def app(self) -> App:
        """The mock, with every account that a check can log in with, each in a world that starts from the scenario."""
        accounts = read_scenario(ACCOUNTS.read_bytes(), name="accounts", format="toml").accounts
        changes: dict[str, Any] = {"accounts": accounts}
        if self.settings:
            changes["settings"] = section_of(self.settings)
        scenario: Scenario = shipped(self.scenario).model_copy(update=changes)
        return create_app(ServerSettings(), scenario=scenario)


def section_of(settings: tuple[tuple[str, Any], ...]) -> SettingsSection:
    """The settings of a scenario that differ from the usual ones."""
    return SettingsSection.model_validate(Settings()._replace(**dict(settings)).data())


def others(default: Any) -> list[Any]:
    """Other values of a setting, by its default: all of an enumeration, one of a number."""
    if isinstance(default, StrEnum):
        return [value for value in type(default) if value is not default]
    if isinstance(default, HomeAssistantQuirks):
        return [HomeAssistantQuirks(MORE, heartbeat=True)]
    if isinstance(default, Decimal):
        return [default / 4]
    return [not default] if isinstance(default, bool) else [default + MORE]


SEEDED = [Healthy(f"seed {seed} {style}", seed, (("style", style),)) for seed in SEEDS for style in Style]
SET = [
    Healthy(f"{name} = {value}", settings=((name, value),))
    for name, default in Settings()._asdict().items()
    for value in others(default)
]
STARTED = [Healthy(f"scenario {name}", scenario=name) for name in shipped_names()]
ALL = {healthy.name: healthy for healthy in (*SET, *STARTED, *SEEDED)}


def alarms(healthy: Healthy, *options: str) -> str:
    """What a check finds wrong with a mock, as printed; empty if nothing."""
    with serve_in_thread(healthy.app) as url, TemporaryDirectory() as folder:
        code, report, printed = check(url, Path(folder), "--seed", str(healthy.seed), "--examples", EXAMPLES, *options)
    found = [report.get(name) for name in ("findings", "never_accepted", "left_behind", "unfinished")]
    return printed if code or any(found) else ""


def timed_alarms(task: tuple[str, ...]) -> tuple[str, str, float]:
    """The name of a mock, what a check with the options after it finds wrong, and the seconds that it took."""
    name, *options = task
    began = time.monotonic()
    return name, alarms(ALL[name], *options), time.monotonic() - began


def main(word: str = "", *options: str) -> int:
    names = [name for name in ALL if word in name]
    wrong = 0
    with get_context("spawn").Pool(AT_ONCE, maxtasksperchild=1) as pool:
        for name, printed, seconds in pool.imap(timed_alarms, [(name, *options) for name in names]):
            wrong += bool(printed)
            print(f"{'NOT CLEAN' if printed else 'clean':9} {seconds:5.1f} s  {name}", flush=True)
            print(printed, end="", flush=True)
    print(f"{len(names) - wrong} of {len(names)} healthy mocks are clean")
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
