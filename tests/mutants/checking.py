"""Runs `mockaxle check` in this process, on a mock that a thread of it serves."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from mockaxle.app import App, create_app
from mockaxle.cli.check import check as verb
from mockaxle.scenarios.reading import read_scenario
from mockaxle.serving.listener import serve_in_thread
from mockaxle.serving.settings import ServerSettings

ROOT = Path(__file__).parents[2]
ACCOUNTS = Path(__file__).with_name("accounts.toml")


def fresh_app(**settings: Any) -> App:
    """A mock with every account that a check can log in with."""
    scenario = read_scenario(ACCOUNTS.read_bytes(), name="accounts", format="toml")
    return create_app(ServerSettings(**settings), scenario=scenario)


@contextmanager
def served() -> Iterator[str]:
    with serve_in_thread(fresh_app()) as url:
        yield url


def words(url: str, *options: str) -> list[str]:
    """The whole check, with every account and a way to let an hour pass."""
    advance = f"{sys.executable} -m mockaxle.cli advance 61m --url {url} --username checked"
    accounts = ["--username", "checked", "--other-username", "other", "--limited-username", "reader"]
    return [url, *accounts, "--after-expiry", advance, *options]


def command(url: str, *options: str) -> list[str]:
    """The same, in a process of its own."""
    return [sys.executable, "-m", "mockaxle.cli", "check", *words(url, *options)]


def check(url: str, folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the JSON report (empty where there is none), and what was printed."""
    report = folder / "report.json"
    written = ("--report", f"json={report}", "--recordings", str(folder))
    done = CliRunner().invoke(verb, words(url, *written, *options), catch_exceptions=False)
    content = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    return done.exit_code, content, done.output
