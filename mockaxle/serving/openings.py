"""Counts the worlds that each peer opened within the last minute."""

from collections import OrderedDict, deque
from math import ceil

from mockaxle.core.limits import MAX_PEERS, OPENINGS_SPAN_SECONDS


class Openings:
    """A sliding window for each peer. Units: instants in seconds of the machine's clock.

    Shape: `limit` is the number of worlds a minute, None for no limit.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._recent: OrderedDict[str, deque[float]] = OrderedDict()

    def retry_after(self, peer: str, *, now: float) -> int:
        """Return the seconds until the peer may open another world; 0 for at once."""
        recent = self._recent.get(peer)
        if recent is None or len(recent) != self._limit:
            return 0
        age = now - recent[0]
        return ceil(OPENINGS_SPAN_SECONDS - age) if 0 <= age < OPENINGS_SPAN_SECONDS else 0

    def count(self, peer: str, *, now: float) -> None:
        """Count a new world. Expired instants are dropped; at most `limit` are kept."""
        if self._limit is None:
            return
        recent = self._recent.setdefault(peer, deque(maxlen=self._limit))
        while recent and now - recent[0] >= OPENINGS_SPAN_SECONDS:
            recent.popleft()
        recent.append(now)
        self._recent.move_to_end(peer)
        if len(self._recent) > MAX_PEERS:
            self._recent.popitem(last=False)
