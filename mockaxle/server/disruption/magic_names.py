"""External ids that trigger a fault, for clients that cannot reach control. Source: T2."""

import re
from typing import NamedTuple

from mockaxle.world.faults import Fault, FaultKind, Timing

PREFIX = "mock-"
SLOW_MS = 2000
_NAME = re.compile(
    r"mock-(?P<events>events-)?(?P<what>[45][0-9]{2}|reset|empty|cut|garbage|dribble|slow)-"
    r"(?P<after>after-)?(?:(?P<count>[1-9])x-)?.*",
    re.DOTALL,
)

EXAMPLES = (
    ("mock-503-wallbox", "every call that names it gets 503, and nothing is stored"),
    ("mock-429-2x-wallbox", "the first 2 calls that name it get 429, later ones work; 1 to 9 calls, any 4xx or 5xx"),
    ("mock-503-after-1x-wallbox", "the first call is carried out and stored, but gets 503"),
    ("mock-reset-after-1x-wallbox", "the first call is carried out, but its connection reset; or empty, cut, garbage"),
    ("mock-dribble-wallbox", "answers arrive byte by byte"),
    ("mock-slow-wallbox", f"answers arrive {SLOW_MS // 1000} s late"),
    ("mock-events-503-2x-wallbox", "the first 2 calls below the asset's /event get 503; creating the asset works"),
)


class MagicName(NamedTuple):
    """The fault that a name triggers. Shape: times is None if it always does."""

    fault: Fault
    times: int | None
    on_events: bool


def read_magic_name(external_id: str) -> MagicName | None:
    """Read the fault that an external id triggers; None for an ordinary id."""
    match = _NAME.fullmatch(external_id)
    if match is None:
        return None
    moment = Timing.AFTER if match["after"] else Timing.BEFORE
    count = int(match["count"]) if match["count"] else None
    return MagicName(_fault(match["what"], moment), count, bool(match["events"]))


def _fault(what: str, moment: Timing) -> Fault:
    if what.isdigit():
        return Fault(FaultKind.STATUS, moment, status=int(what))
    if what == "slow":
        return Fault(FaultKind.LATENCY, moment, latency_ms=SLOW_MS)
    kind = FaultKind(what)
    return Fault(kind, moment, latency_ms=SLOW_MS if kind is FaultKind.DRIBBLE else 0)
