"""Reading sites and assets."""

from time import process_time

import pytest

from mockaxle.core.property import stored_postcode, street_key
from tests.calling import CHARGER, HOME, Answer, Caller


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
    [
        ("sw1a1aa", "SW1A 1AA"),
        (" m1  1ae ", "M1 1AE"),
        ("W1A 0AX", "W1A 0AX"),
        (" bfpo 12", "BFPO 12"),
        ("gir0aa", "GIR 0AA"),
        ("D02 X285", "D02 X285"),
        ("", ""),
    ],
)
def test_how_postcodes_are_stored(sent: str, stored: str) -> None:
    assert stored_postcode(sent) == stored


@pytest.mark.rule("U10")
def test_addresses_are_the_same_but_for_case_and_spaces() -> None:
    assert street_key(" 7  Canal\tROW") == street_key("7 canal row")
    assert street_key("7 Canal Row") != street_key("7, Canal Row")


OTHER = {**HOME, "mpan": "1000000000099", "street_address": "8 Canal Row"}


def create(caller: Caller, **changes: object) -> Answer:
    body = {key: value for key, value in {**HOME, **changes}.items() if value is not None}
    return caller.post("/entities/site", body)


@pytest.mark.rule("U10", "G7")
def test_a_site_is_created_without_consent_or_assets(acme: Caller) -> None:
    answer = create(acme, gave_boundary_meter_consent_at=None)
    assert answer.status == 200
    site = {"mpan": "1000000000012", "postcode": "M1 1AE", "address": "7 Canal Row"}
    nothing: dict[str, object] = {"asset_ids": [], "markets": [], "dispatch_methods": []}
    assert answer.json == {"id": answer.json["id"], **site, **nothing}


@pytest.mark.rule("U10", "E1")
def test_an_address_or_an_mpan_that_is_live_is_409_with_the_sites_id(acme: Caller) -> None:
    site_id = create(acme).json["id"]
    same = create(acme, mpan="1000000000099", postcode="m11ae", street_address="7  canal ROW")
    assert (same.status, same.json) == (409, {"detail": f"The address belongs to site {site_id}"})
    mpan = create(acme, street_address="9 Canal Row")
    assert (mpan.status, mpan.json) == (409, {"detail": f"The MPAN belongs to site {site_id}"})


@pytest.mark.rule("U10", "E3")
def test_a_taken_address_or_mpan_is_reported_before_a_wrong_email(acme: Caller) -> None:
    create(acme)
    assert create(acme, mpan="1000000000099", email="x").status == 409
    assert create(acme, street_address="9 Canal Row", email="x").status == 409
    assert create(acme, mpan="1000000000099", street_address="9 Canal Row", email="x").status == 400


@pytest.mark.rule("U10", "L7")
def test_an_address_is_free_again_when_its_site_is_gone_or_has_moved(acme: Caller) -> None:
    first = create(acme).json["id"]
    patch(acme, first, address="9 Canal Row")
    second = create(acme, mpan="1000000000099").json["id"]
    acme.call("DELETE", f"/entities/site/{second}")
    assert create(acme, mpan="1000000000099").status == 200


def test_creating_many_sites_in_one_postcode_is_not_quadratic(acme: Caller) -> None:
    def seconds(first: int, count: int) -> float:
        started = process_time()
        for number in range(first, first + count):
            assert create(acme, mpan=f"{number:013}", street_address=str(number)).status == 200
        return process_time() - started

    few = min(seconds(first, 100) for first in (0, 100, 200))
    seconds(300, 3000)
    many = min(seconds(first, 100) for first in (4000, 4100, 4200))  # the least: the collector may pass through one
    assert many < 3 * few


@pytest.mark.rule("U10")
def test_an_address_is_the_same_only_where_both_give_a_street(acme: Caller) -> None:
    assert create(acme, street_address=None).status == 200
    assert create(acme, mpan="1000000000099", street_address=None).status == 200
    assert create(acme, mpan="1000000000098", street_address="").status == 200


