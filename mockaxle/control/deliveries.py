"""The commands of control that call receivers, or know their secrets. Source: N1, N2, N13."""

from asyncio import Future, ensure_future, shield
from base64 import b64encode
from collections.abc import Callable, Coroutine, Mapping
from secrets import token_urlsafe
from typing import Any

from starlette.responses import JSONResponse, Response

from mockaxle.control import bodies
from mockaxle.control.commands import Perform
from mockaxle.control.endpoint import ControlCall, Endpoint
from mockaxle.control.log_handlers import NUMBER
from mockaxle.control.reading import read, refused
from mockaxle.control.views import show_clock
from mockaxle.core.receiving import receiver_of
from mockaxle.serving.admission import Checks
from mockaxle.serving.couriers import Couriers, Reached
from mockaxle.serving.worlds import Worlds
from mockaxle.world.commands.clock import AdvanceClock
from mockaxle.world.commands.messages import describe_message
from mockaxle.world.commands.receivers import PutReceiver, describe_receiver
from mockaxle.world.commands.refusals import MessageUnknown
from mockaxle.world.commands.row import Row

SECRET_BYTES = 24
MakeCouriers = Callable[[], Coroutine[Any, Any, Couriers]]
"""Makes the couriers of a server."""


class Deliveries:
    """Starts the couriers with the first receiver, so that a server without one loads no HTTP client."""

    def __init__(self, worlds: Worlds, make: MakeCouriers) -> None:
        self._worlds = worlds
        self._make = make
        self._couriers: Future[Couriers] | None = None

    def endpoints(self) -> list[Endpoint[ControlCall]]:
        awkward, reported = {"as": "spaces"}, {"status": 200, "ms": 12}
        return [
            Endpoint("GET /receivers/{name}", "Read a receiver", self.get_receiver),
            Endpoint("POST /messages/{id}/send", "Send a message now", self.send, bodies.SEND, example=awkward),
            Endpoint("POST /messages/{id}/attempts", "Claim the next attempt at a message", self.claim, example={}),
            Endpoint(
                "PUT /messages/{id}/attempts/{n}",
                "Report a claimed attempt",
                self.report,
                bodies.REPORT,
                example=reported,
            ),
        ]

    @property
    def commands(self) -> Mapping[str, Perform]:
        """The commands, by their keys."""
        return {
            "PUT /receivers/{name}": self._put_receiver,
            "DELETE /receivers/{name}": self._drop_receiver,
            "POST /clock/advance": self._advance,
        }

    async def get_receiver(self, call: ControlCall) -> Response:
        found = receiver_of(call.hosted.world.state, call.path["name"])
        if found is None:
            return refused(404, f"There is no receiver {call.path['name']!r:.60}; GET receivers lists them")
        return JSONResponse(describe_receiver(found))

    async def send(self, call: ControlCall) -> Response:
        """Send a message now, and answer it with its attempts. Raises: CommandRefused. Source: N19."""
        asked = read(call.body, bodies.SEND)
        await (await self._started()).send(call.hosted, call.path["id"], awkward=asked.as_)
        return _shown(call)

    async def claim(self, call: ControlCall) -> Response:
        """Leave the next attempt at a message to the caller. Raises: CommandRefused. Source: N20."""
        claimed = await (await self._started()).claim(call.hosted, call.path["id"])
        said = {"attempt": claimed.number, "headers": dict(claimed.headers)}
        return JSONResponse({**said, "body_base64": b64encode(claimed.body).decode(), "url_path": claimed.place})

    async def report(self, call: ControlCall) -> Response:
        """Log what became of a claimed attempt, and answer the message. Raises: CommandRefused. Source: N20."""
        asked, number = read(call.body, bodies.REPORT), call.path["n"]
        if not NUMBER.fullmatch(number):
            return refused(404, f"{number!r:.60} is not the number of an attempt")
        reported = (asked.status, asked.error, asked.ms)
        await (await self._started()).report(call.hosted, call.path["id"], number=int(number), reported=reported)
        return _shown(call)

    async def _put_receiver(self, call: ControlCall, row: Row, body: PutReceiver) -> Mapping[str, Any]:
        """Check the URL, and add the receiver with its secret, which is answered if it was made here."""
        server, couriers = call.request.scope.get("server"), await self._started()
        couriers.check(body.url, own_port=server[1] if server else None, is_called=not body.held)
        secret = body.secret or f"whsec_{token_urlsafe(SECRET_BYTES)}"
        answer = await self._carried_out(call, row, body)
        kept = {one.name for one in call.hosted.world.state.reference.receivers}
        secrets = {name: known for name, known in call.hosted.secrets.items() if name in kept}
        self._worlds.set_secrets(call.hosted, {**secrets, call.path["name"]: secret})
        couriers.look(call.hosted)
        return answer if body.secret else {**answer, "secret": secret}

    async def _drop_receiver(self, call: ControlCall, row: Row, body: None) -> Mapping[str, Any]:
        answer = await self._carried_out(call, row, body)
        left = {name: known for name, known in call.hosted.secrets.items() if name != call.path["name"]}
        self._worlds.set_secrets(call.hosted, left)
        return answer

    async def _advance(self, call: ControlCall, row: Row, body: AdvanceClock) -> Mapping[str, Any]:
        """Advance the clock, step by step if messages wait."""
        hosted = call.hosted
        self._worlds.check_clock(hosted)
        if hosted.world.state.outbox.waiting:
            reached = await (await self._started()).advance(hosted, body)
        else:
            checks = Checks(world=self._worlds.check_clock)
            await self._worlds.carry_out(hosted, row, body=body, path=call.path, checks=checks)
            reached = Reached(True, 0)
        clock, waiting = show_clock(hosted, self._worlds.now()), hosted.world.state.outbox.waiting
        return {**clock, "reached": reached.is_whole, "attempts": reached.attempts, "waiting": waiting}

    async def _carried_out(self, call: ControlCall, row: Row, body: Any) -> Mapping[str, Any]:
        return await self._worlds.carry_out(call.hosted, row, body=body, path=call.path)

    async def _started(self) -> Couriers:
        """Return the couriers, made once for all calls that wait for them, and again if their loop has ended."""
        if self._couriers is None or self._couriers.get_loop().is_closed():
            self._couriers = ensure_future(self._make())
        couriers = await shield(self._couriers)
        self._worlds.outgoing = couriers
        return couriers


def _shown(call: ControlCall) -> Response:
    """Answer a message as it is now. Raises: MessageUnknown if it is no longer kept."""
    message = call.hosted.world.state.outbox.find(call.path["id"])
    if message is None:
        raise MessageUnknown(f"There is no message {call.path['id']!r:.60}")
    return JSONResponse(describe_message(message))
