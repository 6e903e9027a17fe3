"""Checks that a mock runs at a URL."""

from mockaxle.client.client import DEFAULT_BOUNDS, Bounds, Client
from mockaxle.client.visible import shown_url

HEALTH = "/__mockaxle/health"


class NoMock(Exception):
    """The server at a URL is not mockaxle; the text quotes its answer."""


def check_mock(client: Client, *, within: Bounds = DEFAULT_BOUNDS) -> None:
    """Raises: NoMock, Unanswered."""
    response = client.call("GET", HEALTH, within=within)
    if response.status != 200 or not isinstance(response.field("version"), str):
        what = f"GET {HEALTH} returned {response.status} {response.text[:60]!r}"
        raise NoMock(f"{shown_url(client.base_url)} is not a mockaxle server: {what}")
