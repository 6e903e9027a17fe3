"""Reading sites and assets."""

import pytest

from mockaxle.core.sites import address_key, stored_postcode
from tests.calling import CHARGER, Caller


@pytest.mark.rule("L13", "U10", "G10", "G9")
def test_a_site_is_read_without_what_is_not_set(acme: Caller) -> None:
    body = acme.onboard(site={"street_address": None}).json
    assert acme.get(f"/entities/site/{body['site']['site_id']}").json == {
        "id": body["site"]["site_id"],
        "mpan": "1000000000012",
        "postcode": "M1 1AE",
        "asset_ids": [body["assets"][0]["asset_id"]],
        "markets": ["wholesale"],
        "dispatch_methods": ["limited_pause"],
        "gave_boundary_meter_consent_at": "2026-01-05T09:00:00+00:00",
    }


@pytest.mark.rule("U10")
def test_street_address_comes_back_as_address_and_the_email_does_not(acme: Caller) -> None:
    site = acme.get(f"/entities/site/{acme.onboard().json['site']['site_id']}").json
    assert site["address"] == "7 Canal Row"
    assert not {"email", "street_address"} & site.keys()


@pytest.mark.rule("U13")
def test_an_asset_is_read_without_its_write_only_fields(acme: Caller) -> None:
    body = acme.onboard(assets=[{**CHARGER, "asset_model": "zappi", "installation_date": "2025-11-03"}]).json
    asset_id = body["assets"][0]["asset_id"]
    assert acme.get(f"/entities/asset/{asset_id}").json == {
        "id": asset_id,
        "external_id": "wallbox-7",
        "type": "charger",
        "site_id": body["site"]["site_id"],
        "properties": {"power_kw": 7.4},
    }


@pytest.mark.rule("E5")
@pytest.mark.parametrize("noun", ["site", "asset"])
@pytest.mark.parametrize("id", ["x", "123", "%00", "0" * 32, "{00000000-0000-0000-0000-000000000000}", "%F0%9F%90%8C"])
def test_an_id_that_is_no_uuid_is_422(acme: Caller, noun: str, id: str) -> None:
    answer = acme.get(f"/entities/{noun}/{id}")
    item = {"loc": ["path", f"{noun}_id"], "msg": "value is not a valid uuid", "type": "type_error.uuid"}
    assert (answer.status, answer.json) == (422, {"detail": [item]})


@pytest.mark.rule("E4")
@pytest.mark.parametrize("noun", ["site", "asset"])
def test_an_unknown_id_is_404(acme: Caller, noun: str) -> None:
    answer = acme.get(f"/entities/{noun}/00000000-0000-0000-0000-000000000000")
    assert answer.status == 404
    assert answer.json["detail"].endswith("00000000-0000-0000-0000-000000000000 not found")


def test_an_id_in_capitals_is_the_same_id(acme: Caller) -> None:
    site_id = acme.onboard().json["site"]["site_id"]
    assert acme.get(f"/entities/site/{site_id.upper()}").json["id"] == site_id


@pytest.mark.rule("U9")
@pytest.mark.parametrize(
    ("sent", "stored"),
    [("sw1a1aa", "SW1A 1AA"), (" m1  1ae ", "M1 1AE"), ("W1A 0AX", "W1A 0AX"), (" bfpo 12", "BFPO 12"), ("", "")],
)
def test_how_postcodes_are_stored(sent: str, stored: str) -> None:
    assert stored_postcode(sent) == stored


@pytest.mark.rule("U10")
def test_addresses_are_the_same_but_for_case_and_spaces() -> None:
    assert address_key(" 7  Canal\tROW") == address_key("7 canal row")
    assert address_key("7 Canal Row") != address_key("7, Canal Row")
