"""Any log replays to the same world and the same bytes, in any process."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.app import create_app
from mockaxle.commands import CommandRefused
from mockaxle.exchange import Entry, Request, from_json, to_json
from mockaxle.settings import ServerSettings
from tests.calling import FORM, HOME, Caller
from tests.clocks import ManualClock
from tests.replaying import SEED, replay, written

ROOT = Path(__file__).parent.parent
# summer and winter, the calendar's ends, clock changes: what one schedule asks must not colour another's answer
DAYS = ["2026-01-20", "2026-01-21", "2026-06-27", "2026-10-25", "9999-10-31", "9999-12-31", "0001-01-01"]
TIMES = [f"{day}T{hour:02}:{minute}:00Z" for day in DAYS for hour in range(0, 24, 3) for minute in ("00", "45")]
blocks = st.fixed_dictionaries({"start_timestamp": st.sampled_from(TIMES), "end_timestamp": st.sampled_from(TIMES)})
assets = st.fixed_dictionaries(
    {"external_id": st.sampled_from("abc"), "type": st.sampled_from(["charger", "battery", "kettle"])},
    optional={"properties": st.just({"power_kw": 7.4}), "asset_model": st.sampled_from(["zappi", "pot"])},
)
sites = st.fixed_dictionaries(
    {"mpan": st.sampled_from(["1000000000012", "1200000000020", "1400000000039", "x"])},
    optional={"postcode": st.text(max_size=8), "email": st.sampled_from(["a@b", "x"])},
)
commands = st.sampled_from(
    [
        ("advance", {"seconds": 3600.0}),
        ("set clock", {"at": None, "rate": "0"}),
        ("set clock", {"at": "2026-06-01T00:00:00+00:00", "rate": "2.5"}),
        ("reset", {"what": ["state", "market"]}),
        ("change settings", {"pause_minutes": 60}),
        (
            "add window",
            {"from_time": "09:00", "to_time": "12:00", "timezone": "Europe/London", "price_gbp_per_mwh": "500.5"},
        ),
        ("remove window", {"id": "night"}),
    ]
)
PAUSE = {"proposition": "limited_pause"}
METHODS = {"dispatch_methods": ["vpp_limited_control", "limited_pause"]}
WHOLE_LIFE: list[tuple[str, str, Any]] = [
    ("POST", "/entities/site/initialise", {"site": HOME, "assets": [{"external_id": "a", "type": "battery"}]}),
    ("POST", "/entities/site", {**HOME, "mpan": "1000000000099"}),
    (
        "POST",
        "/entities/site/onboard-site-and-asset",
        {"site": HOME, "asset": {"external_id": "c", "type": "charger"}, "dispatch_consent": METHODS},
    ),
    ("POST", "/entities/site/{site}/enrol", {**PAUSE, "override_withdrawal": True}),
    ("POST", "/entities/site/{site}/unenrol", PAUSE),
    ("POST", "/entities/site/{site}/dispatch-consent", METHODS),
    ("POST", "/entities/site/{site}/dispatch-deconsent", METHODS),
    ("POST", "/entities/site/{site}/meter-consent", {"gave_boundary_meter_consent_at": "2026-02-02T00:00:00Z"}),
    ("POST", "/entities/site/{site}/offboard-site-and-assets", None),
    ("PATCH", "/entities/site/{site}", {"address": "9 Canal Row", "postcode": "ls14ap", "mpan": "1000000000099"}),
    ("DELETE", "/entities/site/{site}", None),
    ("GET", "/entities/site/{site}/eligibility", None),
    ("GET", "/entities/site?limit=2&offset=1&postcode=M1+1AE", None),
    ("POST", "/entities/site/check-eligibility", {"mpan": "1200000000020", "asset_model": "zappi"}),
    ("POST", "/entities/asset", {"external_id": "b", "type": "charger", "site_id": "{site}"}),
    ("PATCH", "/entities/asset/{asset}", {"properties": {"capacity_kwh": 9.5}, "asset_model": "zappi"}),
    ("DELETE", "/entities/asset/{asset}", None),
    ("GET", "/entities/asset/external-id/a", None),
    ("GET", "/entities/asset?limit=1", None),
]
calls = st.one_of(
    st.tuples(st.just("call"), st.sampled_from(WHOLE_LIFE)),
    st.tuples(st.just("log in"), st.sampled_from(["secret", "wrong"])),
    st.tuples(st.just("wait"), st.sampled_from([0, 60, 3600])),
    st.tuples(st.just("who"), st.none()),
    st.tuples(st.just("onboard"), st.tuples(sites, st.lists(assets, max_size=2))),
    st.tuples(st.just("plug in"), st.lists(blocks, max_size=2)),
    st.tuples(st.just("read"), st.sampled_from(["site", "asset"])),
    st.tuples(st.just("raw"), st.binary(max_size=8)),
    st.tuples(st.just("command"), commands),
)


def live(steps: list[tuple[str, Any]]) -> Caller:
    """An organisation's life: what the steps say, with the ids that came back."""
    clock = ManualClock()
    caller = Caller(create_app(ServerSettings(seed=SEED), clock=clock).reception, "acme")
    ids = {"site": "00000000-0000-0000-0000-000000000000", "asset": "x"}
    for step, detail in steps:
        if step == "log in":
            caller.token = (caller.log_in(detail).json or {}).get("access_token", caller.token)
        elif step == "wait":
            clock.advance(seconds=detail)
        elif step == "who":
            caller.get("/auth/users/me/")
        elif step == "onboard":
            answer = caller.onboard(site={**HOME, **detail[0]}, assets=detail[1])
            if answer.status == 200:
                ids["site"] = answer.json["site"]["site_id"]
            if answer.status == 200 and detail[1]:
                ids["asset"] = answer.json["assets"][0]["asset_id"]
        elif step == "plug in":
            caller.plug_in(ids["asset"], detail)
        elif step == "read":
            caller.get(f"/entities/{detail}/{ids[detail]}")
        elif step == "call":
            verb, path, body = detail
            filled = {k: ids["site"] if v == "{site}" else v for k, v in body.items()} if body else None
            caller.call(verb, path.format(**ids), filled)
        elif step == "command":
            with suppress(CommandRefused):
                caller.reception.worlds.command("acme", detail[0], arguments=detail[1])
        else:
            caller.post("/entities/site/onboard", raw=detail)
    return caller


