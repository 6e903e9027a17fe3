"""Forwards the messages of a world from the mock to servers of the user's machine. Source: N20.

Receivers of its own are held, so that the mock calls nobody. It claims each message, sends it, and reports the answer.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from time import monotonic, sleep
from typing import Any, NamedTuple

from mockaxle.client.client import Bounds, Client, cut_off
from mockaxle.client.control import ControlFailed, ControlSession
from mockaxle.client.errors import Unanswered
from mockaxle.client.log_in import LogInRefused

SECONDS_TO_ANSWER = 10
"""Less than the 60 s after which an attempt that is not reported has failed."""

WAIT_SECONDS = 5
PAUSE_SECONDS = 1.0
MAX_ERROR = 200
LOST = (Unanswered, LogInRefused, ControlFailed)
"""What a mock that stops, restarts or forgets its worlds causes."""


class ForwardTarget(NamedTuple):
    """A server of the user's. Shape: url may have places such as `{asset_id}`; client is of its origin."""

    receiver: str
    kind: str
    url: str
    client: Client


class Forwarded(NamedTuple):
    """An attempt that was made. Shape: came is the answer's status, or the error. Units: ms."""

    type: str
    attempt: int
    came: str
    outcome: str
    ms: int


class TakenOver(Exception):
    """Another listener has replaced the receivers of this one."""


class Forwarder:
    """Shape: the targets by the names of their receivers; `is_sending` while an attempt is not reported."""

    def __init__(self, control: ControlSession, targets: Mapping[str, ForwardTarget], *, secret: str) -> None:
        self._control = control
        self._targets = targets
        self._secret = secret
        self.is_sending = False

    def begin(self) -> None:
        """Add the receivers, or replace those of an earlier run. Raises: ControlFailed, LogInRefused, Unanswered."""
        self._control.log_in_again()
        for one in self._targets.values():
            body = {"url": one.url, "kind": one.kind, "secret": self._secret, "held": True}
            self._control.call("PUT", f"/receivers/{one.receiver}", body=body)

    def forward(self) -> Iterator[Forwarded]:
        """Wait a few seconds for messages, and forward them; add receivers that are gone. Raises: as begin."""
        path = f"/messages?claimable=true&wait={WAIT_SECONDS}"
        found = self._control.call("GET", path, seconds=WAIT_SECONDS + SECONDS_TO_ANSWER)["messages"]
        sent = 0
        for message in found:
            for one in self._forwarded(message) if message["receiver"] in self._targets else ():
                sent += 1
                yield one
        if found and not sent:  # for other receivers
            sleep(PAUSE_SECONDS)
        if not self._is_known():
            self.begin()

    def _is_known(self) -> bool:
        """Tell whether the receivers are there. Raises: TakenOver, and as begin."""
        urls = {one["name"]: one["url"] for one in self._control.call("GET", "/receivers")["receivers"]}
        for one in self._targets.values():
            if urls.get(one.receiver, one.url) != one.url:
                raise TakenOver(f"the receiver {one.receiver} was replaced by another listener")
        return urls.keys() >= self._targets.keys()

    def end(self) -> None:
        """Remove the receivers, if they are still ours and the mock can be reached."""
        with suppress(TakenOver, *LOST):
            if self._is_known():
                for one in self._targets:
                    self._control.call("DELETE", f"/receivers/{one}", seconds=SECONDS_TO_ANSWER)

    def _forwarded(self, message: Mapping[str, Any]) -> Iterator[Forwarded]:
        """Claim, send and report a message, unless it was claimed or changed meanwhile."""
        path, self.is_sending = f"/messages/{message['id']}/attempts", True
        try:
            claimed = self._control.call("POST", path)
            began = monotonic()
            answered = _sent(self._targets[message["receiver"]].client, claimed)
            ms = round((monotonic() - began) * 1000)
            outcome = self._reported(f"{path}/{claimed['attempt']}", {**answered, "ms": ms})
        except ControlFailed:
            return
        finally:
            self.is_sending = False
        yield Forwarded(
            message["type"], claimed["attempt"], str(answered.get("status") or answered["error"]), outcome, ms
        )

    def _reported(self, path: str, report: Mapping[str, Any]) -> str:
        """Report an attempt, and return its outcome. A reset of the world ends the claim."""
        try:
            outcome: str = self._control.call("PUT", path, body=report)["attempts"][-1]["outcome"]
        except ControlFailed as failed:
            return f"not counted: {failed}"
        return outcome


def _sent(client: Client, claimed: Mapping[str, Any]) -> dict[str, Any]:
    """Send a claimed attempt, and return what came: a status, or an error."""
    body, headers = b64decode(claimed["body_base64"]), claimed["headers"]
    is_whole = len(body) == int(headers["Content-Length"])
    try:
        answer = client.call(
            "POST",
            claimed["url_path"],
            headers=headers,
            within=Bounds(SECONDS_TO_ANSWER),
            content=body if is_whole else cut_off(body),
        )
    except Unanswered as error:
        return {"error": str(error)[:MAX_ERROR] or type(error).__name__}
    return {"status": answer.status}
