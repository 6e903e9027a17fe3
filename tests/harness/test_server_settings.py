"""The settings that a check knows: told by a mockaxle, given on the command line, or those of the rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockaxle.app import App
from mockaxle.core.reference import Settings
from mockaxle.harness.server_settings import FORMS, KnownSettings, SettingRefused, read_setting
from mockaxle.serving.listener import serve_in_thread
from tests.harness.test_check import control, suites
from tests.mutants.checking import check, fresh_app

SHORT = ("--seed", "1", "--examples", "2")
EMPTY: dict[str, Any] = {"daily_windows": [], "single_windows": []}


class Secretive:
    """An app without control, which tells neither its settings nor its market."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith("/__mockaxle"):
            scope = {**scope, "path": "/nowhere", "raw_path": b"/nowhere"}
        await self._app(scope, receive, send)


@contextmanager
def secretive(**settings: Any) -> Iterator[str]:
    """A server whose control is closed after the settings are made."""
    app = fresh_app()
    with serve_in_thread(app) as url:
        for path, body in settings.items():
            control(url, "PATCH" if path == "settings" else "PUT", f"/{path}", body)
    with serve_in_thread(Secretive(app)) as url:
        yield url


def test_every_setting_has_the_name_and_the_default_of_one_of_a_world() -> None:
    defaults, of_a_world = KnownSettings(), Settings()._asdict()
    assert {name: getattr(defaults, name) for name in FORMS} == {name: of_a_world[name] for name in FORMS}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("pause", "60", "the settings are style, pause_minutes"),
        ("pause_minutes", "45", "a multiple of 30 from 30 to 240"),
        ("strict_time", "yes", "true or false"),
        ("style", "", "contract or wire"),
        ("pause_minutes", "-30", "a multiple of 30 from 30 to 240"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_is_possible(
    url: str, tmp_path: Path, name: str, text: str, says: str
) -> None:
    with pytest.raises(SettingRefused, match=says):
        read_setting(name, text)
    code, _, printed = check(url, tmp_path, "--setting", f"{name}={text}")
    assert (code, says in " ".join(printed.split())) == (2, True), printed


def test_a_mockaxle_reports_its_settings(url: str, tmp_path: Path) -> None:
    control(url, "PATCH", "/settings", {"pause_minutes": 60, "withdrawal_memory": False, "style": "wire"})
    code, report, printed = check(url, tmp_path, *SHORT, *suites("optimiser", "journeys", "lifecycle"))
    assert (code, report["findings"]) == (0, []), printed


def test_a_given_setting_replaces_the_reported_one(url: str, tmp_path: Path) -> None:
    code, report, printed = check(url, tmp_path, *SHORT, *suites("optimiser"), "--setting", "pause_minutes=60")
    assert (code, "F2b" in {one["statement"] for one in report["findings"]}) == (1, True), printed


def test_a_server_that_reports_nothing_is_judged_by_its_own_pauses(tmp_path: Path) -> None:
    with secretive() as url:
        code, report, printed = check(url, tmp_path, *SHORT, *suites("optimiser"))
    assert (code, report["findings"]) == (0, []), printed
    assert {statement for _, statement, _ in report["judged"]} >= {"F2a", "F2b", "F3a", "F7a", "F10b"}


def test_a_server_that_reports_nothing_is_checked_by_the_settings_given(tmp_path: Path) -> None:
    with secretive(settings={"pause_minutes": 90, "withdrawal_memory": False, "strict_time": True}) as url:
        given = [f"--setting={one}" for one in ("pause_minutes=90", "withdrawal_memory=false", "strict_time=true")]
        names = ("optimiser", "journeys", "lifecycle")
        code, report, printed = check(url, tmp_path, *SHORT, *suites(*names), *given)
    assert (code, report["findings"]) == (0, []), printed


def test_where_nothing_is_paused_the_report_says_that_pauses_are_not_judged(tmp_path: Path) -> None:
    with secretive(scenario=EMPTY) as url:
        code, report, printed = check(url, tmp_path, *SHORT, *suites("optimiser"))
    assert (code, report["findings"]) == (0, []), printed
    said = "optimiser: F2c, since the server does not report its market, and no schedule came back with a pause"
    assert said in report["untested"]
