"""The answer of a server that cannot be trusted."""

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
        """The body as UTF-8, whatever charset the server names."""
        return self.body.decode("utf-8", "replace")

    def json(self, *, max_values: int = MAX_JSON_VALUES) -> Any:
        """Read the body as JSON. Raises: ValueError, also if it is too large or too deep."""
        return bounded_json(self.body, max_values=max_values)

    def field(self, name: str) -> Any:
        """Return a field of the body if it is a JSON object that has it, else None."""
        try:
            value = self.json()
        except ValueError:
            return None
        return value.get(name) if isinstance(value, dict) else None

    def retry_after_seconds(self) -> int | None:
        """The whole seconds of Retry-After, at least one."""
        text = self.headers.get("retry-after", "")
        is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_PAUSE_DIGITS
        return max(int(text), 1) if is_number else None
