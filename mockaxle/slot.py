"""A world as a server keeps it: its value, the log that led there, and its accounts."""

from asyncio import Lock
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime

from mockaxle.commands.done import Cut, Done
from mockaxle.core.accounts import ORGANISATION, Role, is_revoked
from mockaxle.credentials import Named, TokenKind
from mockaxle.exchange import Command
from mockaxle.limits import MAX_LOGS_BYTES
from mockaxle.log import Log
from mockaxle.world import World


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
class Slot:
    """A world as it stands and the log that led there. `opening`, a random number, parts it from other worlds of its
    name, earlier or on another server.

    `accounts` are the world's by username, `proven` the texts of tokens whose signature was found right, with what they
    name. A command that is under way holds the `turn`.
    """

    world: World
    log: Log[World]
    last_at: datetime
    opening: int
    accounts: dict[str, Account]
    proven: dict[str, Named] = field(default_factory=dict)
    turn: Lock = field(default_factory=Lock)


def is_keeper(slot: Slot, named: Named) -> bool:
    """Whether a full account got a token with its kept password, and the token was not revoked."""
    account = slot.accounts.get(named.subject)
    if named.kind is not TokenKind.FULL or account is None or account.roles != ORGANISATION:
        return False
    if is_revoked(slot.world.tokens, named.number):
        return False
    return account.password_hash is not None and named.number > account.kept_after


def in_place_of(slot: Slot, account: Account, *, keep: bool) -> Account:
    """The account as it takes the place of one of its name; with `keep`, that one's password serves where it has none.

    A token that was got without a password, or with another one, does not become one that was got with it.
    """
    former = slot.accounts.get(account.username)
    had = former.password_hash if former else None
    password_hash = account.password_hash or (had if keep else None)
    is_same = had is not None and password_hash == had
    kept_after = former.kept_after if former and is_same else slot.world.tokens.issued
    return replace(account, password_hash=password_hash, kept_after=kept_after)


def keep(slot: Slot, entry: Command, *, done: Done) -> None:
    """Write what a command did.

    A clock that was set to an earlier instant drops the log so far, since instants never go back within one; its
    numbers go on, unless nothing was made yet. Raises: KeyError where the entry to be cut is not kept.
    """
    before, base = slot.world, slot.world
    if isinstance(done.log, Cut):
        entry, base = entry._replace(at=slot.log.entry(done.log.number).at), done.world
        slot.log.cut(done.log.number)
    slot.log.append(entry, before=base)
    slot.world, slot.last_at = done.world, entry.at
    if slot.world.clock != before.clock and (now := slot.world.clock.now(entry.real_at)) < slot.last_at:
        slot.last_at = now
        forgotten = slot.log.dropped + len(slot.log) if before.state.minted else 0
        slot.log = Log(slot.world, dropped=forgotten)
    if done.log == "begin_anew":
        slot.log = Log(slot.world)


class LogBudget:
    """Keeps the logs of all worlds within a number of bytes: the log that was written to longest ago gives way first.

    Shape: slots by opening, each with the size of its log when it was last weighed.
    """

    def __init__(self, max_bytes: int = MAX_LOGS_BYTES) -> None:
        self._max_bytes = max_bytes
        self._weighed: OrderedDict[int, tuple[Slot, int]] = OrderedDict()
        self.size = 0

    def weigh(self, slot: Slot) -> None:
        """Call it when a log has changed. A chunk that is dropped was written once, so this costs little."""
        self.forget(slot)
        self._put(slot)
        while self.size > self._max_bytes:
            opening, (oldest, _) = next(iter(self._weighed.items()))
            self.forget(oldest)
            oldest.log.shed(oldest.world)
            if oldest.log.size:
                self._put(oldest)
                self._weighed.move_to_end(opening, last=False)

    def forget(self, slot: Slot) -> None:
        """Call it when a slot is dropped."""
        _, size = self._weighed.pop(slot.opening, (slot, 0))
        self.size -= size

    def _put(self, slot: Slot) -> None:
        self._weighed[slot.opening] = (slot, slot.log.size)
        self.size += slot.log.size
