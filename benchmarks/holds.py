"""How long single requests keep the server from answering others: a second client calls health meanwhile."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import httpx

from benchmarks.calls import NIGHT
from benchmarks.markdown import paragraph, table
from benchmarks.part import Aim, Part, progress
from benchmarks.servers import MOCK, Account, Server, home, running
from benchmarks.spread import Spread
from mockaxle.core.limits import MAX_OBJECTS

REPEATS = 5
AIM_MS = 50
WITHDRAWN = 2_000_000


@dataclass(frozen=True)
class Sizes:
    """What the requests concern. The names of the rows are those of these sizes."""

    logged: int = 9_900
    homes: int = 10_000
    body_bytes: int = 1_000_000


DEFAULT = Sizes()


class Pings:
    """Calls health on one connection without a break, and notes the longest answer. Units: seconds."""

    def __init__(self, server: Server) -> None:
        self.longest = 0.0
        self._connection = HTTPConnection(urlsplit(server.url).netloc)
        self._stop = Event()
        self._thread = Thread(target=self._ping)

    def _ping(self) -> None:
        while not self._stop.is_set():
            began = time.perf_counter()
            self._connection.request("GET", "/__mockaxle/health")
            self._connection.getresponse().read()
            self.longest = max(self.longest, time.perf_counter() - began)

    @contextmanager
    def running(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join()
            self._connection.close()


def held_ms(server: Server, work: Callable[[], object]) -> float:
    """Return the longest answer of health while a request is served."""
    pings = Pings(server)
    with pings.running():
        work()
    return pings.longest * 1000


def report(sizes: Sizes = DEFAULT, *, repeats: int = REPEATS) -> Part:
    held, rows = {}, []
    with ExitStack() as stack:
        for name, server, work in [*_in_a_log(stack, sizes), *_in_a_large_world(stack, sizes)]:
            work()
            held[name] = Spread([held_ms(server, work) for _ in range(repeats)])
            progress(f"  {name}: {held[name]:.0f} ms")
            rows.append((name, f"{held[name]:.0f}", f"{_cpu_ms(server, work):.0f}"))
    text = (
        "While one request is served, a second client calls health without a break. The longest time that it waits is "
        f"how long the request held the server. The aim is {AIM_MS} ms."
    )
    headings = ("request", "longest wait, ms", "processor time of the request, ms")
    longest = max(held, key=lambda name: held[name].median)
    aim = Aim(f"longest hold: {longest}", held[longest], AIM_MS, "ms")
    return Part("Requests that hold the server", f"{paragraph(text)}\n\n{table(headings, rows)}", (aim,))


def _cpu_ms(server: Server, work: Callable[[], object]) -> float:
    before = server.cpu_seconds
    work()
    return (server.cpu_seconds - before) * 1000


Held = tuple[str, Server, Callable[[], object]]


def _in_a_log(stack: ExitStack, sizes: Sizes) -> Iterator[Held]:
    """Yield the requests to a world whose log is full."""
    server = stack.enter_context(running(MOCK))
    account = stack.enter_context(Account(server))
    asset = account.onboard(1)["assets"][0]["asset_id"]
    refused = _refused_again(account)
    _log(account, sizes.logged)
    last = account.send("GET", "/__mockaxle/world/log?limit=1&newest_first=true")["entries"][0]["number"]
    expected = [
        {"operation": "POST /entities/site/onboard", "body": {"/site/mpan": f"{number:013}"}, "count": 1}
        for number in range(0, 200, 2)
    ]
    yield (
        "log of 10,000 entries with a text filter",
        server,
        lambda: account.send("GET", "/__mockaxle/world/log?text=no-such-text"),
    )
    yield (
        "`verify` of 100 calls in it",
        server,
        _posting(account, "/__mockaxle/world/verify", json.dumps({"calls": expected}).encode()),
    )
    refused()
    yield "one entry of it, explained", server, lambda: account.send("GET", f"/__mockaxle/world/log/{last + 1}")

    yield from ((name, server, work) for name, work in _large_bodies(account, asset, size=sizes.body_bytes))


def _large_bodies(account: Account, asset: str, *, size: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield requests with large bodies, the last of which replace the world's state."""
    onboard, readings = "/entities/site/onboard", "/data/readings"
    yield "1 MB, a schedule", _posting(account, f"/entities/asset/{asset}/event/plug-in-schedule", _blocks(size))
    yield "1 MB, an onboarding", _posting(account, onboard, _assets(size))
    yield "0.2 MB, an onboarding with 70,000 wrong assets", _posting(account, onboard, _wrong("assets", size))
    yield "10 MB, readings", _posting(account, readings, _readings(asset, 10 * size))
    yield "0.2 MB, 70,000 wrong readings", _posting(account, readings, _wrong("readings", size))
    yield "1 MB, a scenario", _scenario(account, _sites(size))
    yield "0.2 MB, a scenario with 70,000 wrong assets", _scenario(account, _wrong("assets", size))


