"""`make bench`: prints the figures, or those of the parts that are named."""

import sys
from collections.abc import Callable

from benchmarks import growth, holds, memory, pauses, startup, throughput

PARTS: dict[str, Callable[[], str]] = {
    "throughput": throughput.report,
    "holds": holds.report,
    "pauses": pauses.report,
    "startup": startup.report,
    "memory": memory.report,
    "growth": growth.report,
}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        print(f"\n{PARTS[name]()}", flush=True)


if __name__ == "__main__":
    main()
