"""What a keeper of a journal needs of other servers when there are none: nothing is behind, and all is free."""

from collections.abc import Collection


class Alone:
    is_shared = False

    async def refresh(self, addresses: Collection[str]) -> None:
        """Nobody else writes: nothing is behind."""

    async def refresh_names(self) -> list[str]:
        """Nobody else writes: all names are known."""
        return []

    async def try_lock(self, address: str) -> bool:
        """Take the right to deliver a world's messages, if no other server has it: there is none."""
        return True

    async def unlock(self, address: str) -> None:
        """Leave the right to deliver a world's messages."""

    async def tell(self, address: str) -> None:
        """Let other servers know whether a world's clock advances: there is none."""

    async def claim(self, address: str) -> None:
        """Have a world for this server alone: no other one has it."""

    async def unclaim(self, address: str) -> None:
        """Let other servers have the world."""
