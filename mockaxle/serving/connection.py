"""One connection: limits on the size and time of a request before it is answered.

The parser delivers a URL in pieces and a header whole, so both are checked before they are kept. A header or trailer
that is still incomplete is inside the parser, so the bytes fed to it are counted, too; in a body, those that deliver
none of it. Each stage (head, body) has one timer, which is set after the received bytes are parsed, so that a request
that arrives in one piece needs none. Another timer runs while a client does not read.
"""

import asyncio
import sys
from collections.abc import Callable
from enum import Enum, auto
from typing import Any
from weakref import ref

import uvicorn
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from mockaxle.core.limits import MAX_LINGERING
from mockaxle.server.refusals import say
from mockaxle.serving.network import TRANSPORT, spelt
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Response

PIECE = 1 << 14
LINGER_SECONDS = 1.0
SPARE_DESCRIPTORS = 50
HEADER_EXTRA = len(": \r\n")


class Stage(Enum):
    """The part of a request that is awaited; NOTHING between two requests."""

    HEAD = auto()
    BODY = auto()
    NOTHING = auto()


class ConnectionBounds:
    """The limits shared by a server's connections. `on_full` is called once, when there are too many."""

    def __init__(self, settings: ServerSettings, on_full: Callable[[str], None]) -> None:
        files = _descriptors() - SPARE_DESCRIPTORS
        self.max_connections, option = min((settings.max_connections, "--max-connections"), (files, "open files"))
        self.max_head = settings.max_head
        self.seconds = {
            Stage.HEAD: settings.head_timeout.total_seconds(),
            Stage.BODY: settings.body_timeout.total_seconds(),
        }
        self.full = f"{self.max_connections} connections are open, the limit of {option}"
        self.lingering = 0
        self._on_full: Callable[[str], None] | None = on_full

    def report_full(self) -> None:
        on_full, self._on_full = self._on_full, None
        if on_full is not None:
            on_full(self.full)

    def late(self, stage: Stage) -> Response:
        part = stage.name.lower()
        return say(408, f"The {part} did not arrive within {self.seconds[stage]:g} s, the limit of --{part}-timeout")

    def too_long(self, status: int, stage: Stage) -> Response:
        framing = stage is Stage.BODY
        part = "request line is" if status == 414 else "chunk sizes and trailers are" if framing else "headers are"
        return say(status, f"The {part} larger than {self.max_head} bytes, the limit of --max-head")


def _descriptors() -> int:
    """Return how many files the process may open."""
    if sys.platform == "win32":
        return sys.maxsize
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else max(soft, SPARE_DESCRIPTORS + 1)


