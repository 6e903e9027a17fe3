"""Readings: verdicts, registers, gzip."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.app import create_app
from mockaxle.core.limits import MAX_LARGE_BODY
from mockaxle.core.reading_labels import ReadingDataPointLabel
from mockaxle.core.readings import Reading, take_readings
from mockaxle.core.records import Asset, AssetType
from mockaxle.core.reference import Reference
from mockaxle.core.state import State
from mockaxle.core.table import Table
from mockaxle.scenarios.sections import Scenario, SettingsSection
from mockaxle.world.entries import Request
from tests.calling import JSON, Answer, Caller

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)
REGISTER = "charger_lifetime_consumption_energy_kwh"


def charger(caller: Caller) -> str:
    found: str = caller.onboard().json["assets"][0]["asset_id"]
    return found


def point(asset_id: str, label: str, value: float, *, at: float = 0, minutes: float = 30) -> dict[str, Any]:
    """A reading that ends so many hours after noon."""
    end = NOON + timedelta(hours=at)
    start = end - timedelta(minutes=minutes)
    times = {"start_timestamp": start.isoformat(), "end_timestamp": end.isoformat()}
    return {"asset_id": asset_id, **times, "value": value, "label": label}


def post(caller: Caller, *points: dict[str, Any]) -> list[bool]:
    answer = caller.post("/data/readings", {"readings": list(points)})
    assert answer.status == 200, answer.json
    for sent, verdict in zip(points, answer.json["responses"], strict=True):
        assert ("error" in verdict) is (not verdict["accepted"])
        assert (verdict["asset_id"], verdict["label"]) == (sent["asset_id"], sent["label"])
    return [verdict["accepted"] for verdict in answer.json["responses"]]


@pytest.mark.rule("R2")
@pytest.mark.parametrize(
    ("label", "value", "accepted"),
    [
        ("boundary_import_kw", -3.2, True),
        ("battery_inverter_import_kw", -5, True),
        ("charger_consumption_energy_kwh", -0.1, False),
        ("charger_consumption_energy_kwh", 0, True),
        ("charger_lifetime_consumption_energy_kwh", -1, False),
        ("boundary_lifetime_import_energy_kwh", -1, False),
        ("boundary_lifetime_export_energy_kwh", -1, False),
        ("provisional_consumption_kwh", -0.01, False),
        ("solar_power_kw", -0.01, False),
        ("battery_stored_energy_kwh", -0.01, False),
        ("battery_state_of_charge_pct", -0.1, False),
        ("battery_state_of_charge_pct", 0, True),
        ("battery_state_of_charge_pct", 100, True),
        ("battery_state_of_charge_pct", 100.1, False),
    ],
)
def test_each_label_has_its_range(acme: Caller, label: str, value: float, accepted: bool) -> None:
    assert post(acme, point(charger(acme), label, value)) == [accepted]


@pytest.mark.rule("R1", "R2")
def test_a_batch_has_a_verdict_for_each_of_its_readings(acme: Caller) -> None:
    asset_id = charger(acme)
    rival = charger(Caller(acme.api, "beta"))
    assert post(acme) == []
    label = "boundary_import_kw"
    backwards = {**point(asset_id, label, 1), "end_timestamp": "2026-01-20T11:30:00+00:00"}
    assert post(acme, point(asset_id, label, 1), point(rival, label, 1), backwards) == [True, False, False]


@pytest.mark.rule("R2")
def test_a_register_is_compared_with_its_neighbours_in_time_and_not_with_the_last_received(acme: Caller) -> None:
    asset_id = charger(acme)

    def send(value: float, at: float) -> bool:
        return post(acme, point(asset_id, REGISTER, value, at=at))[0]

    assert send(100, 1)
    assert send(300, 3)
    assert send(200, 2)  # late, and in between
    assert not send(301, 2.5)
    assert not send(199, 2.5)
    assert send(50, 0)
    assert not send(99, 4)
    assert send(200, 2)  # sent again
    assert send(250, 2)  # the last of one instant counts
    assert not send(249, 2.5)
    assert post(acme, point(asset_id, REGISTER, 400, at=5), point(asset_id, REGISTER, 350, at=6)) == [True, False]
    other = "boundary_lifetime_import_energy_kwh"
    assert post(acme, point(asset_id, other, 1, at=9)) == [True]


@pytest.mark.rule("R3")
def test_readings_are_taken_whatever_the_sites_state_but_of_live_assets_only(acme: Caller) -> None:
    body = acme.onboard().json
    site_id, asset_id = body["site"]["site_id"], body["assets"][0]["asset_id"]
    acme.post(f"/entities/site/{site_id}/unenrol", {"proposition": "limited_pause"})
    assert post(acme, point(asset_id, REGISTER, 5)) == [True]
    acme.post(f"/entities/site/{site_id}/offboard-site-and-assets")
    assert post(acme, point(asset_id, REGISTER, 6, at=1)) == [False]
    assert post(acme, point(charger(acme), REGISTER, 1)) == [True]


@pytest.mark.rule("R2")
def test_only_strict_readings_reject_consumption_over_another_length() -> None:
    for strict in (False, True):
        scenario = Scenario(settings=SettingsSection(strict_readings=strict))
        caller = Caller(create_app(scenario=scenario).api)
        odd = point(charger(caller), "charger_consumption_energy_kwh", 1, minutes=15)
        assert post(caller, odd) == [not strict]


def packed(caller: Caller, body: bytes, encoding: bytes = b"gzip") -> Answer:
    bearer = (b"authorization", f"Bearer {caller.token}".encode())
    headers = (JSON, bearer, (b"content-encoding", encoding))
    return caller.send(Request("POST", "/data/readings", "", headers, body))


@pytest.mark.rule("R1")
def test_gzip_is_unpacked_and_broken_gzip_is_400(acme: Caller) -> None:
    text = json.dumps({"readings": [point(charger(acme), REGISTER, 5)]}).encode()
    whole = gzip.compress(text)
    assert packed(acme, whole).json["responses"][0]["accepted"]
    assert packed(acme, gzip.compress(text[:9]) + gzip.compress(text[9:])).status == 200
    for broken in (text, whole[:-1], whole[:20], b"", whole + b"x", whole[:-5] + b"xxxxx"):
        assert packed(acme, broken).status == 400, broken
    assert packed(acme, whole, b"br").status == 400
    assert packed(acme, text, b"identity").status == 200


@pytest.mark.rule("R1")
def test_what_is_too_large_once_unpacked_is_413(acme: Caller) -> None:
    before = acme.state
    assert packed(acme, gzip.compress(b" " * (MAX_LARGE_BODY + 1))).status == 413
    assert packed(acme, gzip.compress(bytes(MAX_LARGE_BODY * 50))).status == 413
    assert acme.state is before


entries = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 12)), max_size=12)


@pytest.mark.property
@pytest.mark.rule("R2")
@settings(max_examples=300)
@given(st.lists(entries, max_size=4))
def test_a_register_never_decreases_and_takes_all_that_keeps_it_so(batches: list[list[tuple[int, int]]]) -> None:
    asset = Asset("a", 0, "s", "x", AssetType.CHARGER, created_at=NOON)
    state = State(b"seed", Reference(), assets=Table[str, Asset]().put("a", asset))
    model: dict[datetime, float] = {}
    for batch in batches:
        readings = [
            Reading("a", NOON, NOON + timedelta(hours=at + 1), value, ReadingDataPointLabel(REGISTER))
            for at, value in batch
        ]
        outcome = take_readings(state, readings)
        for reading, fault in zip(readings, outcome.value.verdicts, strict=True):
            candidate = sorted({**model, reading.end_at: reading.value}.items())
            values = [value for _, value in candidate]
            assert (fault is None) is (values == sorted(values))
            model = dict(candidate) if fault is None else model
        state = outcome.state
    assert dict(state.registers.get("a") or ()).get(REGISTER, ()) == tuple(sorted(model.items()))


@pytest.mark.rule("R1")
def test_padding_is_no_fault_and_many_members_are_refused_at_once(acme: Caller) -> None:
    text = json.dumps({"readings": []}).encode()
    assert packed(acme, gzip.compress(text) + bytes(512)).status == 200
    assert packed(acme, gzip.compress(text[:3]) + bytes(4) + gzip.compress(text[3:])).status == 200
    assert packed(acme, gzip.compress(b"") * 490_000).status == 400
