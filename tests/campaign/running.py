"""Runs Schemathesis as a child process against a mock of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from mockaxle.app import create_app
from mockaxle.serving.listener import serve_in_thread

CONTRACTS = Path(__file__).parents[2] / "contracts"
CONFIG, BASELINE = CONTRACTS / "schemathesis.toml", CONTRACTS / "schemathesis-baseline.json"
ALL_PHASES = "examples,coverage,fuzzing,stateful"


@contextmanager
def fresh_mock() -> Iterator[tuple[str, str]]:
    """The base URL of a new server, whose ids are the same each time, and a token."""
    with serve_in_thread(create_app()) as url:
        answer = httpx.post(f"{url}/auth/token-form", data={"username": "campaign", "password": "secret"})
        yield url, answer.json()["access_token"]


def run(location: str, token: str, folder: Path, *options: str) -> tuple[int, str, list[dict[str, Any]]]:
    """Exit code, report, and the lines of the machine-readable one."""
    events = folder / "events.ndjson"
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", location),
        *("-H", f"Authorization: Bearer {token}", "--report-ndjson-path", str(events), "--continue-on-failure"),
        *("--baseline", str(BASELINE)),
        *options,
    ]
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "", "COLUMNS": "200"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    lines = events.read_text(encoding="utf-8").splitlines() if events.exists() else []
    return done.returncode, done.stdout + done.stderr, [json.loads(line) for line in lines]
