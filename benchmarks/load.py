"""Load on a server: by wrk if it is installed, else by a client in Python."""

import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

CONNECTIONS = 16
SECONDS: float = 2  # whole for wrk
HAS_WRK = shutil.which("wrk") is not None

SCRIPT = """
local verb, path, ids = %(verb)s, %(path)s, { %(ids)s }
local number, headers = %(start)d, { %(headers)s }
local file = io.open(%(file)s, "rb")
local body = file:read("*a")
file:close()
local body_varies = body:find("@number@", 1, true) or body:find("@id@", 1, true)
local bearer = headers["Authorization"] or ""
local account_varies = bearer:find("@id@", 1, true)

local function filled(text)
  local id = #ids > 0 and ids[number %% #ids + 1] or ""
  return (text:gsub("@number@", string.format("%%013d", number)):gsub("@id@", id))
end

request = function()
  number = number + 1
  if account_varies then headers["Authorization"] = filled(bearer) end
  return wrk.format(verb, filled(path), headers, body_varies and filled(body) or body)
end

done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %%f %%f %%d %%d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(99) / 1000, summary.requests,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
"""


@dataclass(frozen=True)
class Call:
    """A request that is sent repeatedly.

    Shape: in the path, the headers and the body `@id@` is one of `ids`, in turn, and `@number@` a new number each time.
    """

    verb: str
    path: str
    body: bytes = b""
    ids: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def at(self, number: int) -> tuple[str, str, bytes, dict[str, str]]:
        """Return the verb, path, body and headers of one request."""
        return (
            self.verb,
            self._filled(self.path.encode(), number).decode(),
            self._filled(self.body, number),
            {name: self._filled(value.encode(), number).decode() for name, value in self.headers.items()},
        )

    def _filled(self, text: bytes, number: int) -> bytes:
        id = self.ids[number % len(self.ids)] if self.ids else ""
        return text.replace(b"@number@", b"%013d" % number).replace(b"@id@", id.encode())


@dataclass(frozen=True)
class Measured:
    """Units: requests per second, milliseconds."""

    rate: float
    p99_ms: float
    requests: int


def drive(url: str, call: Call, *, start: int, seconds: float = SECONDS) -> Measured:
    """Send a call over CONNECTIONS connections; numbers count from `start`.

    Raises: AssertionError if an answer is an error.
    """
    by = by_wrk if HAS_WRK else by_python
    return by(url, call, start=start, seconds=seconds)


def by_wrk(url: str, call: Call, *, start: int, seconds: float, prefix: Sequence[str] = ()) -> Measured:
    """Send a call by wrk, with a prefix to its command. Units: whole seconds."""
    with tempfile.TemporaryDirectory() as folder:
        body, script = Path(folder, "body"), Path(folder, "call.lua")
        body.write_bytes(call.body)
        script.write_text(_script(call, body, start=start))
        command = [*prefix, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", str(script), url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"RESULT (\S+) (\S+) (\d+) (\d+)", done.stdout)
    assert found, done.stdout
    assert found[4] == "0", f"{found[4]} answers of {call.path} were errors"
    return Measured(float(found[1]), float(found[2]), int(found[3]))


def _script(call: Call, body: Path, *, start: int) -> str:
    """Write the call in Lua, whose strings are written as those of JSON."""
    headers = ", ".join(f"[{json.dumps(name)}] = {json.dumps(value)}" for name, value in call.headers.items())
    facts = {"verb": json.dumps(call.verb), "path": json.dumps(call.path), "file": json.dumps(str(body))}
    return SCRIPT % {**facts, "ids": ", ".join(map(json.dumps, call.ids)), "start": start, "headers": headers}


def by_python(url: str, call: Call, *, start: int, seconds: float) -> Measured:
    latencies: list[float] = []
    until = time.perf_counter() + seconds

    def client(worker: int) -> None:
        connection, number = HTTPConnection(urlsplit(url).netloc), start + worker
        while (began := time.perf_counter()) < until:
            number += CONNECTIONS
            connection.request(*call.at(number))
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            latencies.append(time.perf_counter() - began)
        connection.close()

    workers = [threading.Thread(target=client, args=(worker,)) for worker in range(CONNECTIONS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return Measured(len(latencies) / seconds, quantiles(latencies, n=100)[98] * 1000, len(latencies))