@pytest.mark.rule("E1", "U8", "U7")
def test_creating_a_site_refuses_in_the_text_shape(acme: Caller) -> None:
    assert create(acme, mpan="1").json == {"detail": "MPAN must be 13 digits, got '1'"}
    assert create(acme, email="x").json == {"detail": "Invalid email 'x'"}
    malformed = acme.post("/entities/site", {"mpan": 1})
    assert (malformed.status, malformed.json) == (
        422,
        {"detail": "body.mpan: str type expected; body.postcode: field required"},
    )
    assert acme.post("/entities/site", raw=b"{").json == {"detail": "body.1: JSON decode error"}


def patch(caller: Caller, site_id: str, **fields: object) -> Answer:
    return caller.call("PATCH", f"/entities/site/{site_id}", fields)


@pytest.mark.rule("U14")
def test_patch_changes_the_fields_sent_and_no_others(acme: Caller) -> None:
    before = create(acme).json
    answer = patch(acme, before["id"], address="9 Canal Row", postcode=" ls14ap ", mpan="1000000000099")
    assert answer.json == {**before, "address": "9 Canal Row", "postcode": "LS1 4AP", "mpan": "1000000000099"}
    assert patch(acme, before["id"]).json == answer.json
    assert create(acme).status == 200


@pytest.mark.rule("U14")
def test_a_tariff_is_changed_key_by_key(acme: Caller) -> None:
    site_id = create(acme).json["id"]
    times = {"tariff_cheap_start_time": "00:30", "tariff_cheap_end_time": "05:30:00"}
    patch(acme, site_id, tariff={"tariff_type": "dual_rate", **times})
    tariff = patch(acme, site_id, tariff={"tariff_type": "smart"}).json["tariff"]
    assert tariff == {
        "tariff_type": "smart", "tariff_cheap_start_time": "00:30:00", "tariff_cheap_end_time": "05:30:00",
    }  # fmt: skip


@pytest.mark.rule("U14", "G9")
@pytest.mark.parametrize("field", ["address", "postcode", "mpan", "email", "tariff"])
def test_patch_refuses_null(acme: Caller, field: str) -> None:
    site_id = create(acme).json["id"]
    assert [item["loc"] for item in patch(acme, site_id, **{field: None}).json["detail"]] == [["body", field]]


@pytest.mark.rule("E7", "E1")
def test_patch_names_every_value_it_does_not_take(acme: Caller) -> None:
    first, second = create(acme).json["id"], create(acme, **OTHER).json["id"]
    before = acme.state
    answer = patch(acme, second, address="7 canal row", mpan=HOME["mpan"], email="x")
    assert answer.status == 422
    assert answer.json["detail"] == [
        {"loc": ["body", "address"], "msg": f"The address belongs to site {first}", "type": "value_error"},
        {"loc": ["body", "mpan"], "msg": f"The MPAN belongs to site {first}", "type": "value_error"},
        {"loc": ["body", "email"], "msg": "Invalid email 'x'", "type": "value_error"},
    ]
    assert acme.state is before
    assert [i["loc"] for i in patch(acme, second, mpan="1").json["detail"]] == [["body", "mpan"]]


@pytest.mark.rule("E7")
def test_patch_may_repeat_the_sites_own_values(acme: Caller) -> None:
    site_id = create(acme).json["id"]
    assert patch(acme, site_id, address="7 CANAL ROW", mpan=HOME["mpan"], postcode="m1 1ae").status == 200


@pytest.mark.rule("E7")
def test_a_postcode_alone_may_lead_to_a_taken_address(acme: Caller) -> None:
    create(acme)
    second = create(acme, mpan="1000000000099", postcode="LS1 4AP").json["id"]
    assert [i["loc"] for i in patch(acme, second, postcode="M1 1AE").json["detail"]] == [["body", "postcode"]]


