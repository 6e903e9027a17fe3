"""The pytest plugin: a mock for the session, a world for each test, and a block on the vendor's hosts.

Nothing heavy is imported before a test uses a fixture.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import uuid4

import pytest

from mockaxle.client.visible import shown_url, visible, visible_lines

if TYPE_CHECKING:
    from mockaxle.app import App
    from mockaxle.testing.receivers import ReceiverApps
    from mockaxle.testing.world import World

REAL_HOSTS = "axle.energy"
SHOWN_ENTRIES = 10
REFUSED = "mockaxle_refused"
OPTIONS = {
    "url": "base URL of a running mock, instead of one started for the session",
    "admin-token": "admin token of that mock, if accounts may not control their worlds; default MOCKAXLE_ADMIN_TOKEN",
    "scenario": "scenario of each world: a file, or a name such as busy-evening",
}
SESSION_MOCK: pytest.StashKey[tuple[str, App]] = pytest.StashKey()
"""The mock that the session has started: its base URL and its app."""

_guard: list[bool] = []


class RealHostRefused(Exception):
    """A test tried to reach the vendor's real service."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mockaxle")
    for name, about in OPTIONS.items():
        group.addoption(f"--mockaxle-{name}", default=None, help=about)
        parser.addini(ini_name(name), about, default="")
    about = "allow tests to reach the vendor's real hosts"
    group.addoption("--mockaxle-allow-real", action="store_true", default=None, help=about)
    parser.addini(ini_name("allow-real"), about, type="bool", default=False)


def option(config: pytest.Config, name: str) -> Any:
    """Return the flag, else the option of the ini file."""
    given = config.getoption(f"--mockaxle-{name}")
    return config.getini(ini_name(name)) if given is None else given


def ini_name(name: str) -> str:
    return f"mockaxle_{name.replace('-', '_')}"


def admin_token(config: pytest.Config) -> str | None:
    """Return the admin token of a running mock; a mock started for the session needs none."""
    if not option(config, "url"):
        return None
    return option(config, "admin-token") or os.environ.get("MOCKAXLE_ADMIN_TOKEN") or None


def pytest_configure(config: pytest.Config) -> None:
    if not option(config, "allow-real"):
        if not _guard:
            sys.addaudithook(_refuse_real_hosts)
        _guard.append(True)


def pytest_unconfigure(config: pytest.Config) -> None:
    with suppress(IndexError):
        _guard[-1] = False


def _refuse_real_hosts(event: str, arguments: tuple[Any, ...]) -> None:
    """Raises: RealHostRefused. An audit hook cannot be removed, so it checks whether it is active."""
    if event != "socket.getaddrinfo" or not (_guard and _guard[-1]):
        return
    host = arguments[0].decode("ascii", "replace") if isinstance(arguments[0], bytes) else str(arguments[0])
    if f".{host.lower().rstrip('.')}".endswith(f".{REAL_HOSTS}"):
        said = f"a test tried to reach {host}, the vendor's real service; --mockaxle-allow-real allows it"
        raise RealHostRefused(said)


@pytest.fixture(scope="session")
def mockaxle_server(pytestconfig: pytest.Config, _mockaxle_scenario: dict[str, Any] | None) -> Iterator[str]:
    """The base URL of a mock for the whole session: in a thread on a free port, or the one of --mockaxle-url."""
    url = option(pytestconfig, "url")
    if url:
        yield _found_at(str(url).rstrip("/"), pytestconfig)
        return
    from mockaxle.testing.mock import MockAxle

    mock = MockAxle()
    with mock as axle:
        pytestconfig.stash[SESSION_MOCK] = (axle.base_url, mock.app)
        yield axle.base_url


@pytest.fixture(scope="session")
def _mockaxle_scenario(pytestconfig: pytest.Config) -> dict[str, Any] | None:
    """The scenario of each world, read once."""
    given = option(pytestconfig, "scenario")
    if not given:
        return None
    from mockaxle.testing.scenarios import content_of

    try:
        content = content_of(given)
    except ValueError as error:
        _end_run(pytestconfig, f"--mockaxle-scenario: {error}")
    if "accounts" in content:
        _end_run(pytestconfig, f"--mockaxle-scenario: {given} has accounts, but each test has its own; leave them out")
    return content


