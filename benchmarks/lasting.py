"""What a journal costs: processor time per request beside a mock without one, and a start with a large world."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.calls import calls_of
from benchmarks.load import Call, drive
from benchmarks.markdown import paragraph, table
from benchmarks.part import Aim, Part, progress
from benchmarks.servers import MOCK, Account, Server, running
from benchmarks.spread import Spread

ROUNDS = 5
GET, POST = "GET a site", "onboard of a new site"
SITES = 100_000
PORTFOLIO = {"portfolios": [{"name": "Large", "count": SITES, "first_mpan": "100000000000"}]}


def report(*, sites: int = SITES) -> Part:
    with TemporaryDirectory() as folder:
        ratios = dict(_ratios(Path(folder) / "mock.db"))
        start = _start(Path(folder) / "large.db")
    aims = (
        Aim(f"{GET}, CPU without a journal / with", Spread(ratios[GET]), 0.95, digits=2, at_least=True),
        Aim(f"{POST}, CPU with a journal / without", Spread(ratios[POST]), 2.0, digits=2),
        Aim(f"start to first answer of a world of {sites:,} sites, CPU", Spread([start]), 5, "s", digits=1),
    )
    text = (
        "Two mocks are driven in turn, one without and one with `--journal FILE`. A ratio is that of the processor "
        f"time per request in the same round, the median of {ROUNDS} with the lowest and the highest in brackets."
    )
    rows = [(aim.figure, *aim.row()[1:]) for aim in aims]
    return Part("A journal", f"{paragraph(text)}\n\n{table(('figure', 'measured', 'aim', 'reached'), rows)}", aims)


def _ratios(journal: Path) -> Iterator[tuple[str, list[float]]]:
    with ExitStack() as stack:
        servers = [stack.enter_context(running((*MOCK, *more))) for more in ((), ("--journal", str(journal)))]
        accounts = [stack.enter_context(Account(server)) for server in servers]
        calls = [calls_of(account) for account in accounts]
        for name in (GET, POST):
            ratios = []
            for number in range(ROUNDS):
                start = (number + 1) * 10_000_000
                plain, kept = (cpu_us(one, calls[n][name], start) for n, one in enumerate(servers))
                ratios.append(plain / kept if name == GET else kept / plain)
                progress(f"  {name}: {plain:.0f} us without a journal, {kept:.0f} us with one")
            yield name, ratios


def cpu_us(server: Server, call: Call, start: int) -> float:
    """Drive a server, and return the microseconds of its processor time for each request."""
    before = server.cpu_seconds
    driven = drive(server.url, call, start=start)
    return (server.cpu_seconds - before) / driven.requests * 1e6


def _start(journal: Path) -> float:
    """Return the seconds of processor time from the start to the first answer of a large world."""
    command = (*MOCK, "--journal", str(journal))
    with running(command) as server, Account(server) as account:
        headers = {"Authorization": f"Bearer {account.token}", "Content-Type": "application/json"}
        answer = httpx.put(
            f"{server.url}/__mockaxle/world/scenario", content=json.dumps(PORTFOLIO), headers=headers, timeout=600
        )
        assert answer.status_code == 200, answer.text[:200]
    with running(command) as server:
        token = {"Authorization": f"Bearer {account.token}"}
        answer = httpx.get(f"{server.url}/entities/site?limit=1", headers=token, timeout=600)
        assert answer.status_code == 200, answer.text[:200]
        used = server.cpu_seconds
        progress(f"  start to first answer: {used:.2f} s of CPU")
        return used


if __name__ == "__main__":
    print(report().text)
