"""The scenarios that come with the package."""

import json
import tomllib
from datetime import date, datetime, time
from typing import Any

import jsonschema
import pydantic
import pytest

from mockaxle.app import create_app
from mockaxle.contract.data import data_file
from mockaxle.core.property import check_digit
from mockaxle.core.records import AssetType
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.schema import scenario_schema
from mockaxle.scenarios.shipped import default, shipped, shipped_names
from tests.calling import NIGHT, Answer, Caller

NAMES = shipped_names()


PYDANTIC = tuple(int(part) for part in pydantic.VERSION.split(".")[:2])


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


@pytest.mark.parametrize("name", NAMES)
def test_each_says_why_it_exists_and_keeps_to_the_schema(name: str) -> None:
    text = data_file("fixtures", "scenarios", f"{name}.toml").read_text()
    assert text.splitlines()[0] == "#:schema ../scenario.schema.json"
    assert text.splitlines()[1].startswith("# ")
    jsonschema.validate(json.loads(json.dumps(tomllib.loads(text), default=plain)), json.loads(scenario_schema()))


@pytest.mark.skipif(PYDANTIC < (2, 14), reason="an older pydantic spells the same schema differently")
def test_the_schema_in_the_repository_is_the_models_own() -> None:
    """After a change: `mockaxle scenario schema > fixtures/scenario.schema.json`."""
    assert data_file("fixtures", "scenario.schema.json").read_text(encoding="utf-8") == scenario_schema()


def serving(name: str) -> Caller:
    return Caller(create_app(scenario=shipped(name)).api)


def sent(caller: Caller, block: tuple[str, str]) -> list[str]:
    """When the blocks end that come back for one sent by a freshly onboarded home."""
    asset_id = caller.onboard(site={"mpan": "1000000000012"}).json["assets"][0]["asset_id"]
    schedule = [{"start_timestamp": block[0], "end_timestamp": block[1]}]
    return [b["end_timestamp"] for b in caller.plug_in(asset_id, schedule).json["modified_charging_schedule"]]


def test_an_empty_market_changes_no_schedule() -> None:
    caller = serving("empty-market")
    asset_id = caller.onboard().json["assets"][0]["asset_id"]
    assert caller.plug_in(asset_id, NIGHT).json == {"modified_charging_schedule": NIGHT}


@pytest.mark.rule("F4", "F5")
@pytest.mark.parametrize(
    ("name", "block", "pause"),
    [
        ("busy-evening", ("2026-01-20T15:00:00Z", "2026-01-20T21:45:00Z"), "2026-01-20T17:00:00Z"),
        ("busy-evening", ("2026-01-20T20:00:00Z", "2026-01-21T06:00:00Z"), "2026-01-20T22:30:00Z"),
        ("spring-forward", ("2026-03-28T22:00:00Z", "2026-03-29T06:00:00Z"), "2026-03-29T00:30:00Z"),
        ("spring-forward", ("2026-03-29T22:00:00Z", "2026-03-30T06:00:00Z"), "2026-03-30T00:00:00Z"),
        ("autumn-back", ("2026-10-24T22:00:00Z", "2026-10-25T00:31:00Z"), "2026-10-25T00:31:00Z"),
        ("autumn-back", ("2026-10-25T00:30:00Z", "2026-10-25T06:00:00Z"), "2026-10-25T01:00:00Z"),
    ],
)
def test_a_market_pays_when_its_scenario_says(name: str, block: tuple[str, str], pause: str) -> None:
    assert sent(serving(name), block)[0] == pause


@pytest.mark.rule("Q1")
def test_only_a_qualified_charger_enrols_where_nothing_is_half_hourly() -> None:
    caller = serving("not-half-hourly")

    def enrol(mpan: str) -> Answer:
        site = caller.get(f"/entities/site?mpan={mpan}").json["sites"][0]
        return caller.post(f"/entities/site/{site['id']}/enrol", {"proposition": "limited_pause"})

    assert (enrol("1200000000020").status, enrol("1200000000137").status) == (422, 200)


@pytest.mark.rule("U13")
def test_the_household_has_every_type_that_can_be_created_and_is_active() -> None:
    caller = serving("every-asset-type")
    created = {asset["type"] for asset in caller.get("/entities/asset").json["assets"]}
    not_creatable = {AssetType.BOUNDARY_METER, AssetType.FREQUENCY_METER, AssetType.PV_INVERTER}
    assert created == set(AssetType) - not_creatable
    methods = caller.get("/entities/site").json["sites"][0]["dispatch_methods"]
    assert methods == ["full_asset_schedule_control", "limited_pause"]


def test_ten_thousand_sites_are_ten_thousand_homes_with_a_charger() -> None:
    caller = serving("ten-thousand-sites")
    last = caller.get("/entities/site?offset=9999").json
    assert (last["total_num_sites"], len(last["sites"])) == (10_000, 1)
    asset = caller.get("/entities/asset/external-id/fleet-10000").json
    assert asset["site_id"] == last["sites"][0]["id"]
    schedule = caller.plug_in(asset["id"], NIGHT).json["modified_charging_schedule"]
    assert len(schedule) == 2


@pytest.mark.rule("Q7", "Q10")
def test_all_listed_mpans_but_the_vendors_sample_have_a_valid_check_digit() -> None:
    listed = [meter.mpan for name in NAMES for meter in shipped(name).meters or ()]
    assert {mpan for mpan in listed if check_digit(mpan[:12]) != mpan[12]} == {"1234567890123"}


def test_what_a_scenario_leaves_out_is_as_in_the_default_one() -> None:
    def reference(name: str) -> Any:
        return blueprint(shipped(name)).reference

    assert reference("empty-market").meters == reference("default").meters
    assert reference("busy-evening").models == reference("default").models
    assert reference("every-asset-type").market == reference("default").market
    assert default() == shipped("default")
