"""The server under test: sends calls within time limits and counts accepted and refused ones."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import get_ident
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mockaxle.client.client import Bounds, Client
from mockaxle.client.errors import Unanswered
from mockaxle.client.response import ClientResponse
from mockaxle.core.accounts import LOG_IN as LOG_IN_PATH
from mockaxle.harness.call import MadeCall
from mockaxle.harness.json_values import Json
from mockaxle.harness.operations import CREATE_SITE, INITIALISE, ONBOARD, REGISTER
from mockaxle.harness.progress import Progress
from mockaxle.world.entries import Exchange

if TYPE_CHECKING:
    from mockaxle.harness.account import CheckedAccount
    from mockaxle.harness.answer import Answer

LOG_IN = "POST /auth/token-form"
MAKES_A_SITE = frozenset((ONBOARD, INITIALISE, REGISTER, CREATE_SITE))
OURS = "x-mockaxle-rules"
LONGEST_WAIT_SECONDS, LONGEST_RETRY_WAIT_SECONDS = 10.0, 30.0
MAX_SILENCES, MAX_TRIES = 3, 5
KEPT_BYTES, EXCHANGE_BYTES = 32_000_000, 1_000
"""Bytes of all exchanges that are kept, and bytes of one besides its bodies."""


class OutOfTime(Exception):
    """The time of the run is used up."""


class Interrupted(Exception):
    """The run was interrupted by a signal."""


class Silent(Exception):
    """The server no longer answers."""


class NoAnswer(Exception):
    """One call was not answered."""

    def __init__(self, operation: str, error: str) -> None:
        super().__init__(f"{operation}: {error}")
        self.operation = operation
        self.error = error


@dataclass(slots=True)
class Counts:
    """The numbers of an operation's calls, calls with valid requests, acceptances (2xx) and refusals."""

    calls: int = 0
    allowed: int = 0
    accepted: int = 0
    refused: int = 0


class Received(NamedTuple):
    """An answer, with the instants at which its call was sent and it had come."""

    answer: ClientResponse
    sent_at: datetime
    came_at: datetime


class Watcher(Protocol):
    """Looks at every answer."""

    def see(self, call: MadeCall, answer: "Answer") -> None:
        """Look at an answer that came."""

    def forget(self) -> None:
        """Forget earlier answers, after a call whose effect is unknown."""


class Blind:
    """Looks at nothing."""

    def see(self, call: MadeCall, answer: "Answer") -> None: ...

    def forget(self) -> None: ...


