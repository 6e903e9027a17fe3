"""What a server answered to one call."""

from dataclasses import dataclass
from typing import Any

import httpx

from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.world.entries import Exchange

SHOWN = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """Shape: json is None where the body is none; text without the token that it may give; curl repeats the call."""

    operation: str
    status: int
    headers: httpx.Headers
    text: str
    json: Json
    exchange: Exchange
    curl: str

    @property
    def shown(self) -> str:
        return f"{self.status} {self.text[:SHOWN]}".rstrip()

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    def value(self, *keys: str | int) -> Any:
        """What the body holds at a place, or None."""
        found: Any = self.json
        for key in keys:
            try:
                found = found[key]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def text_at(self, *keys: str | int) -> str | None:
        """The text at a place, or None where there is none."""
        found = self.value(*keys)
        return found if isinstance(found, str) else None

    def list_at(self, *keys: str | int) -> list[Json]:
        """The list at a place; null and anything else count as an empty one."""
        found = self.value(*keys)
        return found if isinstance(found, list) else []

    def texts_at(self, *keys: str | int) -> set[str]:
        """The texts of the list at a place, in no order."""
        return {one for one in self.list_at(*keys) if isinstance(one, str)}

    def objects_at(self, *keys: str | int) -> list[JsonObject]:
        """The objects of the list at a place."""
        return [one for one in self.list_at(*keys) if isinstance(one, dict)]
