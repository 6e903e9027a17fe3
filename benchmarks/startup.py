"""The processor time from the command to the first answer, beside the bare function's."""

import httpx

from benchmarks.servers import BARE, MOCK, running
from benchmarks.spread import Spread

ROUNDS = 9
AIM_MS = 180


def report() -> str:
    pairs = [(_cpu_ms(MOCK, "/__mockaxle/health"), _cpu_ms(BARE, "/")) for _ in range(ROUNDS)]
    over = Spread([mock - bare for mock, bare in pairs])
    return (
        f"To its first answer the mock uses {Spread([mock for mock, _ in pairs]):.0f} ms of processor time, "
        f"{over:.0f} ms more than\nthe bare function. The aim is {AIM_MS} ms more."
    )


def _cpu_ms(command: tuple[str, ...], path: str) -> float:
    with running(command) as server:
        assert httpx.get(server.url + path).status_code == 200
        return server.cpu_seconds * 1000
