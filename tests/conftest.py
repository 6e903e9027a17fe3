"""What tests start from: a manual clock, an app in this process, and one over a socket."""

import gc
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest
from hypothesis import HealthCheck, settings

from mockaxle.app import App, create_app
from tests.calling import Caller
from tests.clocks import ManualClock
from tests.recorded import pytest_runtest_makereport, watch
from tests.serving import Served, serving

__all__ = ["pytest_runtest_makereport"]

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", settings.get_profile("ci"), derandomize=False, max_examples=5_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


_seconds: dict[str, float] = defaultdict(float)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    file = PurePosixPath(report.nodeid.partition("::")[0])
    _seconds[str(file.parent) if len(file.parts) > 2 else "tests/*.py"] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What each part of the tests took, where MOCKAXLE_SHARES asks for it."""
    if "MOCKAXLE_SHARES" not in os.environ:
        return
    for part, seconds in sorted(_seconds.items(), key=lambda pair: -pair[1]):
        terminalreporter.write_line(f"{part:20} {seconds:6.1f} s  {100 * seconds / sum(_seconds.values()):3.0f} %")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests of all pages to `make browser`."""
    if "MOCKAXLE_BROWSER" in os.environ:
        return
    left = [item for item in items if item.get_closest_marker("browser")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="module")
def no_collector() -> Iterator[None]:
    """Measure without the garbage collector, whose runs depend on what other tests have left behind."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(clock: ManualClock) -> App:
    return watch(create_app(clock=clock))


@pytest.fixture
def acme(app: App) -> Caller:
    return Caller(app.api, "acme")


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with serving() as served:
        yield served
