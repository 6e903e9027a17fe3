"""A world written as a scenario loads to the same answers."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings

from mockaxle.app import create_app
from mockaxle.scenarios.dumping import dump, spelt
from mockaxle.scenarios.lines import Format
from mockaxle.scenarios.reading import read_scenario
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Request
from tests.calling import FORM, NIGHT, Caller
from tests.commanding import carry_out
from tests.living import Life, Step, fresh_life, steps


def reloaded(life: Life, format: Format) -> Life:
    """The same organisation on a new server that starts from its world as written."""
    section = {"at": life.caller.world.clock.now(life.clock.at).isoformat(), "rate": str(life.caller.world.clock.rate)}
    text = spelt(dump(life.caller.state, clock=section), format)
    scenario = read_scenario(text, name="dump", format=format)
    again = Life(create_app(ServerSettings(seed="other"), scenario=scenario, clock=life.clock).api, life.clock)
    again.ids = dict(life.ids)
    return again


@pytest.mark.property
@settings(max_examples=150)
@given(steps, steps)
def test_a_dumped_world_loads_to_the_same_answers(before: list[Step], after: list[Step]) -> None:
    life = fresh_life().live(before)
    carry_out(life.caller.api.worlds, "acme", "POST /reset", {"what": ["faults"]})  # they are of no scenario
    life.caller.token = life.caller.log_in().json["access_token"]
    for format in ("toml", "json"):
        again = reloaded(life, format)
        assert dump(again.caller.state, clock=None) == dump(life.caller.state, clock=None)
    again.caller.token = again.caller.log_in().json["access_token"]
    for step in after:
        if step[0] == "command" and step[1][0] in ("POST /reset", "POST /snapshots/{name}/restore"):
            continue  # the two began differently
        one, other = life.take(step), None
        if step[0] != "wait":
            other = again.take(step)
        assert (one and one.status) == (other and other.status)
        if one and other and step[0] != "log in":
            assert one.json == other.json


def test_what_is_added_to_a_dump_gets_an_id_of_its_own() -> None:
    life = fresh_life()
    for mpan in ("1000000000012", "2000000000006"):
        charger = {"external_id": mpan, "type": "charger"}
        life.caller.onboard(site={"mpan": mpan, "street_address": None}, assets=[charger])
    data = dump(life.caller.state, clock=None)
    data["sites"].append({"mpan": "1000000000099", "balance_pence": 5})
    scenario = read_scenario(spelt(data, "json"), name="dump", format="json")
    again = Caller(create_app(scenario=scenario).api)
    sites = again.get("/entities/site").json["sites"]
    assert [site["mpan"] for site in sites] == ["1000000000012", "2000000000006", "1000000000099"]
    ids = {site["id"] for site in sites} | {one.id for one in again.state.transactions.get(sites[2]["id"]) or ()}
    ids.add(again.post("/entities/site", {"mpan": "1000000001099", "postcode": "M1"}).json["id"])
    assert len(ids) == 5


def test_a_user_who_is_called_as_a_site_gets_none_of_its_assets() -> None:
    life = fresh_life()
    site_id = life.caller.onboard().json["site"]["site_id"]
    form = {"external_user_id": site_id, "allowed_origin": "o", "gave_boundary_meter_consent_at": "2026-01-05T09:00Z"}
    bearer = (b"authorization", f"Bearer {life.caller.token}".encode())
    life.caller.send(Request("POST", "/auth/component-token", "", (FORM, bearer), urlencode(form).encode()))
    again = reloaded(life, "json").caller
    assert [asset["site_id"] for asset in again.get("/entities/asset").json["assets"]] == [site_id]


def test_an_id_that_a_scenario_gives_is_made_for_nothing_else() -> None:
    life = fresh_life()
    given = life.caller.onboard().json["site"]["site_id"]
    scenario = {"sites": [{"id": given, "mpan": "1000000000099"}]}
    carry_out(life.caller.api.worlds, "acme", "PUT /scenario", scenario)
    assert life.caller.onboard().json["site"]["site_id"] != given
    assert life.caller.get("/entities/site").json["total_num_sites"] == 2


def test_pauses_are_settled_in_the_order_of_their_planning_after_a_reload() -> None:
    life = fresh_life()
    assets = []
    for mpan in ("1000000000012", "2000000000006"):
        charger = {"external_id": mpan, "type": "charger"}
        done = life.caller.onboard(site={"mpan": mpan, "street_address": None}, assets=[charger]).json
        assets.append(done["assets"][0]["asset_id"])
    for asset_id in reversed(assets):
        life.caller.plug_in(asset_id, NIGHT)
    again = reloaded(life, "toml")
    life.clock.advance(hours=20)
    for one in (life.caller, again.caller):
        one.token = one.log_in().json["access_token"]
    ids = [site["id"] for site in life.caller.get("/entities/site").json["sites"]]
    for site_id in ids:
        rewards = life.caller.get(f"/rewards/{site_id}/transactions").json
        assert len(rewards["transactions"]) == 1
        assert again.caller.get(f"/rewards/{site_id}/transactions").json == rewards


@pytest.mark.rule("W5")
@pytest.mark.parametrize(("minutes", "kind"), [(30, "charge-now"), (70, "charge-now"), (70, "plug-out")])
def test_a_pause_that_was_cut_or_overridden_is_so_after_a_reload(minutes: int, kind: str) -> None:
    life = fresh_life()
    asset_id = life.caller.onboard().json["assets"][0]["asset_id"]
    life.caller.plug_in(asset_id, NIGHT)
    life.clock.at = datetime.fromisoformat("2026-01-21T00:00:00+00:00") + timedelta(minutes=minutes)
    life.caller.token = life.caller.log_in().json["access_token"]
    body = {"end_at": "2026-01-21T01:20:00Z"} if kind == "charge-now" else {}
    life.caller.post(f"/entities/asset/{asset_id}/event/{kind}", body)
    again = reloaded(life, "toml")
    life.clock.advance(hours=2)
    again.caller.token = again.caller.log_in().json["access_token"]
    site_id = again.caller.get("/entities/site").json["sites"][0]["id"]
    transactions = again.caller.get(f"/rewards/{site_id}/transactions").json["transactions"]
    assert [one["end_time"] for one in transactions] == ([] if minutes == 30 else ["2026-01-21T01:10:00+00:00"])
