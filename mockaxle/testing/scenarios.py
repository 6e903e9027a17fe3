"""Reads a scenario that a test passes: a file, a name, or its content."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockaxle.scenarios.reading import read_content
from mockaxle.scenarios.sections import Scenario
from mockaxle.scenarios.sources import source_of


def scenario_of(given: str | Path | Mapping[str, Any]) -> Scenario:
    """Raises: ValueError if there is no such scenario, ScenarioRefused if it is wrong."""
    if isinstance(given, Mapping):
        return read_content(given, name="scenario")
    if isinstance(given, str | Path):
        return source_of(given).read()
    raise ValueError(f"a scenario is a file's path, a name or a mapping, not {given!r:.60}")


def content_of(given: str | Path | Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario's content as control accepts it. Raises: as scenario_of."""
    return scenario_of(given).model_dump(mode="json", exclude_defaults=True)
