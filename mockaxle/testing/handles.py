"""The parts of a world that a test sets: its market, events and faults."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

Control = Callable[..., Any]
"""Calls the world's control, such as `("GET", "/market")`."""


@dataclass(frozen=True)
class Market:
    """A world's flex windows. Units: prices in GBP per MWh."""

    _control: Control

    @property
    def windows(self) -> list[dict[str, Any]]:
        """The flex windows, with their ids."""
        found: list[dict[str, Any]] = self._control("GET", "/market")["windows"]
        return found

    def add_window(self, start: str, end: str, *, price_gbp_per_mwh: float, timezone: str = "Europe/London") -> str:
        """Add a flex window, daily as from `01:00` to `02:00`, or once between two instants; return its id."""
        body: dict[str, Any] = {"price_gbp_per_mwh": price_gbp_per_mwh}
        if "T" in start:
            body |= {"from_at": start, "to_at": end}
        else:
            body |= {"from_time": start, "to_time": end, "timezone": timezone}
        id: str = self._control("POST", "/market/windows", body=body)["id"]
        return id

    def remove_window(self, id: str) -> None:
        """Remove a flex window."""
        self._control("DELETE", f"/market/windows/{quote(id, safe='')}")

    def clear(self) -> None:
        """Remove all flex windows, so that no schedule gets a pause."""
        for window in self.windows:
            self.remove_window(window["id"])


@dataclass(frozen=True)
class HomeAssistant:
    """A world's events for the Home Assistant integration."""

    _control: Control

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events, with their ids."""
        found: list[dict[str, Any]] = self._control("GET", "/home-assistant-events")["events"]
        return found

    def publish(self, start_time: datetime | str, end_time: datetime | str, import_export: str) -> str:
        """Publish an event, of `import` or `export`, between two instants; return its id."""
        body = {"start_time": spelt(start_time), "end_time": spelt(end_time), "import_export": import_export}
        id: str = self._control("POST", "/home-assistant-events", body=body)["id"]
        return id

    def change(self, id: str, **fields: Any) -> None:
        """Change an event's start_time, end_time, import_export or opted_out."""
        body = {name: spelt(value) for name, value in fields.items()}
        self._control("PATCH", f"/home-assistant-events/{quote(id, safe='')}", body=body)

    def withdraw(self, id: str) -> None:
        """Withdraw an event."""
        self._control("DELETE", f"/home-assistant-events/{quote(id, safe='')}")


@dataclass(frozen=True)
class Faults:
    """The faults injected into a world's calls."""

    _control: Control

    def add(self, kind: str, **when: Any) -> str:
        """Add a fault, such as `add("status", status=503, count=2)`, and return its id."""
        id: str = self._control("POST", "/faults", body={"kind": kind, **when})["id"]
        return id

    def clear(self) -> None:
        """Remove all faults."""
        self._control("DELETE", "/faults")

    def revoke_tokens(self) -> None:
        """Revoke all tokens."""
        self._control("POST", "/tokens/revoke", body={})

    @contextmanager
    def active(self, kind: str, **when: Any) -> Iterator[str]:
        """Add a fault until the block ends."""
        id = self.add(kind, **when)
        try:
            yield id
        finally:
            self._control("DELETE", f"/faults/{id}")


def spelt(value: Any) -> Any:
    """Write an instant as text; return other values as they are."""
    return value.isoformat() if isinstance(value, datetime) else value
