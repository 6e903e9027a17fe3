"""What several servers on one journal cost: processor time beside a mock in memory, and what a second worker adds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from tempfile import TemporaryDirectory

from benchmarks.calls import ONBOARD, calls_of
from benchmarks.lasting import GET, POST, ROUNDS, cpu_us
from benchmarks.load import Call, drive
from benchmarks.markdown import paragraph, table
from benchmarks.part import Aim, Part, progress
from benchmarks.servers import MOCK, Account, Server, running
from benchmarks.spread import Spread
from tests.journals.postgres_server import PostgresServer

WORLDS = 12
RATIO_ROUNDS = 15
"""A ratio of one round lies between 1.0 and 2.0 where other work runs on the machine; medians of 15 differ by 0.1."""

KEY = {"MOCKAXLE_KEY": "ab" * 32, "MOCKAXLE_ADMIN_TOKEN": "for-the-benchmark"}


def report() -> Part:
    postgres = PostgresServer()
    try:
        with TemporaryDirectory() as folder:
            ratios = dict(_ratios(postgres.url()))
            files = dict(_gains(f"{folder}/one.db", f"{folder}/two.db"))
            databases = dict(_gains(postgres.url(), postgres.url()))
            apart = dict(_gains_apart(postgres.url(), postgres.url()))
    finally:
        postgres.end()
    aims = (
        Aim(f"{GET}, CPU with PostgreSQL / in memory", Spread(ratios[GET]), 1.6, digits=2),
        Aim(f"{POST}, CPU with PostgreSQL / in memory", Spread(ratios[POST]), 1.4, digits=2),
    )
    text = (
        "A server in memory and one with `--journal postgresql://` are driven in turn, as above, on a database without "
        f"a standby here, in {RATIO_ROUNDS} rounds. Then one worker and two are driven in turn, with {WORLDS} "
        "worlds whose calls go to any worker, which is the worst case: each takes in what the other did. The last rows "
        "are with a proxy that sends the calls of a world to one server. Servers, database and load share the cores of "
        "the machine. A gain is the requests per second of two for one of a single one."
    )
    rows = [(aim.figure, *aim.row()[1:]) for aim in aims]
    for what, gains in (
        ("two workers on a file / one", files),
        ("two workers on PostgreSQL / one", databases),
        ("two servers on PostgreSQL, each with worlds of its own / one", apart),
    ):
        rows += [(f"{name}, {what}", f"{Spread(gains[name]):.2f}", "", "") for name in gains]
    return Part(
        "Several servers", f"{paragraph(text)}\n\n{table(('figure', 'measured', 'aim', 'reached'), rows)}", aims
    )


def _ratios(url: str) -> Iterator[tuple[str, list[float]]]:
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running((*MOCK, *more), more_environment=KEY)) for more in ((), ("--journal", url))
        ]
        calls = [calls_of(stack.enter_context(Account(server))) for server in servers]
        for name in (GET, POST):
            ratios = []
            for number in range(RATIO_ROUNDS):
                start = (number + 1) * 10_000_000
                plain, kept = (cpu_us(one, calls[n][name], start) for n, one in enumerate(servers))
                ratios.append(kept / plain)
                progress(f"  {name}: {plain:.0f} us in memory, {kept:.0f} us with PostgreSQL")
            yield name, ratios


def _gains(single: str, double: str) -> Iterator[tuple[str, list[float]]]:
    """Yield what is called, and requests per second of two workers for one of a single one."""
    with ExitStack() as stack:
        lines = (("--journal", single), ("--journal", double, "--workers", "2"))
        servers = [stack.enter_context(running((*MOCK, *line), more_environment=KEY)) for line in lines]
        calls = [_calls(server, stack) for server in servers]
        for name in (GET, POST):
            gains = []
            for number in range(ROUNDS):
                start = (number + 1) * 10_000_000
                one, two = (drive(server.url, calls[n][name], start=start).rate for n, server in enumerate(servers))
                gains.append(two / one)
                progress(f"  {name}: {one:.0f} a second with one worker, {two:.0f} with two")
            yield name, gains


def _gains_apart(single: str, double: str) -> Iterator[tuple[str, list[float]]]:
    """The same of two servers, each of which gets the calls of worlds of its own."""
    with ExitStack() as stack:
        places = (single, double, double)
        servers = [stack.enter_context(running((*MOCK, "--journal", one), more_environment=KEY)) for one in places]
        calls = [_calls(server, stack, name) for server, name in zip(servers, "abc", strict=True)]
        pool = stack.enter_context(ThreadPoolExecutor(2))
        for name in (GET, POST):
            gains = []
            for number in range(ROUNDS):
                start = (number + 1) * 10_000_000
                one, *two = (
                    partial(drive, server.url, calls[n][name], start=start) for n, server in enumerate(servers)
                )
                alone = one().rate
                both = sum(found.rate for found in pool.map(lambda each: each(), two))
                gains.append(both / alone)
                progress(f"  {name}: {alone:.0f} a second with one server, {both:.0f} with two apart")
            yield name, gains


def _calls(server: Server, stack: ExitStack, name: str = "bench") -> dict[str, Call]:
    """Open worlds, and return calls that go to one after the other."""
    accounts = [stack.enter_context(Account(server, f"{name}-{number}")) for number in range(WORLDS)]
    of_one = calls_of(accounts[0], sites=10)
    bearer, tokens = {"Authorization": "Bearer @id@"}, tuple(account.token for account in accounts)
    onboard = of_one[POST]
    return {
        GET: Call("GET", "/entities/site?limit=1", ids=tokens, headers=bearer),
        POST: Call("POST", ONBOARD, onboard.body, ids=tokens, headers={**onboard.headers, **bearer}),
    }


if __name__ == "__main__":
    print(report().text)