class OpenProtocol(HttpToolsProtocol):
    """Enforces the limits of a connection, and puts its transport into each request's scope for faults."""

    def __init__(
        self, bounds: ConnectionBounds, *, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any]
    ) -> None:
        super().__init__(config, server_state, app_state)
        self._bounds = bounds
        self._stage = Stage.HEAD
        self._moved = False
        self._fed = self._kept = 0
        self._excess = 0
        self._refused = self._lingers = False
        self._timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._answered: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn types it
        super().connection_made(transport)
        if len(self.connections) <= self._bounds.max_connections:
            self._set_timer()
            return
        self.connections.discard(self)
        self._bounds.report_full()
        self._refuse(say(503, self._bounds.full, retry_after=1))

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._stop_unread_timer()
        self._bounds.lingering -= self._lingers
        self._drop_answered()
        super().connection_lost(exc)

    def _drop_answered(self) -> None:
        """End the call that is being answered; with pipelining, that is not the latest one."""
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._set_unread_timer()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._stop_unread_timer()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._set_unread_timer()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._set_unread_timer()

    def send_400_response(self, msg: str) -> None:
        super().send_400_response(msg)
        self._set_unread_timer()

    def _close(self) -> None:
        """Close the transport after the client has read, for which a closing transport would wait without limit."""
        self.transport.close()
        self._set_unread_timer()

    def _set_unread_timer(self) -> None:
        is_lost = self.parser is None
        if self._unread_timer is None and not is_lost:
            self._unread_timer = self.loop.call_later(self._bounds.seconds[Stage.BODY], self.transport.abort)

    def _stop_unread_timer(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE):
            if self._refused or self.transport.is_closing():
                return
            self._feed(data[start : start + PIECE])
        if self._moved and not self._refused:
            self._set_timer()

    def _feed(self, piece: bytes) -> None:
        if self._stage is Stage.NOTHING:
            self._begin_head()
        self._fed += len(piece)
        super().data_received(piece)
        if self._stage is not Stage.NOTHING and self._fed > self._bounds.max_head:
            self._excess = self._excess or 431
        if self._excess:
            self._refuse(self._bounds.too_long(self._excess, self._stage))

    def _begin_head(self) -> None:
        if self._stage is not Stage.HEAD:
            self._move(Stage.HEAD)
            self._fed = self._kept = 0

    def _move(self, stage: Stage) -> None:
        self._stage, self._moved = stage, True

    def _fits(self, size: int, status: int) -> bool:
        """Count bytes of a head before they are kept, and note the refusal if there are too many."""
        self._kept += size
        if self._kept > self._bounds.max_head and not self._excess:
            self._excess = status
        return not self._excess

    def on_message_begin(self) -> None:
        if self._excess:
            return
        self._begin_head()
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}

    def on_url(self, url: bytes) -> None:
        if self._fits(len(url), 414):
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._fits(len(name) + len(value) + HEADER_EXTRA, 431):
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._excess:
            return
        self._move(Stage.BODY)
        self._fed = 0
        extension = self.scope["extensions"][TRANSPORT]
        super().on_headers_complete()
        extension["cycle"] = ref(self.cycle)  # a strong one would leave each request to the garbage collector

    def on_body(self, body: bytes) -> None:
        self._fed = 0
        if not self._excess:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._excess:
            return
        self._move(Stage.NOTHING)
        super().on_message_complete()

    def _set_timer(self) -> None:
        self._stop_timer()
        self._moved = False
        if self._stage is not Stage.NOTHING:
            self._timer = self.loop.call_later(self._bounds.seconds[self._stage], self._end_stage)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_stage(self) -> None:
        """Refuse a request whose stage took too long, unless this side paused reading."""
        if self._stage is Stage.BODY and (self.flow.read_paused or self.pipeline):
            self._set_timer()
        else:
            self._refuse(self._bounds.late(self._stage))

    def _refuse(self, answer: Response) -> None:
        """Answer and close the connection, after an earlier call that is still being answered."""
        self._refused = True
        self._stop_timer()
        self._unset_keepalive_if_required()
        if self._stage is Stage.BODY and self.pipeline:
            self._end_before_latest()
        else:
            self._refuse_latest(answer)

    def _end_before_latest(self) -> None:
        self.pipeline.popleft()
        last = self.pipeline[0][0] if self.pipeline else self._answered
        if last is not None:
            last.keep_alive = False

    def _refuse_latest(self, answer: Response) -> None:
        unanswered = self._stage is Stage.BODY and not self.cycle.response_started
        if unanswered:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if unanswered or self.cycle is None or (self._stage is Stage.HEAD and self.cycle.response_complete):
            self._hang_up_after(answer)
        elif self.cycle.response_complete:
            self._close()
        else:
            self.cycle.keep_alive = False

    def _hang_up_after(self, answer: Response) -> None:
        """Keep reading for a moment, since a client that is still sending would see a reset instead of the answer."""
        self.transport.write(spelt(answer))
        secured = not self.transport.can_write_eof()
        if self._bounds.lingering >= MAX_LINGERING:
            self.transport.abort() if secured else self._close()
            return
        self._lingers = True
        self._bounds.lingering += 1
        end = self.transport.close if secured else self.transport.write_eof
        end()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