def _found_at(url: str, config: pytest.Config) -> str:
    """Return the URL if a mock answers there, else end the run."""
    from mockaxle.client.client import Client
    from mockaxle.client.errors import Unanswered
    from mockaxle.client.health import NoMock, check_mock

    try:
        with Client(url) as client:
            check_mock(client)
    except Unanswered as error:
        _end_run(config, f"--mockaxle-url: no answer from {shown_url(url)}: {error}")
    except (NoMock, RealHostRefused) as error:
        _end_run(config, f"--mockaxle-url: {error}")
    return url


def _end_run(config: pytest.Config, why: str) -> NoReturn:
    """End the run with one usage error, also from a worker of pytest-xdist."""
    why = visible_lines(why)
    if hasattr(config, "workeroutput"):
        config.workeroutput[REFUSED] = why
    pytest.exit(why, returncode=pytest.ExitCode.USAGE_ERROR)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """End all workers of pytest-xdist after one has refused the options."""
    why = getattr(node, "workeroutput", {}).get(REFUSED)
    if why is not None:
        pytest.exit(why, returncode=pytest.ExitCode.USAGE_ERROR)


@pytest.fixture
def mockaxle(
    mockaxle_server: str, pytestconfig: pytest.Config, *, _mockaxle_scenario: dict[str, Any] | None
) -> Iterator[World]:
    """A world for one test, with its clock, market, faults and log.

    Its password is random, since on a shared server it gives access to the world's control.
    """
    from mockaxle.client.client import Client
    from mockaxle.testing.world import World

    with Client(mockaxle_server) as client, _receiver_apps(mockaxle_server, pytestconfig) as apps:
        username, token = f"test-{uuid4().hex[:12]}", admin_token(pytestconfig)
        world = World(mockaxle_server, username, token_urlsafe(16), client, admin_token=token, _apps=apps)
        if _mockaxle_scenario is not None:
            world.control("PUT", "/scenario", body=_mockaxle_scenario)
        yield world


def _receiver_apps(url: str, config: pytest.Config) -> AbstractContextManager[ReceiverApps | None]:
    """Run a test's apps that are receivers, if the mock at the URL is the session's own."""
    from mockaxle.testing.receivers import ReceiverApps

    session_url, app = config.stash.get(SESSION_MOCK, ("", None))
    return ReceiverApps(app) if app is not None and url == session_url else nullcontext()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the end of the world's log to the report of a failed test."""
    report = yield
    world = getattr(item, "funcargs", {}).get("mockaxle")
    if report.when == "call" and report.failed and world is not None:
        report.sections.append(("mockaxle log", _end_of_log(world)))
    return report


def _end_of_log(world: World) -> str:
    from mockaxle.client.errors import Unanswered
    from mockaxle.testing.world import ControlRefused

    try:
        entries = world.log.entries(limit=SHOWN_ENTRIES, newest_first=True)
        lines = [line for entry in reversed(entries) for line in _lines(world, entry)]
    except (Unanswered, ControlRefused, LookupError, TypeError) as error:  # from a server that is not a mock
        return f"the log could not be read: {visible(str(error))}"
    return "\n".join(map(visible, lines)) or "no calls"


def _lines(world: World, entry: dict[str, Any]) -> Iterator[str]:
    if "command" in entry:
        yield f"{entry['number']:4}  {entry['at']}  {entry['command']}"
        return
    if "delivery" in entry:
        answered = entry["status"] or entry["error"]
        yield f"{entry['number']:4}  {entry['at']}  delivery to {entry['receiver']}, {entry['outcome']}: {answered}"
        return
    asked = f"{entry['number']:4}  {entry['at']}  {entry['method']} {entry['path']}"
    if entry["status"] is None:
        yield f"{asked}  waits {entry['fault']['delay_ms']} ms, by {entry['fault']['fault']}"
        return
    yield f"{asked}  {entry['status']}  {' '.join(entry['rules'])}"
    explained = world.log.explain(entry["number"])
    if entry["status"] >= 400:
        yield f"      answered {explained['response']['body']}"
    if explained["explanation"]["hint"]:
        yield f"      {explained['explanation']['hint']}"
    for unknown in explained["unknown_keys"]:
        nearest = f"; did you mean {unknown['nearest']!r}?" if unknown["nearest"] else ""
        yield f"      unknown key {unknown['place']}{nearest}"
