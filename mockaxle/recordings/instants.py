"""Matches the instants of two servers' answers: those that a request sent literally, others by order and distances.

Another server answers at another time, so the instants that it creates differ, but the distances within an answer must
be those of the recording. If a list has an instant that was sent, such as an end of a charging schedule, the same field
of its other items is compared literally, too, since the mock cuts the schedule there.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from mockaxle.core.timestamps import read_timestamp
from mockaxle.recordings.bodies import read_json, unpacked
from mockaxle.world.entries import Request


class Pair(NamedTuple):
    """An instant of a recorded answer and that of the replay. Shape: place as a JSON pointer."""

    place: str
    recorded: str
    came: str

    @property
    def field(self) -> str:
        """The place without indices, equal for all items of a list."""
        return "/".join("*" if part.isdecimal() else part for part in self.place.split("/"))

    @property
    def shift(self) -> timedelta:
        return _at(self.came) - _at(self.recorded)


@dataclass(slots=True)
class Instants:
    """Learns the instants that were sent, and maps those of the recording to the other server's."""

    _sent: set[datetime] = field(default_factory=set)
    _came_by_recorded: dict[datetime, datetime] = field(default_factory=dict)

    def send(self, request: Request) -> None:
        """Remember the instants of a request: its JSON or form, and its query."""
        body = unpacked(request)
        texts = [*_texts(read_json(body)), *(value for _, value in parse_qsl(request.query))]
        texts += [value for _, value in parse_qsl(body.decode("utf-8", "replace"))]
        self._sent.update(instant.at for instant in map(read_timestamp, texts) if instant)

    def mismatches(self, pairs: Sequence[Pair]) -> Iterator[Pair]:
        """Yield the pairs of an answer that do not match."""
        literal = {pair.field for pair in pairs if _at(pair.recorded) in self._sent}
        matched = [pair for pair in pairs if pair.field not in literal]
        yield from (pair for pair in pairs if pair.field in literal and pair.recorded != pair.came)
        shifts = Counter(pair.shift for pair in matched).most_common(1)
        for pair in matched:
            known = self._came_by_recorded.setdefault(_at(pair.recorded), _at(pair.came))
            if pair.shift != shifts[0][0] or known != _at(pair.came):
                yield pair


def _at(text: str) -> datetime:
    instant = read_timestamp(text)
    assert instant is not None, "only instants are paired"
    return instant.at


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)