@pytest.mark.rule("L10", "G7")
def test_a_site_is_deleted_when_nothing_hangs_on_it(acme: Caller) -> None:
    site_id = create(acme).json["id"]
    asset = {"external_id": "b", "type": "battery", "site_id": site_id}
    asset_id = acme.post("/entities/asset", asset).json["id"]
    refused = acme.call("DELETE", f"/entities/site/{site_id}")
    assert (refused.status, refused.json) == (400, {"detail": f"Site {site_id} still has assets"})
    acme.call("DELETE", f"/entities/asset/{asset_id}")
    deleted = acme.call("DELETE", f"/entities/site/{site_id}")
    assert (deleted.status, deleted.response.body) == (204, b"")
    assert acme.call("DELETE", f"/entities/site/{site_id}").status == 404


@pytest.mark.rule("U12")
def test_lists_are_paged_in_creation_order(acme: Caller) -> None:
    ids = [create(acme, mpan=f"{n:013}", street_address=str(n)).json["id"] for n in range(23)]
    acme.call("DELETE", f"/entities/site/{ids.pop(5)}")
    page = acme.get("/entities/site").json
    assert [site["id"] for site in page.pop("sites")] == ids[:10]
    assert page == {"total_num_sites": 22, "total_num_pages": 3, "page_number": 1}
    last = acme.get("/entities/site?limit=7&offset=21").json
    assert [site["id"] for site in last.pop("sites")] == ids[21:]
    assert last == {"total_num_sites": 22, "total_num_pages": 4, "page_number": 4}
    assert acme.get("/entities/site?offset=99999999999999999999999").json["sites"] == []


@pytest.mark.rule("U12")
def test_an_empty_list_has_no_pages(acme: Caller) -> None:
    nothing = {"total_num_pages": 0, "page_number": 1}
    assert acme.get("/entities/site").json == {"sites": [], "total_num_sites": 0, **nothing}
    assert acme.get("/entities/asset").json == {"assets": [], "total_num_assets": 0, **nothing}


@pytest.mark.rule("U12", "U9")
def test_sites_are_found_by_mpan_and_postcode(acme: Caller) -> None:
    first, second = create(acme).json["id"], create(acme, **OTHER).json["id"]
    third = create(acme, mpan="1000000000098", postcode="LS1 4AP").json["id"]

    def found(query: str) -> list[str]:
        return [site["id"] for site in acme.get(f"/entities/site?{query}").json["sites"]]

    assert found("postcode=m11ae") == [first, second]
    assert found("postcode=M1+1AE&limit=1&offset=1") == [second]
    assert found("mpan=1000000000098") == [third]
    assert found("mpan=1000000000098&postcode=M1%201AE") == []
    assert found("mpan=x") == found("postcode=") == []
    patch(acme, first, postcode="LS1 4AP", address="1 Far Away")
    assert found("postcode=LS14AP") == [first, third]


@pytest.mark.rule("E5", "U12")
@pytest.mark.parametrize("noun", ["site", "asset"])
@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("limit=0", [("limit", "ensure this value is greater than or equal to 1")]),
        ("limit=5001", [("limit", "ensure this value is less than or equal to 5000")]),
        ("offset=-1", [("offset", "ensure this value is greater than or equal to 0")]),
        ("offset=y&limit=x", [("limit", "value is not a valid integer"), ("offset", "value is not a valid integer")]),
        ("limit=", [("limit", "value is not a valid integer")]),
        ("limit=1.0", [("limit", "value is not a valid integer")]),
        ("limit=%D9%A1", [("limit", "value is not a valid integer")]),
        (f"limit={'9' * 5000}", [("limit", "value is not a valid integer")]),
    ],
)  # fmt: skip
def test_a_wrong_page_is_422(acme: Caller, noun: str, query: str, faults: list[tuple[str, str]]) -> None:
    answer = acme.get(f"/entities/{noun}?{query}")
    assert answer.status == 422
    assert [(item["loc"], item["msg"]) for item in answer.json["detail"]] == [(["query", n], msg) for n, msg in faults]


def test_of_a_query_key_that_repeats_the_last_counts(acme: Caller) -> None:
    create(acme)
    create(acme, **OTHER)
    assert len(acme.get("/entities/site?limit=0&limit=1").json["sites"]) == 1
