"""The right to deliver a world's messages is left again, whatever ends the attempt."""

from datetime import timedelta
from typing import Any

import pytest

from mockaxle.deliveries.courier import Courier
from mockaxle.deliveries.sending import Poster
from mockaxle.deliveries.targets import Targets
from mockaxle.serving.couriers import WorldDesk
from mockaxle.serving.credentials import address_of
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.world.commands.refusals import ClockAdvancing, WorldGone
from mockaxle.world.stored_world import JournalConflict, JournalFailed
from tests.calling import CHARGER, Caller
from tests.commanding import carry_out
from tests.journals.conftest import StartLasting

RECEIVER = {"url": "http://127.0.0.1:9/{asset_id}", "kind": "schedules"}


@pytest.mark.parametrize("failing", [JournalFailed("away"), JournalConflict("again")])
def test_a_failed_check_leaves_the_right_to_deliver(
    start_lasting: StartLasting, monkeypatch: pytest.MonkeyPatch, failing: JournalFailed
) -> None:
    server = start_lasting(is_shared=True)
    Caller(server).onboard()  # type: ignore[arg-type]
    hosted, left = server.worlds.find("acme"), []

    async def refresh(addresses: Any) -> None:
        raise failing

    async def unlock(address: str) -> None:
        left.append(address)

    async def may_deliver() -> bool:
        keeper = server.lasting._keeper
        monkeypatch.setattr(keeper, "refresh", refresh)
        monkeypatch.setattr(keeper, "unlock", unlock)
        return await server.journalled.may_deliver(hosted)

    if isinstance(failing, JournalConflict):
        assert server.on_loop(may_deliver()) is False
    else:
        with pytest.raises(WorldGone, match="away"):
            server.on_loop(may_deliver())
    assert len(left) == 1


def test_an_advance_that_does_not_get_the_right_has_ended(
    start_lasting: StartLasting, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_lasting(is_shared=True)
    Caller(server).onboard()  # type: ignore[arg-type]
    hosted = server.worlds.find("acme")
    assert hosted
    to = hosted.last_at + timedelta(hours=1)

    async def is_another_lock(name: str) -> bool:
        return name != address_of("acme")

    async def advance() -> None:
        await server.journalled.begin_advance(hosted, to)
        assert hosted.advances_to == to
        courier = Courier(WorldDesk(server.journalled, hosted), Poster(Targets(False, (), "")))
        await courier.advance(to, max_seconds=0, max_attempts=1)

    monkeypatch.setattr(server.lasting._keeper, "try_lock", is_another_lock)
    with pytest.raises(ClockAdvancing, match="Another server delivers"):
        server.on_loop(advance())
    assert hosted.advances_to is None
    row = server.engine.last_row(address_of("acme"))
    assert row is not None
    assert (row.kind, row.advancing) == ("clock", None)


def plug_in(caller: Caller) -> None:
    home = caller.onboard(assets=[CHARGER], proposition="full_asset_schedule_control").json
    caller.post(f"/entities/asset/{home['assets'][0]['asset_id']}/event/plug-in", {})


def test_messages_that_wait_are_known_after_a_world_was_written_whole(start_lasting: StartLasting) -> None:
    server = start_lasting()
    caller = Caller(server)  # type: ignore[arg-type]
    server.journalled._on_waiting = lambda hosted: None
    carry_out(server.worlds, "acme", "PUT /receivers/{name}", RECEIVER, name="partner")
    plug_in(caller)
    carry_out(server.worlds, "acme", "POST /reset", {"what": ["log"]})
    assert server.worlds.find("acme").world.state.outbox.waiting
    server.restart()
    assert server.lasting._waiting == [address_of("acme")]


def test_messages_that_wait_are_looked_at_again(start_lasting: StartLasting) -> None:
    server = start_lasting()
    looked: list[HostedWorld] = []
    callers = {name: Caller(server, name) for name in ("waiting", "idle")}  # type: ignore[arg-type]
    server.journalled._on_waiting = looked.append
    carry_out(server.worlds, "waiting", "PUT /receivers/{name}", RECEIVER, name="partner")
    for caller in callers.values():
        plug_in(caller)
    looked.clear()

    async def look() -> None:
        server.journalled.look_at_waiting()

    server.on_loop(look())
    assert [hosted.world.name for hosted in looked] == ["waiting"]
