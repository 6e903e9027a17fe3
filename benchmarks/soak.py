"""`make soak`: mixed load on a shared server while strangers open worlds. It fails if memory or descriptors grew.

MOCKAXLE_SOAK_MINUTES sets the duration, 15 minutes by default. The number of worlds is in proportion to it.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from subprocess import DEVNULL
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks.servers import Server, home, running

MINUTES = 15.0
WORLDS, KEPT_WORLDS = 10_000, 1_000
ADDRESSES = [f"127.0.0.{number}" for number in range(2, 22)]
ADMIN_TOKEN = "soak"
TEAMS, HOMES, ROUNDS_PER_SECOND, ROUNDS_PER_RESET = 4, 50, 4, 100
GROWTH = 1.1
PROGRESS_SECONDS = 15
NIGHT = {"charging_schedule": [{"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T06:00:00Z"}]}


def command(minutes: float) -> tuple[str, ...]:
    """Build the server's command. A shorter run keeps fewer worlds, so that it drops the same share of them."""
    options = ("--max-accounts", "20000", "--max-worlds", str(max(round(KEPT_WORLDS * minutes / MINUTES), 2)))
    serve = ("-m", "mockaxle.cli", "serve", "--host", "0.0.0.0", "--port", "0", "--quiet")
    return (*serve, *options, "--admin-token", ADMIN_TOKEN)


@dataclass
class Tally:
    """The number of answers by status, and a line for each unexpected one."""

    statuses: Counter[int] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)

    def take(self, answer: httpx.Response, *, expected: int = 200) -> httpx.Response:
        self.statuses[answer.status_code] += 1
        if answer.status_code != expected:
            request = answer.request
            self.unexpected.append(f"{request.method} {request.url.path}: {answer.status_code} {answer.text[:200]}")
        return answer


class Team:
    """An account that uses its world, and controls it with the admin token."""

    def __init__(self, url: str, name: str, tally: Tally) -> None:
        self.client = httpx.Client(base_url=url, timeout=60)
        self._form = {"username": name, "password": "secret"}
        self._world = f"/__mockaxle/worlds/{name}"
        self._tally = tally
        self._rounds = count()

    def round(self) -> None:
        """Make every kind of call once. Every ROUNDS_PER_RESET rounds the world is reset first."""
        number = next(self._rounds)
        if number % ROUNDS_PER_RESET == 0:
            self._begin()
        onboarded = self._call("POST", "/entities/site/onboard", home(number % HOMES)).json()
        site, asset = onboarded["site"]["site_id"], onboarded["assets"][0]["asset_id"]
        self._call("POST", f"/entities/asset/{asset}/event/plug-in-schedule", NIGHT)
        for path in (f"/entities/site/{site}", f"/entities/asset/{asset}", "/entities/site?limit=20"):
            self._call("GET", path)
        self._call("POST", "/data/readings", {"readings": [reading(asset, number)]})
        self._control("POST", "/clock/advance", {"by": "10s"})
        self._control("POST", "/faults", {"kind": "status", "status": 503, "operation": "GET /entities/site"})
        self._call("GET", "/entities/site", expected=503)
        self._control("DELETE", "/faults")

    def _begin(self) -> None:
        token = self._log_in()
        self._control("POST", "/reset", {})
        self.client.headers["Authorization"] = f"Bearer {token}"

    def _log_in(self) -> str:
        answer = self._tally.take(self.client.post("/auth/token-form", data=self._form))
        token: str = answer.json()["access_token"]
        return token

    def _call(self, verb: str, path: str, body: Any = None, *, expected: int = 200) -> httpx.Response:
        return self._tally.take(self.client.request(verb, path, json=body), expected=expected)

    def _control(self, verb: str, path: str, body: Any = None) -> None:
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        self._tally.take(self.client.request(verb, self._world + path, json=body, headers=headers))


def reading(asset: str, number: int) -> dict[str, Any]:
    at = f"2026-01-20T12:{number % 60:02}:00Z"
    return {
        "asset_id": asset,
        "start_timestamp": at,
        "end_timestamp": at,
        "value": number % 7,
        "label": "boundary_import_kw",
    }


class Strangers:
    """Callers from many addresses. Each log-in opens a world that nobody uses."""

    def __init__(self, url: str, tally: Tally) -> None:
        transports = [httpx.HTTPTransport(local_address=address) for address in ADDRESSES]
        closing = {"Connection": "close"}  # the server may close an idle connection just as the next log-in is sent
        self.clients = [httpx.Client(base_url=url, transport=one, timeout=60, headers=closing) for one in transports]
        self.opened = 0
        self._tally = tally

    def log_in(self) -> None:
        client = self.clients[self.opened % len(self.clients)]
        form = {"username": f"stranger-{self.opened}", "password": "secret"}
        self._tally.take(client.post("/auth/token-form", data=form))
        self.opened += 1


