"""A server's answer to one call."""

from dataclasses import dataclass
from typing import Any

import httpx

from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.world.entries import Exchange

SHOWN = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """Shape: json is None if the body is not JSON; text lacks a token that it contained; curl repeats the call."""

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
        """Return the value at a place, or None."""
        found: Any = self.json
        for key in keys:
            try:
                found = found[key]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def text_at(self, *keys: str | int) -> str | None:
        """Return the text at a place, or None."""
        found = self.value(*keys)
        return found if isinstance(found, str) else None

    def list_at(self, *keys: str | int) -> list[Json]:
        """Return the list at a place; anything else counts as an empty list."""
        found = self.value(*keys)
        return found if isinstance(found, list) else []

    def texts_at(self, *keys: str | int) -> set[str]:
        """Return the texts of the list at a place, without order."""
        return {one for one in self.list_at(*keys) if isinstance(one, str)}

    def objects_at(self, *keys: str | int) -> list[JsonObject]:
        """Return the objects of the list at a place."""
        return [one for one in self.list_at(*keys) if isinstance(one, dict)]
