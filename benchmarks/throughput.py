"""Requests per second and processor time per request, beside those of a bare ASGI function."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.calls import FIXED, calls_of
from benchmarks.load import CONNECTIONS, HAS_WRK, SECONDS, Call, drive
from benchmarks.markdown import paragraph, table
from benchmarks.part import Aim, Part, progress
from benchmarks.servers import BARE, MOCK, Account, Server, running
from benchmarks.spread import Spread

ROUNDS = 5
AIMS = {"GET a site": 0.45, "plug-in-schedule": 0.28, "onboard of a new site": 0.18}
"""Shares of the bare function's requests per second."""

P99_AIMS_MS = {"onboard of a new site": 10}


@dataclass
class Figures:
    """What was measured of a call, round by round. Units: microseconds of processor time, milliseconds."""

    share: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)


def measure(names: Collection[str] = ()) -> tuple[dict[str, Figures], list[float]]:
    """Drive both servers in turn with each call, or with those named. Returns the bare function's CPU times, too."""
    with running(BARE) as bare, running(MOCK) as mock, Account(mock) as account:
        calls = {name: call for name, call in calls_of(account).items() if not names or name in names}
        found, fixed = {name: Figures() for name in calls}, Figures()
        for number in range(ROUNDS):
            for name, call in calls.items():
                base = _one(bare, FIXED, fixed, start=0)
                rate = _one(mock, call, found[name], start=(number + 1) * 10_000_000)
                found[name].share.append(rate / base)
                progress(f"  {name}: {rate:.0f}/s, {rate / base:.2f} of {base:.0f}/s")
    return found, fixed.cpu_us


def _one(server: Server, call: Call, figures: Figures, *, start: int) -> float:
    """Return the rate in requests per second."""
    before = server.cpu_seconds
    driven = drive(server.url, call, start=start)
    figures.cpu_us.append((server.cpu_seconds - before) / driven.requests * 1e6)
    figures.p99_ms.append(driven.p99_ms)
    return driven.rate


def report(names: Collection[str] = ()) -> Part:
    found, bare = measure(names)
    return part_of(found, bare=bare)


def part_of(found: Mapping[str, Figures], *, bare: Sequence[float]) -> Part:
    """Write figures by call. Shape: `bare` are the bare function's processor times."""
    return Part("Throughput", _text(found, bare), tuple(_aims(found)))


def _text(found: Mapping[str, Figures], bare: Sequence[float]) -> str:
    rows = [
        (name, f"{Spread(one.share):.3f}", f"{Spread(one.cpu_us):.0f}", f"{Spread(one.p99_ms):.1f}", _aim(name))
        for name, one in found.items()
    ]
    client = "wrk" if HAS_WRK else "a client in Python, which is slower than the bare function"
    text = (
        f"Both servers are driven in turn by {client}, {SECONDS:g} s for each call with {CONNECTIONS} connections, in "
        f"{ROUNDS} rounds. Ids vary over 1,000 sites. A figure is the median, with the lowest and the highest round "
        f"in brackets. A request costs the bare function {Spread(bare):.0f} µs of processor time."
    )
    headings = ("call", "share of the bare requests/s", "processor time, µs", "p99, ms", "aim of the share")
    return f"{paragraph(text)}\n\n{table(headings, rows)}"


def _aim(name: str) -> str:
    return f"{AIMS[name]:.2f}" if name in AIMS else ""


def _aims(found: Mapping[str, Figures]) -> Iterator[Aim]:
    for name, aim in AIMS.items():
        if name in found:
            measured = Spread(found[name].share)
            yield Aim(f"{name}, share of the bare requests/s", measured, aim, digits=2, at_least=True)
    for name, aim_ms in P99_AIMS_MS.items():
        if name in found:
            yield Aim(f"{name}, p99", Spread(found[name].p99_ms), aim_ms, "ms", digits=1)
