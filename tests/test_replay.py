"""Any log replays to the same world and the same bytes, in any process."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.world.entries import Entry, Request, from_json, to_json
from tests.calling import FORM
from tests.living import Step, calls, fresh_life, steps
from tests.replaying import replay, written

ROOT = Path(__file__).parent.parent


@pytest.mark.property
@settings(max_examples=300)
@given(steps)
def test_a_log_replays_to_the_same_world_and_bytes(steps: list[Step]) -> None:
    life = fresh_life().live(steps)
    log = life.log
    written_out = [from_json(json.loads(json.dumps(to_json(exchange)))) for exchange in log]
    world, again = replay("acme", written_out, base=life.hosted.log.base)
    assert again == log
    assert world == life.caller.world


def test_logs_replay_alike_in_fresh_processes_whatever_the_hash_seed(tmp_path: Path) -> None:
    logs: list[list[Entry]] = []

    @settings(max_examples=40, database=None)
    @given(st.lists(calls, min_size=5, max_size=15))
    def gather(steps: list[Step]) -> None:
        logs.append(fresh_life().live(steps).log)

    gather()
    file = tmp_path / "logs.json"
    file.write_text(json.dumps([("acme", [to_json(exchange) for exchange in log]) for log in logs]))
    expected = [sha256(written(log).encode()).hexdigest() for log in logs]
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-m", "tests.replaying", str(file)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.split() == expected


def test_no_secret_enters_a_log() -> None:
    life = fresh_life().live([("log in", "hunter2"), ("who", None), ("raw", b"{}")])
    caller = life.caller
    secrets = tuple(
        (name, b"swordfish") for name in (b"cookie", b"proxy-authorization", b"x-api-key", b"authorization")
    )
    for path in ("/auth/users/me/", "/nowhere", "/auth/token-form"):
        caller.send(Request("POST", path, "password=swordfish", secrets, b"password=swordfish"))
    form = Request(
        "POST", "/auth/token-form", "password=swordfish", (FORM, *secrets), b"username=acme&password=swordfish"
    )
    assert caller.send(form).status == 200
    text = written(life.log) + written(list(caller.api.unmatched))
    assert caller.token
    for secret in (caller.token, "secret", "hunter2", "swordfish", "authorization"):
        assert secret not in text


def test_instants_never_go_back_within_a_log() -> None:
    life = fresh_life()
    life.clock.advance(hours=-5)
    life.caller.get("/auth/users/me/")
    instants = [entry.at for entry in life.log]
    assert instants == sorted(instants)
