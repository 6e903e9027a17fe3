"""The kinds of faults: their fields, their answers, and their effect on a client without a socket.

A new kind needs a row here and its effect: server/disruption/faulting.py makes answers, serving/network.py breaks
connections. Source: T1-T3.
"""

from collections.abc import Mapping
from typing import NamedTuple

from mockaxle.world.faults import FaultKind

LATE = frozenset({"latency_ms", "spread_ms"})
ANSWERED = LATE | {"moment", "status", "detail"}


class KindOfFault(NamedTuple):
    """Shape: takes and needs are fields of a fault, apart from those that select calls.

    `says` and `status` are those of the answer that replaces the call's own; without a status, the fault sets it. An
    answer of the call with one of `statuses` shows that the fault took effect. A kind that does not take `moment` acts
    before the work only. `in_process` is httpx's error with its text, raised if there is no connection to break.
    `breaks` includes faults that only slow a connection down.
    """

    takes: frozenset[str]
    needs: frozenset[str] = frozenset()
    says: str = ""
    status: int | None = None
    statuses: tuple[int, ...] = ()
    breaks: bool = False
    in_process: tuple[str, str] | None = None


def _broken(error: str, text: str) -> KindOfFault:
    return KindOfFault(ANSWERED, breaks=True, in_process=(error, text))


KINDS: Mapping[FaultKind, KindOfFault] = {
    FaultKind.STATUS: KindOfFault(ANSWERED | {"retry_after_seconds"}, says="The mock was told to fail here"),
    FaultKind.RATE_LIMIT: KindOfFault(
        frozenset({"calls", "per_seconds", "detail"}),
        needs=frozenset({"calls", "per_seconds"}),
        says="Too many requests from this account",
        status=429,
    ),
    FaultKind.LATENCY: KindOfFault(LATE | {"moment"}, needs=frozenset({"latency_ms"})),
    FaultKind.REVOKE_TOKEN: KindOfFault(LATE | {"moment"}, statuses=(401,)),
    FaultKind.METER_PROVIDER: KindOfFault(LATE | {"answer"}, statuses=(503, 504)),
    FaultKind.RESET: _broken("ReadError", "the connection was reset"),
    FaultKind.EMPTY: _broken("RemoteProtocolError", "the server disconnected without sending a response"),
    FaultKind.CUT: _broken("RemoteProtocolError", "the peer closed the connection without sending the complete body"),
    FaultKind.GARBAGE: _broken("RemoteProtocolError", "the server sent no valid HTTP"),
    FaultKind.DRIBBLE: KindOfFault(ANSWERED, breaks=True),
}