@dataclass(slots=True)
class Target:
    """Shape: deadline by the monotonic clock; `exchanges` has requests and answers without secrets.

    `created` has the account that created each existing site, by the site's id; `unanswered` the MPANs of unanswered
    calls that may have created a site. `_calling` has the threads that wait for an answer.
    """

    base_url: str
    client: Client
    deadline: float
    counts: dict[str, Counts] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    is_ours: bool = False
    created: "dict[str, CheckedAccount]" = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    silences: int = 0
    interrupted: bool = False
    is_searching: bool = False
    tokens: int = 0
    watch: Watcher = field(default_factory=Blind)
    progress: Progress = field(default_factory=Progress)
    _calling: set[int] = field(default_factory=set)
    _kept_bytes: int = 0

    def left_seconds(self) -> float:
        return self.deadline - time.monotonic()

    def called(self, operation: str, *, allowed: bool) -> None:
        counts = self.counts.setdefault(operation, Counts())
        counts.calls += 1
        counts.allowed += allowed

    def answered(self, operation: str, status: int) -> None:
        counts = self.counts[operation]
        counts.accepted += status < 300
        counts.refused += status >= 300

    @contextmanager
    def making(self, operation: str, body: Json) -> Iterator[None]:
        """Note the MPAN of a site that an unanswered call may have created."""
        home = body.get("site", body) if operation in MAKES_A_SITE and isinstance(body, dict) else None
        mpan = home.get("mpan") if isinstance(home, dict) else None
        if isinstance(mpan, str):
            self.unanswered.append(mpan)
        yield
        if isinstance(mpan, str):
            self.unanswered.remove(mpan)

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Mark a call of this thread, until its answer is recorded."""
        self._calling.add(get_ident())
        try:
            yield
        finally:
            self._calling.discard(get_ident())

    def interrupt(self) -> bool:
        """End the run at its next call; return whether it must continue until then.

        A pending answer may name a new site, and Hypothesis cannot be interrupted during a search.
        """
        self.interrupted = True
        return self.is_searching or get_ident() in self._calling

    def send(
        self, operation: str, path: str, *, headers: Mapping[str, str], content: bytes, allowed: bool = True
    ) -> Received:
        """Send a call and count it. Raises: OutOfTime, Interrupted, NoAnswer, Silent."""
        self.called(operation, allowed=allowed)
        received = self.ask(operation, path, headers=headers, content=content)
        self.is_ours = self.is_ours or OURS in received.answer.headers
        self.answered(operation, received.answer.status)
        return received

    def ask(self, operation: str, path: str, *, headers: Mapping[str, str], content: bytes = b"") -> Received:
        """Send a call. After a 429 or Retry-After it is sent again.

        Raises: OutOfTime, Interrupted, NoAnswer; Silent if the server no longer answers.
        """
        self.progress.at(operation)
        for _ in range(MAX_TRIES):
            received = self._once(operation, path, headers=headers, content=content)
            wait_seconds = _retry_wait_seconds(received.answer)
            if wait_seconds is None or wait_seconds > self.left_seconds():
                break
            self._wait(wait_seconds)
        return received

    def _wait(self, seconds: float) -> None:
        """Wait. An interruption may end this early, since no answer is pending."""
        self._calling.discard(get_ident())
        time.sleep(seconds)
        self._calling.add(get_ident())

    def _once(self, operation: str, path: str, *, headers: Mapping[str, str], content: bytes) -> Received:
        self._check_time()
        sent_at, began = datetime.now(UTC), time.perf_counter()
        try:
            verb = operation.partition(" ")[0]
            answer = self.client.call(verb, path, headers=headers, within=self._bounds(), content=content)
        except Unanswered as error:
            self.watch.forget()
            self._note_silence(operation, error)
            raise NoAnswer(operation, str(error)) from None
        self.silences = 0
        return Received(answer, sent_at, sent_at + timedelta(seconds=time.perf_counter() - began))

    def _bounds(self) -> Bounds:
        return Bounds(seconds=max(0.1, min(self.left_seconds(), LONGEST_WAIT_SECONDS)))

    def _check_time(self) -> None:
        if self.interrupted:
            raise Interrupted()
        if self.left_seconds() <= 0:
            raise OutOfTime()

    def _note_silence(self, operation: str, error: Exception) -> None:
        """Raises: Silent after several unanswered calls, if a log-in is not answered either."""
        self.silences += 1
        if self.silences < MAX_SILENCES:
            return
        try:
            self.client.call("POST", LOG_IN_PATH, within=self._bounds())
        except Unanswered:
            raise Silent(f"{operation}: {error}") from None
        self.silences = 0

    def keep(self, exchange: Exchange) -> None:
        """Keep an exchange within the limit."""
        self._kept_bytes += EXCHANGE_BYTES + len(exchange.request.body) + len(exchange.response.body)
        if self._kept_bytes <= KEPT_BYTES:
            self.exchanges.append(exchange)


def _retry_wait_seconds(answer: ClientResponse) -> float | None:
    """Return how long to wait before sending again; None if the answer is final."""
    retry_after_seconds = answer.retry_after_seconds()
    if answer.status != 429 and not (answer.status == 503 and retry_after_seconds):
        return None
    return min(retry_after_seconds or 1, LONGEST_RETRY_WAIT_SECONDS)
