"""Sends requests of its own to the receiver: what the mock never says, and what needs the answer's text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from urllib.parse import urlsplit
from uuid import uuid4

from mockaxle.client.client import Bounds, Client
from mockaxle.client.errors import Unanswered
from mockaxle.core.messages import json_bytes
from mockaxle.core.signature import HEADER, signature
from mockaxle.harness.receiver.stage import TIMEOUT_MS


@dataclass(frozen=True, slots=True)
class EnvoyAnswer:
    """What came of a request. Shape: text is the answer's head and body. Units: seconds."""

    status: int | None
    error: str
    text: str
    seconds: float


class Envoy:
    """Each request has a connection of its own, as the mock's have: a receiver may close an idle one at any time.

    Shape: the client is of the receiver's origin.
    """

    def __init__(self, client: Client, url: str, *, secret: str) -> None:
        parts = urlsplit(url)
        self._client, self._secret = client, secret
        self._path = parts.path + (f"?{parts.query}" if parts.query else "")

    def post(self, body: bytes, *, signed: str | None = None) -> EnvoyAnswer:
        """Send a body, by default with its right signature."""
        began = monotonic()
        try:
            return self.posted(body, signed=signed)
        except Unanswered as error:
            return EnvoyAnswer(None, str(error), "", monotonic() - began)

    def posted(self, body: bytes, *, signed: str | None = None) -> EnvoyAnswer:
        """As post. Raises: Unanswered."""
        began, header = monotonic(), self.sign(body) if signed is None else signed
        headers = {"Content-Type": "application/json", HEADER: header, "x-axle-ref": "1", "Connection": "close"}
        answer = self._client.call(
            "POST", self._path or "/", headers=headers, content=body, within=Bounds(TIMEOUT_MS / 1000)
        )
        text = "".join(f"{name}: {value}\n" for name, value in answer.headers.items()) + answer.text
        return EnvoyAnswer(answer.status, "", text, monotonic() - began)

    def sign(self, body: bytes) -> str:
        """Return the right signature, of now."""
        return signature(body, self._secret, at=datetime.now(UTC))


def dispatch_of(count: int = 1, **changes: str) -> bytes:
    """Return an envelope with a dispatch of assets that do not exist. Shape: changes are fields of the envelope."""
    assets = [{"asset_id": str(uuid4()), "power_kw": 1.0} for _ in range(count)]
    payload: Mapping[str, object] = {
        "event_id": str(uuid4()),
        "issued_timestamp": "2040-01-20T12:00:00Z",
        "start_time": "2040-01-20T17:00:00Z",
        "end_time": "2040-01-20T17:30:00Z",
        "assets": assets,
    }
    envelope = {
        "id": str(uuid4()),
        "version": "v1.0.0",
        "event_type": "vpp:dispatch:requested",
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "payload": payload,
    }
    return json_bytes({**envelope, **changes})
