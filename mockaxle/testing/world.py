"""A world as a test uses it: base URL and credentials, clock, market, events, faults, inbox, receivers and log.

All calls go to the world's control with a token of its account, so they work at a test's own mock and at a shared one.
An admin token replaces that token if accounts may not control their worlds.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from mockaxle.client.client import Bounds, Client
from mockaxle.client.log_in import LogInRefused, Sleep, bearer, patient_log_in
from mockaxle.client.response import ClientResponse
from mockaxle.client.visible import visible_lines
from mockaxle.core.limits import CONTROL_SECONDS, MAX_FILE_ANSWER, MAX_LOG_IN_WAIT_SECONDS
from mockaxle.testing.errors import AdvanceStopped, CallsMissing, ControlRefused, NoMessage
from mockaxle.testing.handles import Control, Faults, HomeAssistant, Market, spelt
from mockaxle.testing.inbox import Inbox, Known
from mockaxle.testing.money import Money
from mockaxle.testing.receivers import PATHS, ReceiverApp, ReceiverApps, ReceiverHandle

__all__ = [
    "AdvanceStopped",
    "CallsMissing",
    "Clock",
    "ControlRefused",
    "Faults",
    "HomeAssistant",
    "Inbox",
    "Log",
    "Market",
    "Money",
    "NoMessage",
    "ReceiverHandle",
    "Snapshot",
    "World",
]

CONTROL = "/__mockaxle"


@dataclass(frozen=True)
class World:
    """Shape: base_url for a client; username and password for a log-in; the transports only without a socket.

    `_apps` runs receivers that are apps, if the mock runs in this process.
    """

    base_url: str
    username: str
    password: str
    _client: Client
    transport: httpx.BaseTransport | None = None
    async_transport: httpx.AsyncBaseTransport | None = None
    admin_token: str | None = field(default=None, repr=False)
    sleep: Sleep = field(default=time.sleep, repr=False)
    _tokens: list[str] = field(default_factory=list, repr=False)
    _apps: ReceiverApps | None = field(default=None, repr=False)

    @property
    def token(self) -> str:
        """A new bearer token, which is valid for an hour of the world's clock.

        The log-in that opens the world waits if the server has opened too many; a later 429 belongs to the test.
        Raises: ControlRefused, Unanswered.
        """
        wait_seconds = 0 if self._tokens else MAX_LOG_IN_WAIT_SECONDS
        account = {"username": self.username, "password": self.password}
        try:
            token = patient_log_in(self._client, **account, wait_seconds=wait_seconds, sleep=self.sleep)
        except LogInRefused as refused:
            raise ControlRefused(str(refused)) from None
        self._tokens.append(token)
        return token

    @cached_property
    def clock(self) -> "Clock":
        """The world's clock."""
        return Clock(self.control)

    @cached_property
    def inbox(self) -> Inbox:
        """The messages that the platform has for the partner."""
        return Inbox(self.control)

    @cached_property
    def market(self) -> Market:
        """The world's flex windows."""
        return Market(self.control)

    @cached_property
    def home_assistant(self) -> HomeAssistant:
        """The world's events for the Home Assistant integration."""
        return HomeAssistant(self.control)

    @cached_property
    def money(self) -> Money:
        """The money of the world's sites, withdrawals and e-mails."""
        return Money(self.control)

    @cached_property
    def faults(self) -> Faults:
        """The faults injected into the world's calls."""
        return Faults(self.control)

    @cached_property
    def log(self) -> "Log":
        """The log of the world's calls and commands."""
        return Log(self)

    def receiver(
        self,
        app_or_url: str | ReceiverApp,
        kind: str = "webhooks",
        name: str = "receiver",
        *,
        path: str | None = None,
        secret: str | None = None,
        event_types: Sequence[str] | None = None,
        timeout_ms: int | None = None,
        signed_at: str | None = None,
    ) -> ReceiverHandle:
        """Deliver the messages to a URL, or to an app of the test: an ASGI app, or a function of an httpx.Request.

        Shape: path is that of an app; a URL has its own. An app's error counts as a broken connection. With
        `signed_at="world"` the signature names the world's time.
        Raises: ValueError, ControlRefused.
        """
        host, url = self._place_of(app_or_url, path if path is not None else PATHS.get(kind, "/"))
        more = {"secret": secret, "event_types": event_types, "timeout_ms": timeout_ms, "signed_at": signed_at}
        body = {"url": url, "kind": kind, **{key: value for key, value in more.items() if value is not None}}
        try:
            added = self.control("PUT", f"/receivers/{quote(name, safe='')}", body=body)
        except ControlRefused:
            self._drop_host(host)
            raise
        on_remove = partial(self._remove_receiver, name, url=url, host=host)
        return ReceiverHandle(added, secret or added["secret"], on_remove=on_remove)

    def settings(self, **changed: Any) -> dict[str, Any]:
        """Change settings, such as `style="wire"` or `pause_minutes=60`, and return all of them."""
        found: dict[str, Any] = self.control("PATCH" if changed else "GET", "/settings", body=changed or None)
        return found

    def load(self, scenario: str | Path | Mapping[str, Any]) -> None:
        """Start the world anew from a scenario: a file, the name of a shipped one, or its content.

        Shape: content such as `{"sites": [{"mpan": "1000000000012"}]}`.
        Raises: ValueError if there is no such scenario, ScenarioRefused if it is wrong.
        """
        from mockaxle.testing.scenarios import content_of

        self.control("PUT", "/scenario", body=content_of(scenario))
        self.inbox._begin_from(frozenset())

    def reset(self, *what: str) -> None:
        """Reset the world, or only the parts named: state, clock, market, settings, faults, log."""
        self.control("POST", "/reset", body={"what": what} if what else {})
        if not what or "state" in what:
            self.inbox._begin_from(frozenset())

    def snapshot(self, name: str = "snapshot") -> "Snapshot":
        """Save the world's state under a name, to be restored later."""
        self.control("POST", "/snapshots", body={"name": name})
        return Snapshot(name, self.control, self.inbox, self.inbox._returned)

    def fork(self) -> "World":
        """Open another world with this one's state."""
        made = self.control("POST", "/fork", body={})
        more = (self._client, self.transport, self.async_transport, self.admin_token)
        return World(self.base_url, made["username"], made["password"], *more, _apps=self._apps)

    def awkward(self, *kinds: str, beyond_contract: bool = False) -> None:
        """Make answers awkward, in the kinds named or in all, until `awkward_no_more`."""
        body = {"beyond_contract": beyond_contract, **({"kinds": kinds} if kinds else {})}
        self.control("PUT", "/awkwardness", body=body)

    def awkward_deliveries(self, *kinds: str, probability: float = 1, count: int | None = None) -> None:
        """Deliver new messages in awkward ways, in the kinds named or in all, until `usual_deliveries`."""
        body = {"probability": probability, "count": count, **({"kinds": kinds} if kinds else {})}
        self.control("PUT", "/awkward-deliveries", body=body)

    def usual_deliveries(self) -> None:
        """Deliver new messages as usual."""
        self.control("DELETE", "/awkward-deliveries")

    def awkward_no_more(self) -> None:
        """Stop making answers awkward."""
        self.control("DELETE", "/awkwardness")

    def _place_of(self, app_or_url: str | ReceiverApp, path: str) -> tuple[str | None, str]:
        """Return the host of an app, which is added to those of this process, and the URL. Raises: ValueError."""
        if isinstance(app_or_url, str):
            return None, app_or_url
        if self._apps is None:
            raise ValueError("pass a URL: the mock runs in another process, which cannot call an app of this one")
        host = self._apps.add(app_or_url)
        return host, f"http://{host}{path}"

    def _drop_host(self, host: str | None) -> None:
        if self._apps is not None and host is not None:
            self._apps.drop(host)

    def _remove_receiver(self, name: str, *, url: str, host: str | None) -> None:
        """Remove a receiver, unless another one or a scenario has replaced it. Raises: ControlRefused."""
        self._drop_host(host)
        present = {one["name"]: one["url"] for one in self.control("GET", "/receivers")["receivers"]}
        if present.get(name) == url:
            self.control("DELETE", f"/receivers/{quote(name, safe='')}")

    def control(self, verb: str, path: str, *, body: Any = None) -> Any:
        """Call the world's control, such as `("GET", "/market")`. Raises: ControlRefused, Unanswered."""
        answer = self._asked(verb, path, body)
        if answer.status != 200:
            raise ControlRefused(_detail(answer))
        return _value(answer)

    def _asked(self, verb: str, path: str, body: Any) -> ClientResponse:
        """Call control with any token of the world, even an expired one. A shared server refuses revoked tokens."""
        if self.admin_token:
            return self._asked_as_admin(verb, path, body, token=self.admin_token)
        answer = self._sent(verb, path, body, token=self._tokens[-1] if self._tokens else self.token)
        return self._sent(verb, path, body, token=self.token) if answer.status == 403 else answer

    def _asked_as_admin(self, verb: str, path: str, body: Any, *, token: str) -> ClientResponse:
        """Call control with the admin token. The first log-in opens a world that does not exist yet."""
        answer = self._sent(verb, path, body, token=token)
        if answer.status != 404 or self._tokens or not self.token:
            return answer
        return self._sent(verb, path, body, token=token)

    def _sent(self, verb: str, path: str, body: Any, *, token: str) -> ClientResponse:
        world = f"/worlds/{quote(self.username, safe='')}" if self.admin_token else "/world"
        sent = {"json": {} if body is None else body} if verb in ("POST", "PUT", "PATCH") else {}
        within = Bounds(CONTROL_SECONDS, MAX_FILE_ANSWER)
        return self._client.call(verb, CONTROL + world + path, headers=bearer(token), within=within, **sent)


