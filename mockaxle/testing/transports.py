"""The mock as transports of httpx: without a socket and a thread of uvicorn. Network faults raise httpx's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from anyio import to_thread
from anyio.from_thread import BlockingPortal, start_blocking_portal

from mockaxle.app import App
from mockaxle.serving.network import ConnectionBroken
from mockaxle.world.fault_kinds import KINDS
from mockaxle.world.faults import FaultKind


class AppTransport(httpx.AsyncBaseTransport):
    """For a client on the mock's own event loop."""

    def __init__(self, app: App) -> None:
        self._inner = httpx.ASGITransport(app=app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises: httpx.TransportError if a fault breaks the connection."""
        try:
            return await self._inner.handle_async_request(request)
        except ConnectionBroken as broken:
            name, text = KINDS[FaultKind(broken.network)].in_process or ("TransportError", str(broken))
            raise getattr(httpx, name)(text, request=request) from None


class Transport(httpx.BaseTransport):
    """For `httpx.Client(transport=...)`, on an event loop that several clients may share."""

    def __init__(self, app: App, portal: BlockingPortal) -> None:
        self._inner = AppTransport(app)
        self.portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises: httpx.TransportError if a fault breaks the connection, RuntimeError if the mock has ended."""
        return self.answer(request, request.read())

    def answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        """Answer a request whose body is read, on the mock's loop; as handle_request."""
        return self.portal.call(self._answer, request, body)

    async def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        answer = await self._inner.handle_async_request(asked)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content, request=request)


class AsyncTransport(httpx.AsyncBaseTransport):
    """For `httpx.AsyncClient(transport=...)`. The work is done on the mock's loop, like that of all other clients."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises: as Transport."""
        return await to_thread.run_sync(self._transport.answer, request, await request.aread(), abandon_on_cancel=True)


@contextmanager
def running(app: App) -> Iterator[Transport]:
    """Yield a transport with an event loop in a thread, until the block ends."""
    with start_blocking_portal() as portal:
        yield Transport(app, portal)
