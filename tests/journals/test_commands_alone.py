"""A command that claims its world leaves it to the others in every case."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from mockaxle.serving.credentials import address_of
from mockaxle.world.commands.clock import AdvanceClock, SetClock
from mockaxle.world.commands.refusals import CommandRefused
from mockaxle.world.commands.rows import ROW_OF
from tests.calling import Caller
from tests.journals.conftest import StartLasting

HOME = address_of("acme")
BACK = AdvanceClock(to=datetime(2020, 1, 1, tzinfo=UTC))


async def overtaken_while_it_waits(server: Any, key: str, body: Any) -> None:
    """Carry out a command that waits for its turn when another one is overtaken."""
    hosted = await server.found("acme")
    async with hosted.turn:
        setting = asyncio.create_task(server.journalled.carry_out(hosted, ROW_OF[key], body=body, path={}))
        await asyncio.sleep(0)
        server.journalled._overtaken.add(HOME)
    await setting


def test_a_command_that_is_done_or_refused_leaves_the_world_to_the_others(start_lasting: StartLasting) -> None:
    server: Any = start_lasting(is_shared=True)
    caller = Caller(server, "acme")
    keeper = server.lasting._keeper
    server.on_loop(overtaken_while_it_waits(server, "PUT /clock", SetClock(rate=Decimal(0))))
    assert (keeper._claims._own, server.journalled._overtaken) == (set(), set())
    with pytest.raises(CommandRefused):
        server.on_loop(overtaken_while_it_waits(server, "POST /clock/advance", BACK))
    assert keeper._claims._own == set()
    assert caller.get("/entities/site").status == 200
