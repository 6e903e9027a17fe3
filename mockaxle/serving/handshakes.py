"""Counts TLS connections before their handshake, since uvicorn sees them only after it."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from socket import SHUT_RDWR, socket

from mockaxle.core.limits import MAX_HANDSHAKES
from mockaxle.serving.connection import ConnectionBounds, Stage

ACCEPT_AGAIN_SECONDS = 1.0


class Handshakes:
    """Accepts connections. If there are too many, the handshake running longest is dropped."""

    def __init__(
        self,
        connect: Callable[[], asyncio.Protocol],
        context: ssl.SSLContext,
        *,
        bounds: ConnectionBounds,
        open_now: set[object],
    ) -> None:
        self._connect = connect
        self._context = context
        self._bounds = bounds
        self._open = open_now
        self._pending: dict[socket, asyncio.Task[None]] = {}

    async def accept(self, listening: socket) -> None:
        """Accept connections until cancelled."""
        listening.setblocking(False)
        while True:
            try:
                accepted, _ = await asyncio.get_running_loop().sock_accept(listening)
            except OSError:
                await asyncio.sleep(ACCEPT_AGAIN_SECONDS)
            else:
                self._admit(accepted)

    def close(self) -> None:
        while self._pending:
            self._drop_oldest()

    def _admit(self, accepted: socket) -> None:
        counted = len(self._pending) + len(self._open) + self._bounds.lingering
        if counted >= self._bounds.max_connections + MAX_HANDSHAKES:
            self._bounds.report_full()
            if not self._pending:
                accepted.close()
                return
            self._drop_oldest()
        self._pending[accepted] = asyncio.get_running_loop().create_task(self._shake_hands(accepted))

    def _drop_oldest(self) -> None:
        """Drop the oldest handshake; its transport closes the socket when it ends."""
        accepted = next(iter(self._pending))
        del self._pending[accepted]
        with suppress(OSError):
            accepted.shutdown(SHUT_RDWR)

    async def _shake_hands(self, accepted: socket) -> None:
        """Shake hands within the time of a head. A failed handshake is not an error of the server."""
        seconds = self._bounds.seconds[Stage.HEAD]
        with suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(
                self._connect, accepted, ssl=self._context, ssl_handshake_timeout=seconds
            )
        self._pending.pop(accepted, None)
