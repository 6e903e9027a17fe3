"""Servers on a journal of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import ManualClock
from tests.journals.lasting_app import LastingApp

StartLasting = Callable[..., LastingApp]


@pytest.fixture
def start_lasting(tmp_path: Path) -> Iterator[StartLasting]:
    """Starts servers on one file, and ends them after the test."""
    started: list[LastingApp] = []

    def start(**options: Any) -> LastingApp:
        started.append(LastingApp(tmp_path / "mock.db", options.pop("clock", ManualClock()), **options))
        return started[-1]

    yield start
    for one in started:
        one.crash()
