"""Does a call of control or of a page again whose world another server has changed meanwhile."""

from mockaxle.serving.asgi import ASGIApp, Message, Receive, Scope, Send
from mockaxle.serving.patience import Patience
from mockaxle.world.stored_world import JournalConflict, JournalFailed

CONFLICT = b"x-mockaxle-conflict"
"""The header of an answer that never leaves the server, since its call is done again."""


def redone(app: ASGIApp, *, seconds: float) -> ASGIApp:
    """Do calls again whose answers have the header of a conflict."""

    async def _served(scope: Scope, receive: Receive, send: Send) -> None:
        patience, body = Patience(seconds), ReplayedBody(receive)
        while True:
            attempt = RedoableAnswer(send, is_last=patience.is_over)
            await app({**scope}, body.receive, attempt.send)
            if not attempt.conflicts:
                return
            await patience.moment()
            body.rewind()

    return _served


class ReplayedBody:
    """The body of a request, which can be read again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read: list[Message] = []
        self._place = 0

    async def receive(self) -> Message:
        if self._place < len(self._read):
            self._place += 1
            return self._read[self._place - 1]
        message = await self._receive()
        if message["type"] == "http.request":
            self._read.append(message)
            self._place += 1
        return message

    def rewind(self) -> None:
        self._place = 0


class RedoableAnswer:
    """Sends an answer, unless it is that of a conflict."""

    def __init__(self, send: Send, *, is_last: bool) -> None:
        self._send = send
        self._is_last = is_last
        self.conflicts = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message["headers"]]
            self.conflicts = not self._is_last and any(name == CONFLICT for name, _ in headers)
            message = {**message, "headers": [one for one in headers if one[0] != CONFLICT]}
        if not self.conflicts:
            await self._send(message)


def of_conflict(failed: JournalFailed) -> dict[str, str]:
    """Return the header by which `redone` knows that a call is to be done again."""
    return {CONFLICT.decode(): "1"} if isinstance(failed, JournalConflict) else {}