def log_of(caller: Caller) -> list[Entry]:
    slot = caller.reception.worlds.find(caller.username)
    assert slot
    return list(slot.log)


@pytest.mark.property
@settings(max_examples=300)
@given(st.lists(calls, max_size=20))
def test_a_log_replays_to_the_same_world_and_bytes(steps: list[tuple[str, Any]]) -> None:
    caller = live(steps)
    log = log_of(caller)
    world, again = replay("acme", [from_json(json.loads(json.dumps(to_json(exchange)))) for exchange in log])
    assert again == log
    assert world == caller.world


def test_logs_replay_alike_in_fresh_processes_whatever_the_hash_seed(tmp_path: Path) -> None:
    logs: list[list[Entry]] = []

    @settings(max_examples=40, database=None)
    @given(st.lists(calls, min_size=5, max_size=15))
    def gather(steps: list[tuple[str, Any]]) -> None:
        logs.append(log_of(live(steps)))

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
    caller = live([("log in", "hunter2"), ("who", None), ("raw", b"{}")])
    secrets = tuple(
        (name, b"swordfish") for name in (b"cookie", b"proxy-authorization", b"x-api-key", b"authorization")
    )
    for path in ("/auth/users/me/", "/nowhere", "/auth/token-form"):
        caller.send(Request("POST", path, "password=swordfish", secrets, b"password=swordfish"))
    form = Request(
        "POST", "/auth/token-form", "password=swordfish", (FORM, *secrets), b"username=acme&password=swordfish"
    )
    assert caller.send(form).status == 200
    text = written(log_of(caller)) + written(list(caller.reception.journal))
    assert caller.token
    for secret in (caller.token, "secret", "hunter2", "swordfish", "authorization"):
        assert secret not in text


def test_instants_never_go_back_within_a_log() -> None:
    clock = ManualClock()
    caller = Caller(create_app(clock=clock).reception, "acme")
    clock.advance(hours=-5)
    caller.get("/auth/users/me/")
    instants = [exchange.at for exchange in log_of(caller)]
    assert instants == sorted(instants)
