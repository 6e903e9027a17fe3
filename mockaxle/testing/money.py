"""The money of a world as a test reads it, and the withdrawals that it moves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Control = Callable[..., Any]
"""Calls the world's control, such as `("GET", "/withdrawals")`."""


@dataclass(frozen=True)
class Money:
    """Balances, transactions, withdrawals and e-mails. Units: pence."""

    _control: Control

    def balance(self, site: str) -> int:
        """The balance of a site, by its id."""
        pence: int = self._of(site)["balance_pence"]
        return pence

    def transactions(self, site: str) -> list[dict[str, Any]]:
        """The transactions of a site, oldest first, with the fields of the API's."""
        found: list[dict[str, Any]] = self._of(site)["transactions"]
        return found

    def flex_events(self, site: str) -> list[dict[str, Any]]:
        """The flex events of a site, oldest first, with all that their money is computed from."""
        found: list[dict[str, Any]] = self._of(site)["flex_events"]
        return found

    def withdrawals(self) -> list[dict[str, Any]]:
        """The withdrawals of all sites, oldest first, also of sites that are gone."""
        found: list[dict[str, Any]] = self._control("GET", "/withdrawals")["withdrawals"]
        return found

    def emails(self) -> list[dict[str, Any]]:
        """The e-mails that would have been sent, oldest first, with their links."""
        found: list[dict[str, Any]] = self._control("GET", "/emails")["emails"]
        return found

    def move(self, transaction_id: str, status: str) -> None:
        """Move a withdrawal to another state, such as `posted` or `failed`. Raises: ControlRefused."""
        self._control("POST", f"/withdrawals/{quote(transaction_id, safe='')}", body={"status": status})

    def _of(self, site: str) -> dict[str, Any]:
        found: dict[str, Any] = self._control("GET", f"/money/{quote(site, safe='')}")
        return found
