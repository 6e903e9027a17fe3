"""The processor time from the command to the first answer, beside the bare function's.

Modules are compiled before it is measured, as by an installation.
"""

from tempfile import TemporaryDirectory

import httpx

from benchmarks.markdown import paragraph
from benchmarks.part import Aim, Part
from benchmarks.servers import BARE, MOCK, running
from benchmarks.spread import Spread

ROUNDS = 9
AIM_MS = 180


def report() -> Part:
    with TemporaryDirectory() as folder:
        prefix = ("env", "--unset=PYTHONDONTWRITEBYTECODE", f"PYTHONPYCACHEPREFIX={folder}")
        _pair(prefix)
        pairs = [_pair(prefix) for _ in range(ROUNDS)]
    over = Spread([mock - bare for mock, bare in pairs])
    text = (
        f"To its first answer the mock uses {Spread([mock for mock, _ in pairs]):.0f} ms of processor time, "
        f"{over:.0f} ms more than the bare function. The aim is {AIM_MS} ms more."
    )
    aim = Aim("processor time to the first answer, above the bare function's", over, AIM_MS, "ms")
    return Part("Start-up", paragraph(text), (aim,))


def _pair(prefix: tuple[str, ...]) -> tuple[float, float]:
    return _cpu_ms(MOCK, "/__mockaxle/health", prefix), _cpu_ms(BARE, "/", prefix)


def _cpu_ms(command: tuple[str, ...], path: str, prefix: tuple[str, ...]) -> float:
    with running(command, prefix=prefix) as server:
        assert httpx.get(server.url + path).status_code == 200
        return server.cpu_seconds * 1000
