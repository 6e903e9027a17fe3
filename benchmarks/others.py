"""Other mock servers beside this one: WireMock, Prism and Mockoon, installed from the npm registry into build/others.

Prism and Mockoon read the document of the API. WireMock reads none: it gets a stub of each call, with the body that
this mock answers.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory

import httpx

from benchmarks.calls import calls_of
from benchmarks.load import CONNECTIONS, HAS_WRK, SECONDS, Call, Measured, by_wrk
from benchmarks.markdown import paragraph, table
from benchmarks.part import Part, progress
from benchmarks.servers import BARE, MOCK, Account, Server, pinned, running
from benchmarks.spread import Spread

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "others"
MODULES = FOLDER / "node_modules"
CONTRACT = ROOT / "contracts" / "axle.openapi.json"
TITLE = "Beside other mock servers"
ROUNDS, WARM_UP_SECONDS, START_SECONDS = 5, 6, 60
NAMES = ("GET a site", "onboard of a new site")


def _wiremock(port: int, stubs: Path) -> tuple[str, ...]:
    jar = next((MODULES / "wiremock" / "build").glob("wiremock-standalone-*.jar"))
    quiet = ("--no-request-journal", "--disable-request-logging", "--disable-banner")
    return ("java", "-jar", str(jar), *quiet, "--bind-address=127.0.0.1", f"--port={port}", f"--root-dir={stubs}")


def _prism(port: int, stubs: Path) -> tuple[str, ...]:
    program = str(MODULES / ".bin" / "prism")
    return ("node", program, "mock", str(CONTRACT), "--host=127.0.0.1", f"--port={port}", "--verboseLevel=silent")


def _mockoon(port: int, stubs: Path) -> tuple[str, ...]:
    program = str(MODULES / ".bin" / "mockoon-cli")
    quiet = ("--disable-log-to-file", "--disable-admin-api")
    return ("node", program, "start", f"--data={CONTRACT}", *quiet, "--hostname=127.0.0.1", f"--port={port}")


@dataclass(frozen=True)
class Other:
    """Another mock server. Shape: `package` is its name at npm; `command` takes a port and the folder of stubs."""

    name: str
    package: str
    major: int
    program: str
    command: Callable[[int, Path], tuple[str, ...]]

    @property
    def folder(self) -> Path:
        return MODULES / self.package

    @property
    def missing(self) -> str | None:
        """The first program that is missing, of those that it needs."""
        programs = (self.program,) if self.folder.is_dir() else (self.program, "npm")
        return next((program for program in programs if shutil.which(program) is None), None)

    def __str__(self) -> str:
        return f"{self.name} {json.loads((self.folder / 'package.json').read_text(encoding='utf-8'))['version']}"


OTHERS = (
    Other("WireMock", "wiremock", 3, "java", _wiremock),
    Other("Prism", "@stoplight/prism-cli", 5, "node", _prism),
    Other("Mockoon", "@mockoon/cli", 9, "node", _mockoon),
)


@dataclass(frozen=True)
class Candidate:
    """A server that runs, the calls that it answers, and what was measured of each, round by round."""

    name: str
    server: Server
    calls: Mapping[str, Call]
    measured: dict[str, list[Measured]] = field(default_factory=lambda: defaultdict(list))

    def drive(self, *, start: int, seconds: float) -> Iterator[tuple[str, Measured]]:
        for name, call in self.calls.items():
            yield name, by_wrk(self.server.url, call, start=start, seconds=seconds, prefix=pinned(1))

    def row(self) -> list[str]:
        cells = [self.name]
        for name in NAMES:
            rounds = self.measured[name]
            rates, p99s_ms = Spread([one.rate for one in rounds]), Spread([one.p99_ms for one in rounds])
            cells += [f"{rates:.0f}", f"{p99s_ms:.1f}"] if rounds else ["not answered", ""]
        return [*cells, f"{self.server.resident_bytes / 1e6:.0f}"]


def report() -> Part:
    if not HAS_WRK:
        return Part(TITLE, "wrk is missing, which drives the servers that are compared.")
    others = [other for other in OTHERS if other.missing is None]
    install(others)
    with ExitStack() as stack:
        candidates = [*_candidates(stack, others)]
        for candidate in candidates:
            progress(f"  {candidate.name}: warm-up")
            for _ in candidate.drive(start=0, seconds=WARM_UP_SECONDS):
                pass
        for number in range(1, ROUNDS + 1):
            for candidate in candidates:
                for name, one in candidate.drive(start=number * 10_000_000, seconds=SECONDS):
                    candidate.measured[name].append(one)
                    progress(f"  {candidate.name}, {name}: {one.rate:.0f}/s")
        rows = [candidate.row() for candidate in candidates]
    headings = ["server"]
    for name in NAMES:
        headings += [f"{name}, requests/s", "p99, ms"]
    return Part(TITLE, f"{about(others)}\n\n{table([*headings, 'resident memory, MB'], rows)}")


def about(others: Sequence[Other]) -> str:
    pins = "One core runs the server, another one wrk" if pinned(1) else "The servers and wrk share the cores"
    skipped = [f"{other.name} is left out: {other.missing} is missing." for other in OTHERS if other.missing]
    programs = [_version(program) for program in sorted({other.program for other in others})]
    return paragraph(
        "The others keep no state: WireMock answers a fixed stub, Prism a fixed example and Mockoon random values of "
        "the document's types, whereas mockaxle applies the API's rules to a world and logs each call. WireMock runs "
        f"without its journal of requests. {pins}, with {CONNECTIONS} connections. Each server is warmed "
        f"up for {WARM_UP_SECONDS} s with each call; {ROUNDS} rounds follow, in which each server in turn is driven "
        f"for {SECONDS:g} s with each call. Memory is that after the last round, when mockaxle has kept "
        "all sites that it onboarded. " + " ".join([*skipped, f"Programs: {', '.join(programs)}." if programs else ""])
    )


def _version(program: str) -> str:
    printed = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return f"{program} ({printed.splitlines()[0]})"


def install(others: Sequence[Other]) -> None:
    """Install those that are not installed yet."""
    packages = [f"{other.package}@{other.major}" for other in others if not other.folder.is_dir()]
    if packages:
        progress(f"  installing {', '.join(packages)} into {FOLDER.relative_to(ROOT)}")
        FOLDER.mkdir(parents=True, exist_ok=True)
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        subprocess.run(["npm", "install", f"--prefix={FOLDER}", *options, *packages], check=True)


def _candidates(stack: ExitStack, others: Sequence[Other]) -> Iterator[Candidate]:
    """Start the servers. They end with the stack."""
    mock = stack.enter_context(running(MOCK, prefix=pinned(0)))
    account = stack.enter_context(Account(mock))
    calls = {name: call for name, call in calls_of(account).items() if name in NAMES}
    yield Candidate("bare ASGI function", stack.enter_context(running(BARE, prefix=pinned(0))), calls)
    yield Candidate("mockaxle", mock, calls)
    stubs = Path(stack.enter_context(TemporaryDirectory()))
    write_stubs(stubs, [(call, answer_of(mock, call).text) for call in calls.values()])
    for other in others:
        progress(f"  {other} starts")
        port = free_port()
        server = stack.enter_context(started([*pinned(0), *other.command(port, stubs)], port))
        answered = {name: call for name, call in calls.items() if answer_of(server, call).status_code == 200}
        yield Candidate(str(other), server, answered)


def answer_of(server: Server, call: Call) -> httpx.Response:
    verb, path, body, headers = call.at(0)
    return httpx.request(verb, server.url + path, content=body, headers=headers, timeout=30)


def write_stubs(folder: Path, answers: Iterable[tuple[Call, str]]) -> None:
    """Write the stubs of WireMock. Shape: calls, each with the body of its answer."""
    mappings = [
        {
            "request": {"method": call.verb, "urlPathPattern": "[^/]+".join(map(re.escape, call.path.split("@id@")))},
            "response": {"status": 200, "headers": {"Content-Type": "application/json"}, "body": body},
        }
        for call, body in answers
    ]
    (folder / "mappings").mkdir()
    (folder / "mappings" / "calls.json").write_text(json.dumps({"mappings": mappings}), encoding="utf-8")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@contextmanager
def started(command: Sequence[str], port: int) -> Iterator[Server]:
    """Run a server in a process group of its own until the block ends. Raises: RuntimeError if it does not listen."""
    with subprocess.Popen(command, stdout=DEVNULL, start_new_session=True) as process:
        try:
            _wait_for(process, port)
            yield Server(f"http://127.0.0.1:{port}", process.pid)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}")
