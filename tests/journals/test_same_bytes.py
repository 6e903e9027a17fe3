"""With and without a journal, through crashes, a life has the same answers, log, recording and world."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.app import create_app, make_apply
from mockaxle.contract.document import load_contract
from mockaxle.journals.checking import check_worlds
from mockaxle.journals.finding import Finder
from mockaxle.recordings.beginning import dump_base
from mockaxle.scenarios.shipped import default
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.settings import JournalSettings, ServerSettings
from mockaxle.world.commands.refusals import CommandRefused
from mockaxle.world.entries import to_json
from mockaxle.world.opening import Beginning
from tests.clocks import ManualClock
from tests.commanding import carry_out
from tests.journals.lasting_app import KEY, LastingApp, on_file
from tests.living import Life, Step, calls
from tests.replaying import SEED

SCENARIO = {"sites": [{"mpan": "1000000000012", "postcode": "M1 1AE"}], "clock": {"at": "2026-03-01T12:00:00Z"}}
TURNS = st.sampled_from(
    [
        ("turn", ("POST /rewind", {"before": 3})),
        ("turn", ("POST /rewind", {"before": 1})),
        ("turn", ("POST /reset", {})),
        ("turn", ("POST /reset", {"what": ["log"]})),
        ("turn", ("PUT /scenario", SCENARIO)),
        ("turn", ("PUT /clock", {"at": "2025-01-01T00:00:00Z"})),
        ("crash", None),
        ("end", None),
    ]
)
LIVES = st.lists(st.one_of(calls, TURNS), max_size=24)
APPLY = make_apply(load_contract())


def take(life: Life, step: Step, server: LastingApp | None) -> Any:
    """Take a step; the server without a journal neither crashes nor ends."""
    kind, detail = step
    if kind == "turn":
        key, body = detail
        with suppress(CommandRefused):
            return carry_out(life.caller.api.worlds, life.caller.username, key, body)
        return "refused"
    if kind in ("crash", "end"):
        if server is not None:
            server.keep_reads()
            server.restart(crashed=kind == "crash")
        return None
    answer = life.take(step)
    return None if answer is None else (answer.status, without_token(answer.json))


def without_token(answer: Any) -> Any:
    return {**answer, "access_token": "", "refresh_token": ""} if isinstance(answer, dict) else answer


def seen(hosted: HostedWorld | None) -> tuple[Any, ...]:
    assert hosted is not None
    log = hosted.log
    entries = json.dumps([to_json(entry) for entry in log])
    return dump_base(log.base), entries, log.dropped, hosted.world, hosted.last_at


@contextmanager
def on_a_journal(clock: ManualClock, **settings: int) -> Iterator[LastingApp]:
    with TemporaryDirectory() as folder:
        server = on_file(Path(folder) / "mock.db", clock, journal=JournalSettings(**settings))  # type: ignore[arg-type]
        try:
            yield server
        finally:
            server.crash()


@pytest.mark.property
@settings(max_examples=60)
@given(LIVES)
def test_a_life_on_a_journal_is_the_same_through_crashes(steps: list[Step]) -> None:
    clocks = ManualClock(), ManualClock()
    plain = Life(create_app(ServerSettings(seed=SEED, signing_key=KEY), clock=clocks[0]).api, clocks[0])
    with on_a_journal(clocks[1]) as server:
        kept = Life(server, clocks[1])  # type: ignore[arg-type]
        for step in steps:
            assert take(plain, step, None) == take(kept, step, server), step
        server.keep_reads()
        server.restart()
        found = [seen(life.caller.api.worlds.find("acme")) for life in (kept, plain)]
        for ours, other in zip(*found, strict=True):
            assert ours == other
        assert server.said == []
        assert problems(server) == [""]


def problems(server: LastingApp) -> list[str]:
    finder = Finder(server.engine, APPLY, beginning=Beginning(default()), max_entries=10_000)
    return [one.problem for one in check_worlds(server.engine, finder)]


@pytest.mark.property
@settings(max_examples=40)
@given(LIVES)
def test_bases_after_every_row_and_short_logs_change_no_answer(steps: list[Step]) -> None:
    clocks = ManualClock(), ManualClock()
    plain = Life(create_app(ServerSettings(seed=SEED, signing_key=KEY), clock=clocks[0]).api, clocks[0])
    with on_a_journal(clocks[1], base_characters=1, log_entries=3) as server:
        kept = Life(server, clocks[1])  # type: ignore[arg-type]
        for step in steps:
            if step[0] != "turn":
                assert take(plain, step, None) == take(kept, step, server), step
        server.keep_reads()
        server.restart()
        assert kept.caller.world == plain.caller.world
        assert (server.said, problems(server)) == ([], [""])


def forked(life: Life, worlds: Any, run: Any) -> str:
    """Fork a life's world from a snapshot and from the present one; return the second one's name."""
    life.caller.onboard()
    carry_out(life.caller.api.worlds, "acme", "POST /snapshots", {"name": "evening"})
    life.take(("wait", 3600))
    life.caller.get("/entities/site")
    run(worlds.fork("acme", snapshot="evening", username="first"))
    username, _ = run(worlds.fork("acme", snapshot=None, username=None))
    return str(username)


def test_forks_are_the_same_with_and_without_a_journal() -> None:
    clocks = ManualClock(), ManualClock()
    app = create_app(ServerSettings(seed=SEED, signing_key=KEY), clock=clocks[0])
    plain = Life(app.api, clocks[0])
    name = forked(plain, app.api.worlds, asyncio.run)
    with on_a_journal(clocks[1]) as server:
        kept = Life(server, clocks[1])  # type: ignore[arg-type]
        assert forked(kept, server.journalled, server.on_loop) == name
        server.keep_reads()
        server.restart()
        for one in ("acme", "first", name):
            assert seen(server.worlds.find(one)) == seen(app.api.worlds.find(one))
        assert problems(server) == ["", "", ""]
