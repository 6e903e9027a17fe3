"""Ten thousand worlds on one server and one database, with the load of a CI: bursts, and nine worlds in ten idle.

`python -m benchmarks.scale` prints the figures of docs/scale.md; the argument is the number of worlds.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from benchmarks.calls import NIGHT
from benchmarks.part import progress
from benchmarks.servers import MOCK, Server, home, running
from benchmarks.sharing import KEY
from tests.journals.postgres_server import PostgresServer

WORLDS = 10_000
IN_MEMORY = 2_000
BURSTS, SHARE = 4, 10
"""Full hours that are simulated, and the part of the worlds that are called in each: one in so many."""

CLIENTS = 8
READS = 5
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TICKS = os.sysconf("SC_CLK_TCK")


class Called(NamedTuple):
    """One call. Units: seconds. Shape: `is_first` of a burst for its world."""

    seconds: float
    is_first: bool


class Team:
    """The calls of one team's CI run, on a connection of its own."""

    def __init__(self, url: str, number: int) -> None:
        self._http = HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._number = number
        self.called: list[Called] = []

    def open(self) -> None:
        """Log in and onboard a home, as a new team does."""
        token = self._token()
        self._send("POST", "/entities/site/onboard", token, json.dumps(home(self._number)))
        self._http.close()

    def run(self, burst: int) -> None:
        """Log in, onboard another home, send its schedule, and read."""
        token = self._token()
        onboarded = self._send(
            "POST", "/entities/site/onboard", token, json.dumps(home(self._number + (burst + 1) * 10**9))
        )
        asset = onboarded["assets"][0]["asset_id"]
        schedule = json.dumps({"charging_schedule": NIGHT})
        self._send("POST", f"/entities/asset/{asset}/event/plug-in-schedule", token, schedule)
        for _ in range(READS):
            self._send("GET", f"/entities/site/{onboarded['site']['site_id']}", token)
        self._http.close()

    def _token(self) -> str:
        form = urlencode({"username": f"team-{self._number}", "password": "secret"})
        return str(self._called("POST", "/auth/token-form", form, FORM)["access_token"])

    def _send(self, verb: str, path: str, token: str, body: str = "") -> Any:
        return self._called(verb, path, body, {**JSON, "Authorization": f"Bearer {token}"})

    def _called(self, verb: str, path: str, body: str, headers: dict[str, str]) -> Any:
        """Raises: AssertionError if the answer is not 200."""
        began = perf_counter()
        self._http.request(verb, path, body, headers)
        answer = self._http.getresponse()
        content = answer.read()
        assert answer.status == 200, content[:200]
        self.called.append(Called(perf_counter() - began, not self.called))
        return json.loads(content)


class Used(NamedTuple):
    """Units: seconds of processor time."""

    server: float
    engine: float

    def since(self, before: "Used", calls: int) -> str:
        server, engine = ((now - then) / calls * 1e6 for now, then in zip(self, before, strict=True))
        return f"{server:.0f} us of CPU a call in the server, {engine:.0f} us in the engine"


def simulate(worlds: int) -> None:
    postgres = PostgresServer()
    try:
        line = (*MOCK, "--journal", postgres.url(), "--max-worlds", str(IN_MEMORY))
        with running(line, more_environment=KEY) as server:
            _simulate(server, postgres, worlds)
    finally:
        postgres.end()


def _simulate(server: Server, postgres: PostgresServer, worlds: int) -> None:
    empty, size = server.resident_bytes, _size(postgres)
    before = _used(server, postgres)
    began = perf_counter()
    first = min(worlds, IN_MEMORY)
    _each(range(first), server.url, lambda team: team.open())
    print(f"{(server.resident_bytes - empty) / first / 1e3:.0f} kB a world in the server's memory")
    _each(range(first, worlds), server.url, lambda team: team.open())
    used = _used(server, postgres)
    print(f"{worlds:,} worlds opened in {perf_counter() - began:.0f} s: {used.since(before, 2 * worlds)}")
    print(f"{(_size(postgres) - size) / worlds / 1e3:.1f} kB a world in the engine")
    for burst in range(BURSTS):
        _burst(burst, server, postgres, worlds)
    print(f"{server.resident_bytes / 1e6:.0f} MB in the server, {IN_MEMORY:,} worlds in memory")


def _burst(burst: int, server: Server, postgres: PostgresServer, worlds: int) -> None:
    chosen = Random(burst).sample(range(worlds), worlds // SHARE)
    before, began = _used(server, postgres), perf_counter()
    called = _each(chosen, server.url, lambda team: team.run(burst))
    seconds, used = perf_counter() - began, _used(server, postgres)
    cold, warm = ([one.seconds * 1e3 for one in called if one.is_first is first] for first in (True, False))
    print(
        f"burst {burst + 1}: {len(chosen):,} worlds, {len(called):,} calls in {seconds:.1f} s "
        f"({len(called) / seconds:.0f} a second): {used.since(before, len(called))}; "
        f"first call of a world {median(cold):.0f} ms, p99 {quantiles(cold, n=100)[98]:.0f} ms; "
        f"others {median(warm):.1f} ms, p99 {quantiles(warm, n=100)[98]:.0f} ms"
    )


def _each(numbers: Sequence[int], url: str, act: Callable[[Team], None]) -> list[Called]:
    def done(number: int) -> Iterable[Called]:
        team = Team(url, number)
        act(team)
        return team.called

    with ThreadPoolExecutor(CLIENTS) as pool:
        found = [list(called) for called in pool.map(done, numbers)]
    progress(f"  {len(numbers):,} teams")
    return [one for called in found for one in called]


def _used(server: Server, postgres: PostgresServer) -> Used:
    return Used(server.cpu_seconds, sum(map(_cpu_seconds, postgres.pids())))


def _cpu_seconds(pid: int) -> float:
    """The processor time of a process and of those that it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def _size(postgres: PostgresServer) -> int:
    return int(postgres.query("SELECT pg_database_size('mock')"))


if __name__ == "__main__":
    simulate(int(sys.argv[1]) if len(sys.argv) > 1 else WORLDS)