def _log(account: Account, entries: int) -> None:
    for number in range(entries):
        if number % 4:
            account.send("GET", "/entities/site?limit=1")
        else:
            account.onboard(number)


def _refused_again(account: Account) -> Callable[[], object]:
    """Withdraw a site; return the call that is refused for it, whose explanation searches the log."""
    site = account.onboard(WITHDRAWN)["site"]["site_id"]
    body = b'{"proposition": "limited_pause"}'
    account.send("POST", f"/entities/site/{site}/unenrol", body)
    return lambda: account.client.post(
        f"/entities/site/{site}/enrol", content=body, headers={"Content-Type": "application/json"}
    )


def _posting(account: Account, path: str, body: bytes) -> Callable[[], object]:
    headers = {"Content-Type": "application/json"}
    return lambda: account.client.post(path, content=body, headers=headers)


def _blocks(size: int) -> bytes:
    count = size // (len(json.dumps(NIGHT[0])) + 2)
    return json.dumps({"charging_schedule": NIGHT * count}).encode()


def _assets(size: int) -> bytes:
    body = home(5_000_000)
    count = (size - 1_000) // (len(json.dumps(body["assets"][0])) + 6)
    body["assets"] = [body["assets"][0] | {"external_id": f"held-{number}"} for number in range(count)]
    return json.dumps(body).encode()


def _wrong(name: str, size: int) -> bytes:
    """Return a body with as many wrong items as a body of the default size may have."""
    return json.dumps({name: [{}] * (MAX_OBJECTS * size // DEFAULT.body_bytes - 1)}, separators=(",", ":")).encode()


def _readings(asset: str, size: int) -> bytes:
    one = {
        "asset_id": asset,
        "start_timestamp": "2026-01-20T22:00:00Z",
        "end_timestamp": "2026-01-20T22:30:00Z",
        "value": 1.5,
        "label": "boundary_import_kw",
    }
    return json.dumps({"readings": [one] * (size // (len(json.dumps(one)) + 2))}).encode()


def _sites(size: int) -> bytes:
    return json.dumps(
        {"sites": [{"mpan": f"{number:013}", "postcode": "M1 1AE"} for number in range(size // 50)]}
    ).encode()


def _scenario(account: Account, body: bytes) -> Callable[[], object]:
    headers = {"Content-Type": "application/json"}
    return lambda: account.client.put("/__mockaxle/world/scenario", content=body, headers=headers)


def _in_a_large_world(stack: ExitStack, sizes: Sizes) -> Iterator[Held]:
    """Yield the log-in that opens a world of many homes."""
    scenario = Path(stack.enter_context(tempfile.TemporaryDirectory()), "large.toml")
    homes = (
        f'[[sites]]\nmpan = "{number:013}"\npostcode = "M1 1AE"\n'
        f'[[assets]]\nsite = "{number:013}"\nexternal_id = "wallbox-{number}"\ntype = "charger"\npower_kw = 7.4\n'
        for number in range(sizes.homes)
    )
    scenario.write_text("\n".join(homes))
    server = stack.enter_context(running((*MOCK, "--scenario", str(scenario))))
    names = (f"stranger-{number}" for number in range(1_000_000))
    yield (
        "log-in that opens a world of 10,000 sites",
        server,
        lambda: httpx.post(f"{server.url}/auth/token-form", data={"username": next(names), "password": "secret"}),
    )
