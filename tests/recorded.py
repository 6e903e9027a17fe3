"""Writes what happened in the worlds of a failing test as recordings, for `mockaxle replay`."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakSet

import pytest

from mockaxle.app import App
from mockaxle.recordings.beginning import dump_base
from mockaxle.recordings.jsonl import Recording, write_recording
from mockaxle.scenarios.dumping import TooManySites

_watched: WeakSet[App] = WeakSet()
_served: list[App] = []
FOLDER = "recordings"
WORLDS = 3


def watch(app: App) -> App:
    """The app, whose worlds are written where the test fails."""
    _watched.add(app)
    return app


@contextmanager
def watching(app: App) -> Iterator[App]:
    """The same for as long as it serves, whatever the number of tests."""
    _served.append(app)
    try:
        yield app
    finally:
        _served.remove(app)


def write_recordings(folder: Path, test: str) -> list[Path]:
    """The files of the worlds used last; a property's last life is its smallest failing one."""
    written = []
    for number, app in enumerate((*_watched, *_served)):
        for name in app.api.worlds.names()[-WORLDS:]:
            if (hosted := app.api.worlds.find(name)) is None:
                continue
            file = folder / f"{re.sub(r'[^A-Za-z0-9]+', '-', f'{test}-{number}-{name}')[-100:]}.jsonl"
            try:
                log = hosted.log
                lines = write_recording(Recording(name, dump_base(log.base), tuple(log), log.dropped))
                file.write_text("".join(lines), encoding="utf-8")
            except TooManySites:
                continue
            written.append(file)
    return written


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed and getattr(item.config, "cache", None) is not None:
        files = write_recordings(item.config.cache.mkdir(FOLDER), item.name)
        if files:
            report.sections.append(("recordings", "\n".join(f"mockaxle replay {file}" for file in files)))
    if report.when == "teardown":
        _watched.clear()
    return report
