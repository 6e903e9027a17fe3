"""Print the memory of a world's state per site with a charger, without the log. Units: bytes."""

import gc
from pathlib import Path

from benchmarks.growth import grow
from mockaxle.core.clock import EPOCH
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.shipped import default
from mockaxle.world.opening import new_world

WARM_UP, SITES = 200, 10_000


def resident_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmRSS"))


def main() -> None:
    world = new_world(blueprint(default()), "memory", server_seed="bench", real=EPOCH)
    state = grow(world.state, start=0, to=WARM_UP)
    gc.collect()
    before = resident_bytes()
    state = grow(state, start=WARM_UP, to=WARM_UP + SITES)
    gc.collect()
    print((resident_bytes() - before) // (len(state.sites) - WARM_UP))


if __name__ == "__main__":
    main()
