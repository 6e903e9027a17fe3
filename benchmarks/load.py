"""Load on a server: by wrk if it is installed, else by a client in Python."""

import re
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import quantiles
from urllib.parse import urlsplit

CONNECTIONS = 16
SECONDS = 3

SCRIPT = """
local number = {start}
request = function()
  number = number + 1
  local body = string.gsub([==[{body}]==], "@number@", string.format("%013d", number))
  local headers = {{["Authorization"] = "Bearer {token}", ["Content-Type"] = "application/json"}}
  return wrk.format("{verb}", "{path}", headers, body)
end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %f %f %d\\n", summary.requests / summary.duration * 1e6, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write
      + summary.errors.timeout))
end
"""


@dataclass(frozen=True)
class Call:
    """A request that is sent repeatedly. Shape: `@number@` in the body is a new number each time."""

    verb: str
    path: str
    token: str = ""
    body: str = ""


@dataclass(frozen=True)
class Measured:
    """Units: requests per second, milliseconds."""

    rate: float
    p99_ms: float


def drive(url: str, call: Call, *, start: int) -> Measured:
    """Send a call for SECONDS over CONNECTIONS connections; numbers count from `start`."""
    return _wrk(url, call, start=start) if shutil.which("wrk") else _python(url, call, start=start)


def _wrk(url: str, call: Call, *, start: int) -> Measured:
    script = SCRIPT.format(start=start, body=call.body, verb=call.verb, path=call.path, token=call.token)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", file.name, url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"RESULT (\S+) (\S+) (\d+)", done.stdout)
    assert found, done.stdout
    assert found[3] == "0", f"{found[3]} answers of {call.path} were errors"
    return Measured(float(found[1]), float(found[2]))


def _python(url: str, call: Call, *, start: int) -> Measured:
    latencies: list[float] = []
    until = time.perf_counter() + SECONDS

    def client(worker: int) -> None:
        connection, number = HTTPConnection(urlsplit(url).netloc), start + worker
        headers = {"Authorization": f"Bearer {call.token}", "Content-Type": "application/json"}
        while (began := time.perf_counter()) < until:
            number += CONNECTIONS
            connection.request(call.verb, call.path, call.body.replace("@number@", f"{number:013}"), headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            latencies.append(time.perf_counter() - began)

    workers = [threading.Thread(target=client, args=(worker,)) for worker in range(CONNECTIONS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return Measured(len(latencies) / SECONDS, quantiles(latencies, n=100)[98] * 1000)
