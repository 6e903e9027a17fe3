"""An answer of a server that may send anything."""

from dataclasses import dataclass
from typing import Any

import httpx

from mockaxle.client.bounded_json import bounded_json
from mockaxle.core.limits import MAX_JSON_VALUES

LONGEST_PAUSE_DIGITS = 9


@dataclass(frozen=True, slots=True)
class ClientResponse:
    """Shape: body is unpacked and within the limits of the call."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8, whatever the server calls it."""
        return self.body.decode("utf-8", "replace")

    def json(self, *, max_values: int = MAX_JSON_VALUES) -> Any:
        """The value of the body. Raises: ValueError where it has none, or one that is too large or too deep."""
        return bounded_json(self.body, max_values=max_values)

    def field(self, name: str) -> Any:
        """A field of the object that the body is, None where there is none."""
        try:
            value = self.json()
        except ValueError:
            return None
        return value.get(name) if isinstance(value, dict) else None

    def retry_after_seconds(self) -> int | None:
        """The whole seconds, at least one, that Retry-After names."""
        text = self.headers.get("retry-after", "")
        is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_PAUSE_DIGITS
        return max(int(text), 1) if is_number else None
