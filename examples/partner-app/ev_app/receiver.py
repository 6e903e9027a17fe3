"""The app's receiver: an endpoint that checks Axle's signed messages and passes new plans on to the chargers."""

import hmac
import json
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ev_app.axle import BUG

PLAN = "asset:dispatch:requested"
TOLERANCE_SECONDS = 300
REMEMBERED = 10_000
"""How many messages are remembered. Axle sends one for a day at most."""

SIGNATURE = re.compile(r"t=([0-9]{1,12})((?:,v[0-9]+=[0-9a-f]+)+)")


class Receiver:
    """Keeps the chargers on their newest plans. `follow` is called with a charger's id and its plan."""

    def __init__(
        self, secret: str, *, follow: Callable[[str, Mapping[str, Any]], None], now: Callable[[], float] = time.time
    ) -> None:
        self._key = secret.encode()
        self._follow = follow
        self._now = now
        self._taken: deque[str] = deque(maxlen=REMEMBERED)
        self._plan_made_at: dict[str, datetime] = {}

    async def post(self, request: Request) -> Response:
        """Take a message, unless it was taken before."""
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response(status_code=400)
        if not self._is_signed(body, request.headers.get("x-axle-sig", "")):
            return Response(status_code=400)
        envelope = json.loads(body)
        name = request.headers["x-axle-ref"] if BUG == "dedupes-by-reference" else envelope["id"]
        if name not in self._taken:
            self._take(envelope)
            self._taken.append(name)  # only now: after an error the message comes again
        return Response(status_code=204)

    def _is_signed(self, body: bytes, header: str) -> bool:
        """Tell whether one of the signatures is right, and its time at most five minutes off."""
        parts = SIGNATURE.fullmatch(header)
        if parts is None or abs(self._now() - int(parts[1])) > TOLERANCE_SECONDS:
            return False
        if BUG == "verifies-its-own-json":
            body = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode()
        right = hmac.new(self._key, f"{parts[1]}.".encode() + body, "sha256").hexdigest()
        return any(hmac.compare_digest(f"v1={right}", given) for given in parts[2].split(","))

    def _take(self, envelope: Mapping[str, Any]) -> None:
        """Follow a plan, unless a newer one of its charger came first. Two of one second count as equally new."""
        if envelope["event_type"] != PLAN:
            return
        charger_id = envelope["payload"]["asset_id"]
        made_at = datetime.fromisoformat(envelope["created_at"])
        if made_at >= self._plan_made_at.get(charger_id, made_at):
            self._follow(charger_id, envelope["payload"]["set_charging_profile"])
            self._plan_made_at[charger_id] = made_at


def create_app(receiver: Receiver) -> Starlette:
    return Starlette(routes=[Route("/axle", receiver.post, methods=["POST"])])