@dataclass(frozen=True)
class Clock:
    """A world's clock."""

    _control: Control

    @property
    def now(self) -> datetime:
        """The world's present instant."""
        return datetime.fromisoformat(self._control("GET", "/clock")["now"])

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Freeze the clock, at an instant or now. A token taken before expires when the clock passes its hour."""
        return self._set(at, 0)

    def run(self, at: datetime | str | None = None, *, rate: float = 1) -> datetime:
        """Run the clock at a rate, from an instant or from the present one."""
        return self._set(at, rate)

    def advance(self, by: timedelta | datetime | str) -> datetime:
        """Move the clock forward by a duration such as `61m`, or to an instant such as `2026-01-21T06:00:00Z`.

        It returns when all deliveries that fall due on the way are made. Raises: ValueError, AdvanceStopped.
        """
        answer = self._control("POST", "/clock/advance", body=_advance(by))
        if not answer.get("reached", True):
            raise AdvanceStopped(answer["now"], answer["attempts"])
        return datetime.fromisoformat(answer["now"])

    def _set(self, at: datetime | str | None, rate: float) -> datetime:
        if not isinstance(at, datetime | str | None):
            raise ValueError(f"an instant is a datetime or a text such as 2026-01-20T18:00:00Z, not {at!r:.60}")
        body = {} if at is None else {"at": spelt(at)}
        return datetime.fromisoformat(self._control("PUT", "/clock", body={**body, "rate": rate})["now"])


@dataclass(frozen=True)
class Log:
    """The log of a world's calls and commands."""

    _world: World

    def entries(self, **filters: Any) -> list[dict[str, Any]]:
        """List entries, oldest first. Filters: operation, status, site, text, limit, newest_first."""
        query = urlencode({name: str(value) for name, value in filters.items()})
        found: list[dict[str, Any]] = self._world.control("GET", f"/log?{query}")["entries"]
        return found

    def explain(self, number: int) -> dict[str, Any]:
        """Return an entry with its request, its answer and the explanation."""
        explained: dict[str, Any] = self._world.control("GET", f"/log/{number}")
        return explained

    def verify(
        self,
        *calls: Mapping[str, Any],
        deliveries: Sequence[Mapping[str, Any]] = (),
        in_order: bool = False,
        after: int = 0,
    ) -> None:
        """Check that the log contains calls, each given by operation, path, status, body, count and so on.

        Shape: deliveries are given by type, asset, receiver, outcome, body, count and so on; in_order is for calls.
        Raises: CallsMissing with near misses, ControlRefused if a call or delivery is not valid.
        """
        expected = {"calls": calls, "in_order": in_order, "after": after}
        answer = self._world._asked("POST", "/verify", expected | ({"deliveries": deliveries} if deliveries else {}))
        if answer.status == 409 and answer.field("calls") is not None:
            raise CallsMissing(visible_lines(_missing(_value(answer))))
        if answer.status != 200:
            raise ControlRefused(_detail(answer))

    def recording(self, format: str = "jsonl") -> str:
        """Export the log as a file: jsonl for `mockaxle replay`, har, curl or pytest."""
        return self._world._asked("GET", f"/recording?format={format}", None).text


