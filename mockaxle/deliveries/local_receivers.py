"""Receivers in this process: the apps of tests, each under a host that cannot be real and is never looked up.

Only the process itself can add one, so that a URL with such a host reaches nothing when a stranger sends it.
Source: N21.
"""

from __future__ import annotations

from asyncio import CancelledError, gather
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

LOCAL_HOSTS = "mockaxle.invalid"
"""The domain of the hosts; no name ends in `.invalid` (RFC 6761)."""


class LocalFailed(Exception):
    """A receiver of this process raised an error in place of an answer. Shape: text as `ValueError: why`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class LocalReceivers:
    """The receivers of this process by host. A host is never used again. Source: N21."""

    def __init__(self) -> None:
        self._by_host: dict[str, httpx.AsyncBaseTransport] = {}
        self._numbers = count(1)

    def add(self, receiver: httpx.AsyncBaseTransport) -> str:
        """Add a receiver, and return its host."""
        host = f"receiver-{next(self._numbers)}.{LOCAL_HOSTS}"
        self._by_host[host] = receiver
        return host

    def drop(self, host: str) -> None:
        """Remove a receiver, unless it is removed already."""
        self._by_host.pop(host, None)

    def find(self, host: str) -> httpx.AsyncBaseTransport | None:
        return self._by_host.get(host)


def is_local(host: str) -> bool:
    """Tell whether a host is, or was, one of a receiver in a process."""
    return f".{host}".endswith(f".{LOCAL_HOSTS}")


async def handed_over(receiver: httpx.AsyncBaseTransport, request: httpx.Request) -> httpx.Response:
    """Return the answer of a receiver of this process. Raises: LocalFailed for any error that it raises."""
    (answered,) = await gather(receiver.handle_async_request(request), return_exceptions=True)
    if isinstance(answered, CancelledError):
        raise LocalFailed("the receiver has ended with its test")
    if isinstance(answered, BaseException):
        raise LocalFailed(f"{type(answered).__name__}: {answered}")
    return answered
