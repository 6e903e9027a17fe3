"""Waits for slow work: only as long as the client waits, or to the end if it cannot be cancelled."""

from asyncio import FIRST_COMPLETED, CancelledError, ensure_future, shield, wait
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, TypeVar

T = TypeVar("T")
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class ClientGone(Exception):
    """The client hung up while its call waited; the call is dropped."""


async def unless_gone(receive: Receive, waiting: Coroutine[Any, Any, T]) -> T:
    """Await work, and cancel it if the client hangs up first. Raises: ClientGone.

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
    """Await a thread's result. Cancelling takes effect when the thread has ended, since threads cannot be cancelled."""
    task = ensure_future(work)
    try:
        return await shield(task)
    except CancelledError:
        await wait((task,))
        if not task.cancelled():
            task.exception()  # retrieved, since asyncio would report it as lost
        raise
