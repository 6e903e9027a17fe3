"""Receivers of a test: a URL, or an app or a function of the test, which is called without a socket.

They run on an event loop of their own, functions that are not async in threads of it, so that one that calls the mock
before it answers does not block the mock's loop. Source: N21.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, get_running_loop, run_coroutine_threadsafe, wrap_future
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import ExitStack
from functools import partial
from inspect import isawaitable, iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any

import httpx
from anyio import to_thread
from anyio.from_thread import start_blocking_portal

if TYPE_CHECKING:
    from mockaxle.app import App

ReceiverApp = Callable[..., Any]
"""An ASGI app, or a callable that takes an httpx.Request and returns a status, an httpx.Response, or None for 200."""

Answering = Callable[[httpx.Request], Coroutine[Any, Any, int]]
PATHS = {"schedules": "/{asset_id}"}
"""The path of an app's URL by its kind, if the test names none and it is not `/`."""


class ReceiverApps:
    """The apps of a world's test, until the block ends. The loop starts with the first one."""

    def __init__(self, app: App) -> None:
        self._local = app.local_receivers
        self._hosts: list[str] = []
        self._loop: AbstractEventLoop | None = None
        self._until = ExitStack()

    def __enter__(self) -> ReceiverApps:
        return self

    def __exit__(self, *error: object) -> None:
        for host in self._hosts:
            self._local.drop(host)
        self._until.close()

    def add(self, app: ReceiverApp) -> str:
        """Add an app, and return its host. Raises: ValueError."""
        answer = answering(app)
        if self._loop is None:
            self._loop = self._until.enter_context(start_blocking_portal()).call(_present_loop)
        self._hosts.append(self._local.add(AppReceiver(answer, self._loop)))
        return self._hosts[-1]

    def drop(self, host: str) -> None:
        """Call an app no more."""
        self._local.drop(host)


class AppReceiver(httpx.AsyncBaseTransport):
    """Hands requests to an app on another event loop. The answer has no body, since nobody looks at it."""

    def __init__(self, answer: Answering, loop: AbstractEventLoop) -> None:
        self._answer = answer
        self._loop = loop

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises: whatever the app raises."""
        return httpx.Response(await wrap_future(run_coroutine_threadsafe(self._answer(request), self._loop)))


class ReceiverHandle:
    """A receiver of a world. Shape: a context manager that removes it; secret is the key of the signatures."""

    def __init__(self, shown: Mapping[str, Any], secret: str, *, on_remove: Callable[[], None]) -> None:
        self.name: str = shown["name"]
        self.url: str = shown["url"]
        self.secret = secret
        self._on_remove: Callable[[], None] | None = on_remove

    def remove(self) -> None:
        """Remove the receiver, unless it is removed or replaced already. Messages that wait for it are given up."""
        on_remove, self._on_remove = self._on_remove, None
        if on_remove is not None:
            on_remove()

    def __enter__(self) -> ReceiverHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def answering(app: ReceiverApp) -> Answering:
    """Return what answers a request with a status. Raises: ValueError."""
    if _takes(app, 1):
        return partial(_of_callable, app)
    if _takes(app, 3):
        return partial(_of_asgi, httpx.ASGITransport(app=_with_disconnects(app)))
    raise ValueError(f"a receiver is a URL, an ASGI app, or a callable that takes an httpx.Request, not {app!r:.60}")


def _takes(app: ReceiverApp, count: int) -> bool:
    """Tell whether an object can be called with a number of arguments."""
    try:
        signature(app).bind(*[None] * count)
    except (TypeError, ValueError):
        return False
    return True


async def _of_callable(app: ReceiverApp, request: httpx.Request) -> int:
    """Raises: httpx.WriteError if the body is cut, else whatever the callable raises."""
    await request.aread()
    is_async = iscoroutinefunction(app) or iscoroutinefunction(type(app).__call__)
    try:
        answer = app(request) if is_async else await to_thread.run_sync(app, request, abandon_on_cancel=True)
        answer = await answer if isawaitable(answer) else answer
    except SystemExit as ended:  # it would end the event loop
        raise RuntimeError(f"SystemExit: {ended}") from None
    status = 200 if answer is None else getattr(answer, "status_code", answer)
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        raise TypeError(f"a receiver returns a status, an httpx.Response or None, not {answer!r:.60}")
    return status


async def _of_asgi(transport: httpx.ASGITransport, request: httpx.Request) -> int:
    return (await transport.handle_async_request(request)).status_code


def _with_disconnects(app: ReceiverApp) -> ReceiverApp:
    """Let a body that is cut end for an app as for a server: with a disconnect."""

    async def _call(scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        async def received() -> Any:
            try:
                return await receive()
            except httpx.WriteError:
                return {"type": "http.disconnect"}

        await app(scope, received, send)

    return _call


async def _present_loop() -> AbstractEventLoop:
    return get_running_loop()
