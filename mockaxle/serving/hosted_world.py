"""A world as the server hosts it: its value, the log that led there, and its accounts."""

from asyncio import Lock
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime

from mockaxle.core.accounts import ORGANISATION, Role, is_revoked
from mockaxle.core.limits import MAX_LOGS_BYTES
from mockaxle.serving.credentials import TokenClaims, TokenKind
from mockaxle.world.commands.done import Cut, LogChange
from mockaxle.world.entries import Entry
from mockaxle.world.log import Log
from mockaxle.world.value import World


@dataclass(frozen=True, slots=True)
class Account:
    """Who may log in to a world. Shape: password_hash is None where any password will do.

    Tokens with numbers up to `kept_after` were not got with the kept password.
    """

    username: str
    world: str
    roles: tuple[Role, ...] = ORGANISATION
    password_hash: bytes | None = None
    kept_after: int = 0


@dataclass(slots=True)
class HostedWorld:
    """A world as it stands and the log that led there. `opening_id`, a random number, parts it from other worlds of its
    name, earlier or on another server.

    `accounts` are the world's by username, `verified` the texts of tokens whose signature was found right, with
    their claims. A command that is under way holds the `turn`.
    """

    world: World
    log: Log[World]
    last_at: datetime
    opening_id: int
    accounts: dict[str, Account]
    verified: dict[str, TokenClaims] = field(default_factory=dict)
    turn: Lock = field(default_factory=Lock)


def is_keeper(hosted: HostedWorld, claims: TokenClaims) -> bool:
    """Whether a full account got a token with its kept password, and the token was not revoked."""
    account = hosted.accounts.get(claims.subject)
    if claims.kind is not TokenKind.FULL or account is None or account.roles != ORGANISATION:
        return False
    if is_revoked(hosted.world.tokens, claims.number):
        return False
    return account.password_hash is not None and claims.number > account.kept_after


def in_place_of(hosted: HostedWorld, account: Account, *, keep: bool) -> Account:
    """The account as it takes the place of one of its name; with `keep`, that one's password serves where it has none.

    A token that was got without a password, or with another one, does not become one that was got with it.
    """
    former = hosted.accounts.get(account.username)
    had = former.password_hash if former else None
    password_hash = account.password_hash or (had if keep else None)
    is_same = had is not None and password_hash == had
    kept_after = former.kept_after if former and is_same else hosted.world.tokens.issued
    return replace(account, password_hash=password_hash, kept_after=kept_after)


def keep(hosted: HostedWorld, entry: Entry, *, world: World, log: LogChange = "go_on") -> None:
    """Write what an entry did: no other function writes a hosted world's value, log and instant.

    Raises: KeyError where the entry that the log is cut before is not kept.
    """
    before = hosted.world
    if isinstance(log, Cut):  # what is repeated from here on begins with the world as it is now
        before, entry = world, entry._replace(at=hosted.log.entry(log.number).at)
        hosted.log.cut(log.number)
    hosted.log.append(entry, before=before)
    hosted.world, hosted.last_at = world, entry.at
    if world.clock is not before.clock:
        _drop_later(hosted, before, real=entry.real_at)
    if log == "begin_anew":
        hosted.log = Log(world)


def _drop_later(hosted: HostedWorld, before: World, *, real: datetime) -> None:
    """Begin the log anew where the clock was set to an earlier instant, since instants never go back within one.

    Its numbers go on, unless nothing was made yet.
    """
    now = hosted.world.clock.now(real)
    if hosted.world.clock != before.clock and now < hosted.last_at:
        hosted.last_at = now
        dropped = hosted.log.dropped + len(hosted.log) if before.state.minted else 0
        hosted.log = Log(hosted.world, dropped=dropped)


class LogBudget:
    """Keeps the logs of all worlds within a number of bytes: the log that was written to longest ago gives way first.

    Shape: hosted worlds by opening_id, each with the size of its log when it was last weighed.
    """

    def __init__(self, max_bytes: int = MAX_LOGS_BYTES) -> None:
        self._max_bytes = max_bytes
        self._weighed: OrderedDict[int, tuple[HostedWorld, int]] = OrderedDict()
        self.size = 0

    def weigh(self, hosted: HostedWorld) -> None:
        """Call it when a log has changed. A chunk that is dropped was written once, so this costs little."""
        weighed = self._weighed.pop(hosted.opening_id, None)
        self.size += hosted.log.size - (weighed[1] if weighed else 0)
        self._weighed[hosted.opening_id] = (hosted, hosted.log.size)
        while self.size > self._max_bytes:
            self._shed_oldest()

    def forget(self, hosted: HostedWorld) -> None:
        """Call it when a hosted world is dropped."""
        _, size = self._weighed.pop(hosted.opening_id, (hosted, 0))
        self.size -= size

    def _shed_oldest(self) -> None:
        opening_id, (oldest, _) = next(iter(self._weighed.items()))
        self.forget(oldest)
        oldest.log.shed(oldest.world)
        if oldest.log.size:
            self._weighed[opening_id] = (oldest, oldest.log.size)
            self._weighed.move_to_end(opening_id, last=False)
            self.size += oldest.log.size
