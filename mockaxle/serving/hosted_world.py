"""A world hosted by the server: its value, its log and its accounts."""

from asyncio import Lock
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from mockaxle.core.accounts import ORGANISATION, Role, is_revoked
from mockaxle.core.limits import MAX_LOGS_BYTES
from mockaxle.serving.change_signal import ChangeSignal
from mockaxle.serving.credentials import TokenClaims, TokenKind
from mockaxle.world.commands.done import Cut, LogChange
from mockaxle.world.entries import Entry, Principal
from mockaxle.world.log import Log
from mockaxle.world.stored_world import Advancing
from mockaxle.world.value import World


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a world. Shape: password_hash is None if it accepts any password.

    Tokens with numbers up to `kept_after` were not obtained with the stored password.
    """

    username: str
    world: str
    roles: tuple[Role, ...] = ORGANISATION
    password_hash: bytes | None = None
    kept_after: int = 0


class Bearer(NamedTuple):
    """The sender of an Authorization header. Shape: number is the token's."""

    principal: Principal
    number: int


@dataclass(slots=True)
class HostedWorld:
    """A world with its log. `opening_id`, a random number, distinguishes it from other worlds of its name, past ones or
    those of another server.

    `accounts` has the world's accounts by username, `verified` the texts of tokens with a verified signature, with
    their claims, `bearers` the Authorization headers that were read. A running command holds the `turn`,
    and `changed` wakes the calls that wait for a change.
    `weighed` is the size of the log as counted in the server's budget. `secrets` has those of receivers by name.
    While this server advances the clock step by step to `advancing_to`, it stands at `stands_at` during a delivery;
    `advance_id` is set if other servers are to know that, and `advancing_elsewhere` tells of their advance. `restarts`
    counts the commands after which another message may have the id of one in flight; `in_flight` has the messages that
    are being sent or are claimed, each with the number of restarts at its beginning.
    """

    world: World
    log: Log[World]
    last_at: datetime
    opening_id: int
    accounts: dict[str, Account]
    verified: dict[str, TokenClaims] = field(default_factory=dict)
    bearers: dict[bytes, Bearer] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    stands_at: datetime | None = None
    advancing_to: datetime | None = None
    advance_id: str = ""
    advancing_elsewhere: Advancing | None = None
    restarts: int = 0
    in_flight: set[tuple[int, str]] = field(default_factory=set)
    turn: Lock = field(default_factory=Lock)
    changed: ChangeSignal = field(default_factory=ChangeSignal)
    weighed: int = 0

    def instant(self, real: datetime) -> datetime:
        """Return the world's instant at a real one. It never goes back within a log."""
        at = self.shown_at(real)
        return at if at > self.last_at else self.last_at

    def shown_at(self, real: datetime) -> datetime:
        """Return the instant that the clock shows at a real one."""
        elsewhere = self.advancing_elsewhere
        return self.stands_at or (elsewhere.at if elsewhere is not None else self.world.clock.now(real))

    @property
    def advances_to(self) -> datetime | None:
        """The instant to which a server advances the clock step by step; None if it does not."""
        elsewhere = self.advancing_elsewhere
        return self.advancing_to or (elsewhere.to if elsewhere is not None else None)


def is_keeper(hosted: HostedWorld, claims: TokenClaims) -> bool:
    """Tell whether a full account obtained a token with its stored password, and the token is not revoked."""
    account = hosted.accounts.get(claims.subject)
    if claims.kind is not TokenKind.FULL or account is None or account.roles != ORGANISATION:
        return False
    if is_revoked(hosted.world.tokens, claims.number):
        return False
    return account.password_hash is not None and claims.number > account.kept_after


def in_place_of(hosted: HostedWorld, account: Account, *, keep: bool) -> Account:
    """Let an account replace one of its name. With `keep`, it takes over that one's password if it has none.

    Tokens obtained without a password, or with another one, do not count as obtained with the new one.
    """
    former = hosted.accounts.get(account.username)
    had = former.password_hash if former else None
    password_hash = account.password_hash or (had if keep else None)
    is_same = had is not None and password_hash == had
    kept_after = former.kept_after if former and is_same else hosted.world.tokens.issued
    return replace(account, password_hash=password_hash, kept_after=kept_after)


def keep(hosted: HostedWorld, entry: Entry, *, world: World, log: LogChange = "go_on") -> Entry:
    """Write the result of an entry, and return the entry as the log has it.

    But for catch_up, no other function writes a hosted world's value and instant.

    Raises: KeyError if the entry at which the log is cut is not kept.
    """
    before = hosted.world
    if isinstance(log, Cut):  # repeats from here on start from the present world
        before, entry = world, entry._replace(at=hosted.log.entry(log.number).at)
        hosted.log.cut(log.number)
    hosted.log.append(entry, before=before)
    hosted.world, hosted.last_at = world, entry.at
    hosted.changed.wake_all()
    if world.clock is not before.clock:
        _drop_later(hosted, before, real=entry.real_at)
    if log == "begin_anew":
        hosted.log = hosted.log.anew(world)
    return entry


def _drop_later(hosted: HostedWorld, before: World, *, real: datetime) -> None:
    """Begin the log anew if the clock was set back, since instants never go back within a log.

    Its numbers continue, unless the world is still empty.
    """
    now = hosted.world.clock.now(real)
    if hosted.world.clock != before.clock and now < hosted.last_at:
        hosted.last_at = now
        dropped = hosted.log.dropped + len(hosted.log) if before.state.minted else 0
        hosted.log = hosted.log.anew(hosted.world, dropped=dropped)


class LogBudget:
    """Keeps the logs of all worlds within a number of bytes. The log written to longest ago is shortened first."""

    def __init__(self, max_bytes: int = MAX_LOGS_BYTES) -> None:
        self._max_bytes = max_bytes
        self._by_opening: OrderedDict[int, HostedWorld] = OrderedDict()
        self.size = 0

    def weigh(self, hosted: HostedWorld) -> None:
        """Update the size of a changed log. Each chunk is dropped only once, so this costs little."""
        self._update(hosted)
        self._by_opening[hosted.opening_id] = hosted
        self._by_opening.move_to_end(hosted.opening_id)
        while self.size > self._max_bytes:
            self._shed_oldest()

    def forget(self, hosted: HostedWorld) -> None:
        """Remove a dropped world."""
        if self._by_opening.pop(hosted.opening_id, None) is not None:
            self.size -= hosted.weighed
            hosted.weighed = 0

    def _update(self, hosted: HostedWorld) -> None:
        self.size += hosted.log.size - hosted.weighed
        hosted.weighed = hosted.log.size

    def _shed_oldest(self) -> None:
        oldest = next(iter(self._by_opening.values()))
        oldest.log.shed(oldest.world)
        self._update(oldest)
        if not oldest.log.size:
            self.forget(oldest)
