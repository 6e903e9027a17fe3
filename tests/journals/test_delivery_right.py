"""The right to deliver a world's messages is left again, whatever ends the attempt."""

from typing import Any

import pytest

from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.world.commands.refusals import WorldGone
from mockaxle.world.stored_world import JournalConflict, JournalFailed
from tests.calling import CHARGER, Caller
from tests.commanding import carry_out
from tests.journals.conftest import StartLasting


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


def test_messages_that_wait_are_looked_at_again(start_lasting: StartLasting) -> None:
    server = start_lasting()
    looked: list[HostedWorld] = []
    callers = {name: Caller(server, name) for name in ("waiting", "idle")}  # type: ignore[arg-type]
    server.journalled._on_waiting = looked.append
    body = {"url": "http://127.0.0.1:9/{asset_id}", "kind": "schedules"}
    carry_out(server.worlds, "waiting", "PUT /receivers/{name}", body, name="partner")
    for caller in callers.values():
        home = caller.onboard(assets=[CHARGER], proposition="full_asset_schedule_control").json
        caller.post(f"/entities/asset/{home['assets'][0]['asset_id']}/event/plug-in", {})
    looked.clear()

    async def look() -> None:
        server.journalled.look_at_waiting()

    server.on_loop(look())
    assert [hosted.world.name for hosted in looked] == ["waiting"]
