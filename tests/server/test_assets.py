"""Assets: created, changed, found and deleted."""

import pytest

from tests.calling import CHARGER, NIGHT, Answer, Caller

BATTERY = {"external_id": "battery-2", "type": "battery", "properties": {"capacity_kwh": 9.5}}
NOBODY = "00000000-0000-4000-8000-000000000000"


def home(caller: Caller) -> str:
    site_id: str = caller.onboard().json["site"]["site_id"]
    return site_id


def create(caller: Caller, **asset: object) -> Answer:
    return caller.post("/entities/asset", {**BATTERY, **asset})


@pytest.mark.rule("L9", "U13", "L13")
def test_an_asset_is_added_to_an_enrolled_site_which_stays_so(acme: Caller) -> None:
    site_id = home(acme)
    answer = create(acme, site_id=site_id, serial_number="x", asset_model="pot", installation_date="2025-11-03")
    asset_id = answer.json["id"]
    assert answer.json == {"id": asset_id, "site_id": site_id, **BATTERY}
    site = acme.get(f"/entities/site/{site_id}").json
    assert site["asset_ids"][1:] == [asset_id]
    assert site["dispatch_methods"] == ["limited_pause"]


@pytest.mark.rule("U6", "E4")
def test_an_asset_needs_a_live_site_and_a_free_external_id(acme: Caller) -> None:
    site_id = home(acme)
    missing = create(acme, site_id=NOBODY)
    assert (missing.status, missing.json) == (404, {"detail": f"Site {NOBODY} not found"})
    taken = create(acme, site_id=site_id, external_id="wallbox-7")
    assert (taken.status, taken.json) == (409, {"detail": "External id 'wallbox-7' is already registered"})


@pytest.mark.rule("E5")
@pytest.mark.parametrize("site_id", ["x", "0" * 32, f"urn:uuid:{NOBODY}", f"{{{NOBODY}}}", 7])
def test_a_site_id_that_is_no_uuid_is_422(acme: Caller, site_id: object) -> None:
    (item,) = create(acme, site_id=site_id).json["detail"]
    assert (item["loc"], item["type"]) == (["body", "site_id"], "type_error.uuid")


@pytest.mark.rule("U13", "E5")
def test_a_type_that_cannot_be_created_is_422(acme: Caller) -> None:
    assert [i["loc"] for i in create(acme, site_id=home(acme), type="pv inverter").json["detail"]] == [["body", "type"]]


@pytest.mark.rule("U14")
def test_patch_changes_properties_key_by_key(acme: Caller) -> None:
    asset_id = create(acme, site_id=home(acme)).json["id"]
    answer = acme.call("PATCH", f"/entities/asset/{asset_id}", {"properties": {"power_kw": 0}})
    assert answer.json["properties"] == {"power_kw": 0, "capacity_kwh": 9.5}
    assert acme.call("PATCH", f"/entities/asset/{asset_id}", {}).json == answer.json
    assert acme.call("PATCH", f"/entities/asset/{asset_id}", {"properties": None}).status == 422


@pytest.mark.rule("U14", "L9")
def test_an_asset_takes_part_once_it_is_eligible(acme: Caller) -> None:
    eligible = {**CHARGER, "asset_model": "zappi", "installation_date": "2025-11-03"}
    site_id = acme.onboard(site={"mpan": "1200000000020"}, assets=[eligible]).json["site"]["site_id"]
    asset_id = create(acme, site_id=site_id, external_id="second", type="charger").json["id"]
    assert acme.plug_in(asset_id, NIGHT).rules == ("L9",)
    acme.call("PATCH", f"/entities/asset/{asset_id}", {"asset_model": "zappi", "installation_date": "2025-11-03"})
    assert acme.plug_in(asset_id, NIGHT).rules == ("F5",)


@pytest.mark.rule("U5")
def test_an_asset_is_found_by_its_external_id(acme: Caller) -> None:
    site_id = home(acme)
    for external_id, path in (("a/b c", "a%2Fb%20c"), ("é?#", "%C3%A9%3F%23")):
        asset = create(acme, site_id=site_id, external_id=external_id).json
        assert acme.get(f"/entities/asset/external-id/{path}").json == asset
    missing = acme.get("/entities/asset/external-id/nobody")
    assert (missing.status, missing.json) == (404, {"detail": "Asset nobody not found"})


@pytest.mark.rule("L9", "U5", "G7")
def test_deleting_the_last_asset_keeps_the_site_enrolled_and_frees_the_external_id(acme: Caller) -> None:
    site_id = home(acme)
    asset_id = acme.get(f"/entities/site/{site_id}").json["asset_ids"][0]
    assert acme.call("DELETE", f"/entities/asset/{asset_id}").status == 204
    assert acme.call("DELETE", f"/entities/asset/{asset_id}").status == 404
    site = acme.get(f"/entities/site/{site_id}").json
    assert (site["asset_ids"], site["dispatch_methods"]) == ([], ["limited_pause"])
    fresh = create(acme, site_id=site_id, external_id="wallbox-7", type="charger").json["id"]
    assert fresh != asset_id


@pytest.mark.rule("U12")
def test_assets_are_listed_in_creation_order(acme: Caller) -> None:
    site_id = home(acme)
    for name in "dbca":
        create(acme, site_id=site_id, external_id=name)
    page = acme.get("/entities/asset?limit=3&offset=3").json
    assert [asset["external_id"] for asset in page.pop("assets")] == ["c", "a"]
    assert page == {"total_num_assets": 5, "total_num_pages": 2, "page_number": 2}
