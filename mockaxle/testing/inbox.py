"""What the platform says to the partner, as a test reads it and waits for it. Source: N4, N21."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from mockaxle.client.visible import visible_lines
from mockaxle.testing.errors import NoMessage
from mockaxle.testing.handles import Control

WAIT_SECONDS = 5.0
"""How long one call waits for a new message."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.25
"""How long a call waits while a message is on its way to a receiver; each is twice as long as the last."""

SHOWN = 10

Message = Mapping[str, Any]
Known = frozenset[tuple[int, str, str]]
"""Messages by number, id and instant, since a reset makes numbers and ids anew."""


@dataclass
class Inbox:
    """The messages of a world. Shape: `_returned` are those that `wait_for` has returned."""

    _control: Control
    _returned: Known = field(default=frozenset(), repr=False)

    def messages(self, type: str | None = None, asset: str | None = None) -> list[dict[str, Any]]:
        """List the messages, oldest first: of a type, or about an asset by its id or external id."""
        return self._page(type=type, asset=asset)

    def wait_for(self, type: str, asset: str | None = None, timeout: float = 5) -> dict[str, Any]:
        """Return the next message that matches and was not returned before; wait for it up to `timeout` seconds.

        A message for a receiver is returned when the receiver was called. Raises: NoMessage, ControlRefused.
        """
        until, pause = monotonic() + timeout, FIRST_PAUSE_SECONDS
        while True:
            messages = self._page(type=type, asset=asset)
            found = next((one for one in messages if not _is_on_its_way(one) and _key(one) not in self._returned), None)
            left = until - monotonic()
            if found is not None or left <= 0:
                break
            is_short = any(map(_is_on_its_way, messages))
            newest = messages[-1]["number"] if messages else 0
            wait = min(left, pause if is_short else WAIT_SECONDS)
            self._page(type=type, asset=asset, after=newest, wait=f"{wait:.3f}")
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS) if is_short else pause
        if found is None:
            about = "" if asset is None else f" about {asset}"
            raise NoMessage(visible_lines(f"no message {type}{about} within {timeout:g} s{self._listed()}"))
        self._returned |= {_key(found)}
        return found

    def _begin_from(self, returned: Known) -> None:
        """Forget which messages were returned, but for those given."""
        self._returned = returned

    def _page(self, **query: Any) -> list[dict[str, Any]]:
        given = urlencode({name: str(value) for name, value in query.items() if value is not None})
        found: list[dict[str, Any]] = self._control("GET", f"/messages?{given}")["messages"]
        return found

    def _listed(self) -> str:
        """List the last messages of the world, a line for each."""
        messages = self._page()
        if not messages:
            return "; the world has said nothing"
        lines = [f"; the last of {len(messages)} messages:", *map(self._line, messages[-SHOWN:])]
        return "\n".join(lines)

    def _line(self, message: Message) -> str:
        about = f"  {message['number']}: {message['type']}, asset {message['asset_id']}, {message['status']}"
        if _is_on_its_way(message):
            return f"{about}, its receiver was not called yet"
        return f"{about}, returned before" if _key(message) in self._returned else about


def _is_on_its_way(message: Message) -> bool:
    """Tell whether a message waits for its first attempt."""
    return message["status"] == "waiting" and not message["attempts"]


def _key(message: Message) -> tuple[int, str, str]:
    return message["number"], message["id"], message["created_at"]
