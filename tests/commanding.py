"""Carries out commands of control without HTTP."""

import asyncio
import json
from typing import Any

from mockaxle.serving.worlds import Worlds
from mockaxle.world.commands.rows import ROW_OF


def carry_out(worlds: Worlds, world: str, key: str, body: Any = None, /, **path: str) -> Any:
    """What a command answers. Shape: key as `PATCH /market/windows/{id}`; body as JSON, as control takes it."""
    return asyncio.run(carrying_out(worlds, world, key, body, **path))


async def carrying_out(worlds: Worlds, world: str, key: str, body: Any = None, /, **path: str) -> Any:
    """The same for a test with an event loop."""
    row, hosted = ROW_OF[key], worlds.find(world)
    assert hosted, "the world is kept"
    typed = row.read(json.dumps(body or {}).encode(), "application/json")
    return await worlds.carry_out(hosted, row, body=typed, path=path)
