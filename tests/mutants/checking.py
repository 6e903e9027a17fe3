"""Runs `mockaxle check` on a mock, healthy or not, that is served in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SECONDS = 600


@contextmanager
def served(name: str) -> Iterator[str]:
    """The base URL of a mock with a fault, or of a healthy one."""
    serving, nowhere = [sys.executable, "-m", "tests.mutants.serving", name], subprocess.DEVNULL
    with subprocess.Popen(serving, cwd=ROOT, stdout=subprocess.PIPE, stderr=nowhere, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def command(url: str, *options: str) -> list[str]:
    """The whole check, with every account and a way to let an hour pass."""
    advance = f"{sys.executable} -m mockaxle.cli advance 61m --url {url} --username checked"
    told = [sys.executable, "-m", "mockaxle.cli", "check", url, "--username", "checked", "--other-username", "other"]
    return [*told, "--limited-username", "reader", "--after-expiry", advance, *options]


def check(url: str, folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the JSON report (empty where there is none), and what was printed."""
    report = folder / "report.json"
    written = ("--report", f"json={report}", "--recordings", str(folder))
    done = subprocess.run(
        command(url, *written, *options), cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    told = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    return done.returncode, told, done.stdout + done.stderr
