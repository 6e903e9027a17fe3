"""Matches names that servers create (ids, refs and tokens) between a recording and another server."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockaxle.core.timestamps import read_timestamp
from mockaxle.recordings.instants import Instants, Pair
from mockaxle.world.entries import BASE_MARK, TOKEN_MARK

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
METER_REF = re.compile(r"[0-9]{1,9}-[0-9a-f]{16}")
NAMES = re.compile(f"{UUID.pattern}|{METER_REF.pattern}", re.IGNORECASE)
"""Names that a server creates and a client sends back."""

TOKEN, BASE = TOKEN_MARK.decode(), BASE_MARK.decode()


class Mismatch(NamedTuple):
    """A difference of two answers. Shape: place is a JSON pointer."""

    place: str
    recorded: str
    came: str


@dataclass(slots=True)
class Names:
    """Learns names from answers and inserts them into requests. Shape: matched counts different names by kind."""

    instants: Instants = field(default_factory=Instants)
    matched: Counter[str] = field(default_factory=Counter)
    _came_by_recorded: dict[str, str] = field(default_factory=dict)
    _recorded_by_came: dict[str, str] = field(default_factory=dict)

    def translated(self, text: str) -> str:
        """Replace the recording's names in a text with the other server's."""
        return NAMES.sub(lambda match: self._came_by_recorded.get(match[0], match[0]), text)

    def compare(self, recorded: Any, came: Any) -> Iterator[Mismatch]:
        """Yield differences of two JSON values, except names matched one to one, and instants."""
        pairs: list[Pair] = []
        yield from self._compare(recorded, came, pairs=pairs)
        mismatches = list(self.instants.mismatches(pairs))
        self.matched["instants"] += sum(pair.recorded != pair.came for pair in pairs) - len(mismatches)
        yield from (Mismatch(pair.place, _shown(pair.recorded), _shown(pair.came)) for pair in mismatches)

    def _compare(self, recorded: Any, came: Any, *, pairs: list[Pair], place: str = "") -> Iterator[Mismatch]:
        if isinstance(recorded, dict) and isinstance(came, dict):
            for key in (*recorded, *(key for key in came if key not in recorded)):
                yield from self._member(recorded, came, key=key, place=f"{place}/{_escaped(key)}", pairs=pairs)
        elif isinstance(recorded, list) and isinstance(came, list):
            if len(recorded) != len(came):
                yield Mismatch(place, f"{len(recorded)} items", f"{len(came)} items")
            for number, (was, now) in enumerate(zip(recorded, came, strict=False)):
                yield from self._compare(was, now, pairs=pairs, place=f"{place}/{number}")
        elif _is_instant(recorded) and _is_instant(came):
            pairs.append(Pair(place, recorded, came))
        elif not self._same(recorded, came):
            yield Mismatch(place, _shown(recorded), _shown(came))

    def _member(
        self, recorded: Mapping[str, Any], came: Mapping[str, Any], *, key: str, place: str, pairs: list[Pair]
    ) -> Iterator[Mismatch]:
        if key not in came:
            yield Mismatch(place, _shown(recorded[key]), "absent")
        elif key not in recorded:
            yield Mismatch(place, "absent", _shown(came[key]))
        else:
            yield from self._compare(recorded[key], came[key], pairs=pairs, place=place)

    def _same(self, recorded: Any, came: Any) -> bool:
        kind = _kind(recorded) if isinstance(recorded, str) and isinstance(came, str) else None
        if kind is None:
            return (type(recorded) is type(came) and bool(recorded == came)) or _are_equal_numbers(recorded, came)
        is_matched = self._matches(kind, recorded, came)
        self.matched[kind] += is_matched and recorded != came
        return is_matched

    def _matches(self, kind: str, recorded: str, came: str) -> bool:
        if kind == "tokens":
            return bool(came)
        if kind == "links":
            return "://" in came and came.endswith(recorded.removeprefix(BASE))
        return kind == _kind(came) and self._match(recorded, came)

    def _match(self, recorded: str, came: str) -> bool:
        if recorded not in self._came_by_recorded and came not in self._recorded_by_came:
            self._came_by_recorded[recorded], self._recorded_by_came[came] = came, recorded
        return self._came_by_recorded.get(recorded) == came


def _kind(text: str) -> str | None:
    """Tell the kind of a name, in the plural; None if it is the same on every server."""
    if TOKEN in text:
        return "tokens"
    if text.startswith(BASE):
        return "links"
    if UUID.fullmatch(text):
        return "ids"
    return "refs" if METER_REF.fullmatch(text) else None


def _is_instant(value: Any) -> bool:
    return isinstance(value, str) and read_timestamp(value) is not None


def _are_equal_numbers(recorded: Any, came: Any) -> bool:
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (recorded, came))
    return numbers and bool(recorded == came)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