@dataclass(frozen=True)
class Snapshot:
    """A saved state of a world."""

    name: str
    _control: Control
    _inbox: Inbox
    _returned: Known

    def restore(self) -> None:
        """Restore the state."""
        self._control("POST", f"/snapshots/{quote(self.name, safe='')}/restore", body={})
        self._inbox._begin_from(self._returned)


def _advance(by: object) -> dict[str, str]:
    """Raises: ValueError."""
    if isinstance(by, timedelta):
        if by < timedelta() or by.microseconds:
            raise ValueError(f"the clock moves forward by whole seconds, such as timedelta(minutes=61), not {by!r}")
        return {"by": f"{by.days}d{by.seconds}s"}
    if isinstance(by, datetime):
        return {"to": by.isoformat()}
    if isinstance(by, str):
        return {"to": by} if "T" in by else {"by": by}
    raise ValueError(f"the clock moves by a timedelta, a text such as 61m or a datetime, not {by!r:.60}")


def _detail(answer: ClientResponse) -> str:
    detail = answer.field("detail")
    if isinstance(detail, str):
        return visible_lines(detail)
    return f"control returned {answer.status}: {answer.text[:200]!r}"


def _value(answer: ClientResponse) -> Any:
    """Read control's answer, however many values it has, since tests have sent them. Raises: ControlRefused."""
    try:
        return answer.json(max_values=MAX_FILE_ANSWER)
    except ValueError as error:
        raise ControlRefused(f"control returned {answer.status} without valid JSON: {error}") from None


def _missing(verdict: Mapping[str, Any]) -> str:
    lines = [str(verdict["detail"])]
    for call in verdict["calls"]:
        for near in call.get("near_misses", ()):
            lines.append(f"  entry {near['entry']}, {near['call']} {near['status']}: {'; '.join(near['differs'])}")
    for delivery in verdict.get("deliveries", ()):
        for near in delivery.get("near_misses", ()):
            made = f"delivery to {near['receiver']}, {near['outcome']}"
            lines.append(f"  entry {near['entry']}, {made}: {'; '.join(near['differs'])}")
    return "\n".join(lines)
