"""What a server does that finds a world which another one has for itself."""

import asyncio

import pytest

from mockaxle.journals.claims import WorldClaims
from mockaxle.journals.rows import JournalRow, RowKind

HOME = "home"


class Locks:
    """Another server holds the lock for so many looks; then it has appended, or has ended."""

    def __init__(self, looks: int, *, after: RowKind = "claim") -> None:
        self.looks, self._after = looks, after
        self.held = list[str]()

    async def last_row(self, address: str) -> JournalRow | None:
        return JournalRow(address, 2, 7, 6, 1, "claim" if self.looks else self._after, "0.2", "{}")

    async def try_lock(self, name: str) -> bool:
        if self.looks:
            self.looks -= 1
            return False
        self.held.append(name)
        return True

    async def unlock(self, name: str) -> None:
        self.held.remove(name)

    @property
    def claims(self) -> WorldClaims:
        return WorldClaims(self.last_row, self.try_lock, self.unlock)


@pytest.mark.parametrize("after", ["claim", "entries"], ids=["its server ended", "it was kept"])
def test_others_wait_until_the_command_is_kept_or_its_server_has_ended(after: RowKind) -> None:
    locks = Locks(3, after=after)
    row = asyncio.run(locks.claims.last_row(HOME))
    assert row is not None
    assert (row.kind, locks.looks, locks.held) == (after, 0, [])


def test_one_server_has_a_world_for_itself() -> None:
    async def taken() -> list[str]:
        await claims.take(HOME)
        await claims.take(HOME)
        row = await claims.last_row(HOME)
        assert row is not None
        held = [*locks.held]
        await claims.leave(HOME)
        return held

    locks = Locks(2)
    claims = locks.claims
    asyncio.run(claims.leave(HOME))
    assert len(asyncio.run(taken())) == 1
    assert (locks.looks, locks.held) == (0, [])
