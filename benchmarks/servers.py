"""Servers to measure, each in its own process: the mock, and a bare ASGI function with the same uvicorn settings."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

MOCK = ("-m", "mockaxle.cli", "serve", "--port", "0", "--quiet")
NOTHING_MORE: Mapping[str, str] = {}
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

    @property
    def cpu_seconds(self) -> float:
        """The processor time that the threads of the process have used since they began."""
        used = 0
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            with suppress(FileNotFoundError):  # the thread has ended
                used += int((thread / "schedstat").read_text().split()[0])
        return used / 1e9


def pinned(number: int) -> tuple[str, ...]:
    """Return the prefix that runs a command on one core, numbered from 0. Empty where there are not two cores."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or shutil.which("taskset") is None:
        return ()
    return ("taskset", "--cpu-list", str(cores[number]))


@contextmanager
def running(
    command: tuple[str, ...],
    *,
    stderr: int | None = None,
    prefix: Sequence[str] = (),
    more_environment: Mapping[str, str] = NOTHING_MORE,
) -> Iterator[Server]:
    """Run a server until the block ends, with a prefix to its command. Its first line of output is its base URL."""
    line = [*prefix, sys.executable, *command]
    around = {**os.environ, **more_environment}
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=stderr, text=True, env=around) as process:
        assert process.stdout
        try:
            yield Server(process.stdout.readline().strip(), process.pid)
        finally:
            process.terminate()


class Account(AbstractContextManager["Account"]):
    """An account on a mock that is measured."""

    def __init__(self, server: Server, username: str = "bench") -> None:
        self.client = httpx.Client(base_url=server.url, timeout=60)
        form = {"username": username, "password": "secret"}
        self.token: str = self.client.post("/auth/token-form", data=form).json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {self.token}"

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def onboard(self, number: int) -> dict[str, Any]:
        return self.send("POST", "/entities/site/onboard", json.dumps(home(number)).encode())

    def send(self, verb: str, path: str, body: bytes = b"") -> dict[str, Any]:
        """Return the JSON of an answer. Raises: AssertionError if it is not 200."""
        answer = self.client.request(verb, path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 200, answer.text[:200]
        found: dict[str, Any] = answer.json()
        return found


def home(number: int) -> dict[str, Any]:
    """Build the body that onboards a home with a charger."""
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
