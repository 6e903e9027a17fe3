"""The memory of a site with a charger: of a world's state alone, and of the process with the log's earlier states."""

import gc
import subprocess
import sys
from pathlib import Path

from benchmarks.growth import grow
from benchmarks.markdown import paragraph
from benchmarks.part import Aim, Part
from benchmarks.servers import MOCK, Account, running
from benchmarks.spread import Spread
from mockaxle.core.clock import EPOCH
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.shipped import default
from mockaxle.world.opening import new_world

WARM_UP, SITES, FULL_LOG = 200, 10_000, 12_000
AIM_KB = 3.5


def report() -> Part:
    command = [sys.executable, "-m", "benchmarks.memory"]
    state = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    served_kb = _served() / 1000
    text = (
        f"At {SITES:,} sites a site with a charger takes {state / 1000:.1f} kB in the state. With the earlier states "
        f"that a full log keeps, it takes {served_kb:.1f} kB of the server's memory. The aim is {AIM_KB} kB "
        "with the log."
    )
    aim = Aim("memory of a site with a charger, with a full log", Spread([served_kb]), AIM_KB, "kB", digits=1)
    return Part("Memory", paragraph(text), (aim,))


def _served() -> float:
    """Return the bytes per site of a server. Before and after, its log is full of entries that have the same state."""
    with running(MOCK) as server, Account(server) as account:
        for _ in range(FULL_LOG):
            account.onboard(0)
        before = server.resident_bytes
        for number in range(SITES):
            account.onboard(number)
        for _ in range(FULL_LOG):
            account.onboard(0)
        return (server.resident_bytes - before) / SITES


def _resident_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmRSS"))


def main() -> None:
    """Print the bytes per site of a state, in a process of its own."""
    world = new_world(blueprint(default()), "memory", server_seed="bench", real=EPOCH)
    state = grow(world.state, start=0, to=WARM_UP)
    gc.collect()
    before = _resident_bytes()
    state = grow(state, start=WARM_UP, to=WARM_UP + SITES)
    gc.collect()
    print((_resident_bytes() - before) // (len(state.sites) - WARM_UP))


if __name__ == "__main__":
    main()