def paced(act: Callable[[], None], per_second: float, *, until: float, stop: Event) -> None:
    """Call `act` at a rate, or as fast as possible, until an instant of the monotonic clock."""
    began = time.monotonic()
    for number in count(1):
        if stop.is_set() or time.monotonic() >= until:
            return
        act()
        stop.wait(max(began + number / per_second - time.monotonic(), 0))


@dataclass(frozen=True)
class Sample:
    """Units: seconds since the start, bytes."""

    at: float
    resident: int
    descriptors: int


def descriptors(server: Server) -> int:
    return len(os.listdir(f"/proc/{server.pid}/fd"))


def samples(server: Server, tally: Tally, strangers: Strangers, *, seconds: float) -> Iterator[Sample]:
    """Take a sample each second, and print some of them."""
    began = time.monotonic()
    for number in count(1):
        time.sleep(1)
        sample = Sample(time.monotonic() - began, server.resident_bytes, descriptors(server))
        yield sample
        if number % PROGRESS_SECONDS == 0:
            print(
                f"{sample.at:5.0f} s  {sample.resident / 1e6:6.1f} MB  {sample.descriptors} descriptors  "
                f"{tally.statuses.total()} calls  {strangers.opened} worlds  {len(tally.unexpected)} unexpected",
                flush=True,
            )
        if sample.at >= seconds:
            return


def drive(server: Server, url: str, *, minutes: float, tally: Tally) -> tuple[list[Sample], int]:
    """Run the whole load. Returns the samples and the number of worlds that strangers opened."""
    until, stop = time.monotonic() + minutes * 60, Event()
    teams = [Team(url, f"team-{number}", tally) for number in range(TEAMS)]
    strangers = Strangers(url, tally)
    paces = [(team.round, float(ROUNDS_PER_SECOND)) for team in teams]
    paces.append((strangers.log_in, WORLDS / MINUTES / 60))
    with ExitStack() as clients, ThreadPoolExecutor(len(paces)) as pool:
        for client in (*(team.client for team in teams), *strangers.clients):
            clients.enter_context(client)
        works = [pool.submit(paced, *pace, until=until, stop=stop) for pace in paces]
        try:
            found = list(samples(server, tally, strangers, seconds=minutes * 60))
        finally:
            stop.set()
        for work in works:
            work.result()
    return found, strangers.opened


def failures(found: list[Sample], tally: Tally, *, open_before: int, open_after: int) -> list[str]:
    """List the faults that the run shows."""
    later = [sample.resident for sample in found if sample.at > found[-1].at / 3]
    said = []
    if max(later) > GROWTH * later[0]:
        said.append(f"memory grew from {later[0] / 1e6:.1f} MB to {max(later) / 1e6:.1f} MB")
    if open_after > open_before:
        said.append(f"{open_after} descriptors are open, {open_before} were")
    return said + tally.unexpected[:20]


def open_at_last(server: Server, *, wanted: int) -> int:
    """Wait until the server has closed its clients' connections, and return its open descriptors."""
    for _ in range(100):
        if descriptors(server) <= wanted:
            break
        time.sleep(0.1)
    return descriptors(server)


def main() -> int:
    minutes, tally = float(os.environ.get("MOCKAXLE_SOAK_MINUTES", MINUTES)), Tally()
    with running(command(minutes), stderr=DEVNULL) as server:
        url = f"http://127.0.0.1:{urlsplit(server.url).port}"
        httpx.get(f"{url}/__mockaxle/docs", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})
        open_before = descriptors(server)
        found, opened = drive(server, url, minutes=minutes, tally=tally)
        open_after = open_at_last(server, wanted=open_before)
    said = failures(found, tally, open_before=open_before, open_after=open_after)
    later = [sample.resident / 1e6 for sample in found if sample.at > found[-1].at / 3]
    print(f"{minutes:g} minutes, {tally.statuses.total()} calls, {opened} worlds opened by strangers")
    print(f"memory after a third {later[0]:.1f} MB, then at most {max(later):.1f} MB, at the end {later[-1]:.1f} MB")
    print(f"descriptors {open_before} before, {open_after} after; answers {dict(sorted(tally.statuses.items()))}")
    print("\n".join(said) or "nothing grew, and nothing failed")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
