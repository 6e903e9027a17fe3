"""Servers to measure, each in its own process: the mock, and a bare ASGI function with the same uvicorn settings."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

MOCK = ("-m", "mockaxle.cli", "serve", "--port", "0", "--quiet")
BARE = ("-m", "benchmarks.bare")


@dataclass(frozen=True)
class Server:
    url: str
    pid: int

    @property
    def resident_bytes(self) -> int:
        """The resident memory of the process."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmRSS"))


@contextmanager
def running(command: tuple[str, ...], *, stderr: int | None = None) -> Iterator[Server]:
    """Run a server until the block ends. Its first line of output is its base URL."""
    with subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, stderr=stderr, text=True) as process:
        assert process.stdout
        try:
            yield Server(process.stdout.readline().strip(), process.pid)
        finally:
            process.terminate()


def startup_seconds(command: tuple[str, ...], path: str) -> float:
    """Time from the command to the first 200."""
    started = time.perf_counter()
    with running(command) as server:
        assert httpx.get(server.url + path).status_code == 200
        return time.perf_counter() - started


class Account:
    """An account on a mock that is measured."""

    def __init__(self, server: Server, username: str = "bench") -> None:
        self.client = httpx.Client(base_url=server.url)
        form = {"username": username, "password": "secret"}
        self.token = self.client.post("/auth/token-form", data=form).json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {self.token}"

    def onboard(self, number: int) -> dict[str, Any]:
        answer = self.client.post("/entities/site/onboard", json=home(number))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


def home(number: int) -> dict[str, Any]:
    """Build the body that onboards a new home with a charger."""
    return {
        "site": {
            "mpan": f"{number:013}",
            "postcode": f"M{number % 9} {number % 10}AE",
            "street_address": f"{number} Canal Row",
            "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z",
        },
        "assets": [{"external_id": f"wallbox-{number}", "type": "charger", "properties": {"power_kw": 7.4}}],
        "proposition": "limited_pause",
    }
