"""What another server calls what a recording names: ids, instants and tokens, matched as they first appear."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockaxle.core.timestamps import read_timestamp
from mockaxle.exchange import BASE_MARK, TOKEN_MARK

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
METER_REF = re.compile(r"[0-9]{1,9}-[0-9a-f]{16}")
NAMES = re.compile(f"{UUID.pattern}|{METER_REF.pattern}", re.IGNORECASE)
"""What a server makes up and a client sends back."""

TOKEN, BASE = TOKEN_MARK.decode(), BASE_MARK.decode()


class Unlike(NamedTuple):
    """Where two answers differ. Shape: place is a JSON pointer."""

    place: str
    recorded: str
    came: str


@dataclass(slots=True)
class Names:
    """Learns from answers, and puts what it learnt into requests."""

    _there: dict[str, str] = field(default_factory=dict)
    _here: dict[str, str] = field(default_factory=dict)

    def translated(self, text: str) -> str:
        """The text with the other server's names in it."""
        return NAMES.sub(lambda match: self._there.get(match[0], match[0]), text)

    def compare(self, recorded: Any, came: Any, *, place: str = "") -> Iterator[Unlike]:
        """Where two JSON values differ, but for names that are matched one to one."""
        if isinstance(recorded, dict) and isinstance(came, dict):
            for key in (*recorded, *(key for key in came if key not in recorded)):
                yield from self._member(recorded, came, key=key, place=f"{place}/{_escaped(key)}")
        elif isinstance(recorded, list) and isinstance(came, list):
            if len(recorded) != len(came):
                yield Unlike(place, f"{len(recorded)} items", f"{len(came)} items")
            for number, pair in enumerate(zip(recorded, came, strict=False)):
                yield from self.compare(*pair, place=f"{place}/{number}")
        elif not self._same(recorded, came):
            yield Unlike(place, _shown(recorded), _shown(came))

    def _member(
        self, recorded: Mapping[str, Any], came: Mapping[str, Any], *, key: str, place: str
    ) -> Iterator[Unlike]:
        if key not in came:
            yield Unlike(place, _shown(recorded[key]), "absent")
        elif key not in recorded:
            yield Unlike(place, "absent", _shown(came[key]))
        else:
            yield from self.compare(recorded[key], came[key], place=place)

    def _same(self, recorded: Any, came: Any) -> bool:
        if isinstance(recorded, str) and isinstance(came, str) and _kind(recorded) is not None:
            if TOKEN in recorded:
                return bool(came)
            if recorded.startswith(BASE):
                return "://" in came and came.endswith(recorded.removeprefix(BASE))
            return _kind(recorded) == _kind(came) and self._match(recorded, came)
        return (type(recorded) is type(came) and bool(recorded == came)) or _are_equal_numbers(recorded, came)

    def _match(self, recorded: str, came: str) -> bool:
        if recorded not in self._there and came not in self._here:
            self._there[recorded], self._here[came] = came, recorded
        return self._there.get(recorded) == came


def _kind(text: str) -> str | None:
    """What a text names, where another server would name it otherwise."""
    if TOKEN in text:
        return "token"
    if text.startswith(BASE):
        return "link"
    if UUID.fullmatch(text):
        return "id"
    if METER_REF.fullmatch(text):
        return "ref"
    return "instant" if read_timestamp(text) is not None else None


def _are_equal_numbers(recorded: Any, came: Any) -> bool:
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (recorded, came))
    return numbers and bool(recorded == came)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
