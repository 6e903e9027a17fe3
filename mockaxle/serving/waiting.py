"""Waiting for what is slow: no longer than the client does, and for work that cannot be broken off to its end."""

from asyncio import FIRST_COMPLETED, CancelledError, ensure_future, shield, wait
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, TypeVar

T = TypeVar("T")
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class ClientGone(Exception):
    """The client hung up while its call was held; nothing more is done for it."""


async def unless_gone(receive: Receive, waiting: Coroutine[Any, Any, T]) -> T:
    """What is awaited, unless the client hangs up first: then it is cancelled. Raises: ClientGone.

    Shape: receive is that of ASGI, after the whole body.
    """
    waited, gone = ensure_future(waiting), ensure_future(_gone(receive))
    try:
        await wait((waited, gone), return_when=FIRST_COMPLETED)
        if not waited.done():
            raise ClientGone()
        return waited.result()
    finally:
        waited.cancel()
        gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """What a thread gives. A caller that is cancelled is so when the thread has ended, since threads cannot be."""
    task = ensure_future(work)
    try:
        return await shield(task)
    except CancelledError:
        await wait((task,))
        if not task.cancelled():
            task.exception()  # looked at, or it is reported as lost
        raise
