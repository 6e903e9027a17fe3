"""Bad input for each operation: the documented error, never a 500, nothing stored."""

import json
from time import process_time
from typing import Any

import pytest

from mockaxle.app import create_app
from mockaxle.core.density import TOO_DENSE
from mockaxle.core.errors import FieldFault
from mockaxle.core.limits import MAX_AT_ONCE, MAX_LISTS, MAX_OBJECTS, MAX_SEARCHED_BODY, MAX_VALUES
from mockaxle.core.reference import Style
from mockaxle.scenarios.sections import Scenario, SettingsSection
from mockaxle.server.malformed import fault
from mockaxle.world.entries import Request
from tests.calling import CHARGER, FORM, HOME, NIGHT, Caller, onboarding

ONBOARD = "/entities/site/onboard"
PLUG_IN = "/entities/asset/00000000-0000-0000-0000-000000000000/event/plug-in-schedule"

BROKEN = {
    "empty": (b"", (["body"], "value_error.missing")),
    "null": (b"null", (["body"], "value_error.missing")),
    "null in white space": (b" null\r\n", (["body"], "value_error.missing")),
    "cut": (b'{"site": {', (["body", 10], "json_invalid")),
    "no JSON": (b"site=1", (["body", 0], "json_invalid")),
    "two values": (b"{} {}", (["body", 3], "json_invalid")),
    "list": (b"[]", (["body"], "type_error.dict")),
    "string": (b'"x"', (["body"], "type_error.dict")),
    "number": (b"1", (["body"], "type_error.dict")),
    "5,000 digits": (b'{"site": ' + b"1" * 5000 + b"}", None),
    "1e400": (b'{"site": 1e400}', None),
    "NaN": (b'{"site": NaN}', None),
    "lone surrogate": (b'{"site": "\\ud800"}', None),
    "NUL": (b"\x00", (["body", 0], "json_invalid")),
    "NUL in a string": (b'{"site": "\\u0000"}', None),
    "bad UTF-8": (b'{"site": "\xff"}', None),
    "deep": (b"[" * 100_000, None),
    "deep object": (b'{"a":' * 100_000, None),
    "UTF-16": '{"site": 1}'.encode("utf-16"),
}


@pytest.mark.rule("E5", "E1")
@pytest.mark.parametrize("path", [ONBOARD, PLUG_IN])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_body_is_422_in_the_list_shape(acme: Caller, path: str, name: str) -> None:
    case = BROKEN[name]
    raw, expected = case if isinstance(case, tuple) else (case, None)
    before = acme.state
    answer = acme.post(path, raw=raw)
    assert answer.status == 422
    assert all(item.keys() == {"loc", "msg", "type"} for item in answer.json["detail"])
    if expected:
        assert [(item["loc"], item["type"]) for item in answer.json["detail"]] == [expected]
    assert acme.state is before


def at(path: str) -> list[str | int]:
    return [int(part) if part.isdigit() else part for part in path.split(".")]


@pytest.mark.rule("E5", "G9")
@pytest.mark.parametrize(
    ("place", "value", "type"),
    [
        ("site", None, "type_error.dict"), ("site", "x", "type_error.dict"), ("site", [], "type_error.dict"),
        ("site.mpan", 1000000000012, "type_error.str"), ("site.mpan", None, "type_error.str"),
        ("site.postcode", True, "type_error.str"), ("site.email", None, "type_error.str"),
        ("site.street_address", {}, "type_error.str"),
        ("site.gave_boundary_meter_consent_at", None, "value_error.datetime"),
        ("site.gave_boundary_meter_consent_at", 1768946400, "value_error.datetime"),
        ("site.gave_boundary_meter_consent_at", "2026-01-05", "value_error.datetime"),
        ("site.gave_boundary_meter_consent_at", "2026-01-05T09:00:00", "value_error.datetime"),
        ("assets", {}, "type_error.list"), ("assets", None, "type_error.list"), ("assets.0", 1, "type_error.dict"),
        ("assets.0.external_id", 7, "type_error.str"), ("assets.0.type", "boundary meter", "type_error.enum"),
        ("assets.0.type", 1, "type_error.enum"), ("assets.0.properties", None, "type_error.dict"),
        ("assets.0.properties.power_kw", -0.1, "value_error.number.not_ge"),
        ("assets.0.properties.power_kw", "7.4", "type_error.float"),
        ("assets.0.properties.power_kw", True, "type_error.float"),
        ("assets.0.properties.power_kw", float("inf"), "type_error.float"),
        ("assets.0.properties.power_kw", float("nan"), "type_error.float"),
        ("assets.0.installation_date", "2025-02-30", "value_error.date"),
        ("assets.0.installation_date", "2025-11-03T00:00:00", "value_error.date"),
        ("assets.0.installation_date", 5, "value_error.date"),
        ("proposition", "vpp", "value_error.const"), ("proposition", None, "value_error.const"),
        ("override_withdrawal", "true", "type_error.bool"), ("override_withdrawal", 1, "type_error.bool"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_place(acme: Caller, place: str, value: Any, type: str) -> None:
    body: Any = onboarding(site=dict(HOME), assets=[{**CHARGER, "properties": {"power_kw": 7.4}}])
    *way, last = at(place)
    target = body
    for step in way:
        target = target[step]
    target[last] = value
    before = acme.state
    answer = acme.post(ONBOARD, body)
    assert answer.status == 422
    assert [(item["loc"], item["type"]) for item in answer.json["detail"]] == [(["body", *at(place)], type)]
    assert acme.state is before


@pytest.mark.rule("E5")
def test_a_multitude_of_faults_is_counted_not_listed(acme: Caller) -> None:
    answer = acme.post(ONBOARD, {"assets": [1] * 100_000})
    assert len(answer.response.body) < 1000
    assert answer.json["detail"][0]["msg"].startswith("more than 1,000 fields are malformed")
    blocks = [{"start_timestamp": "x", "end_timestamp": "y"}] * 1000
    assert len(acme.plug_in("00000000-0000-0000-0000-000000000000", blocks).json["detail"]) == 1000


@pytest.mark.rule("E5")
@pytest.mark.parametrize("item", ["[]", "{}", "0"])
def test_a_body_with_too_many_values_is_refused_unread(acme: Caller, item: str) -> None:
    many = {"[]": MAX_LISTS, "{}": MAX_OBJECTS, "0": MAX_VALUES}[item]
    answer = acme.post(ONBOARD, raw=f'{{"x": [{",".join([item] * many)}, {item}]}}'.encode())
    said = {"loc": ["body"], "msg": TOO_DENSE, "type": "value_error"}
    assert (answer.status, answer.json["detail"]) == (422, [said])
    assert answer.header("x-mockaxle-hint") == "Send fewer items in one call."


@pytest.mark.rule("E5")
def test_the_faults_of_a_large_body_are_those_of_a_small_one(acme: Caller) -> None:
    sent = {"site": {"mpan": 1}, "assets": [CHARGER, {"external_id": []}, 7], "override_withdrawal": 3}
    small = acme.post(ONBOARD, sent)
    for size in (MAX_AT_ONCE, MAX_SEARCHED_BODY):
        large = acme.post(ONBOARD, {**sent, "comment": "x" * size})
        assert (large.status, large.json) == (small.status, small.json)


@pytest.mark.rule("F8", "E5")
@pytest.mark.parametrize("style", ["contract", "wire"])
def test_a_schedule_has_at_most_1000_blocks_counted_before_they_are_read(style: str) -> None:
    caller = Caller(create_app(scenario=Scenario(settings=SettingsSection(style=Style(style)))).api)
    answer = caller.plug_in("00000000-0000-0000-0000-000000000000", [{"nothing": "right"}] * 1001)
    assert (answer.status, answer.json["detail"]) == (422, [
        {
            "loc": ["body", "charging_schedule"],
            "msg": "ensure this value has at most 1000 items",
            "type": "value_error.list.max_items",
        }
    ])  # fmt: skip


@pytest.mark.rule("F8")
def test_a_schedule_far_beyond_the_limit_is_not_read(acme: Caller) -> None:
    def seconds(count: int) -> float:
        body = json.dumps({"charging_schedule": NIGHT * count}).encode()
        started = process_time()
        assert acme.post(PLUG_IN, raw=body).status == 422
        return process_time() - started

    seconds(1000)
    assert min(seconds(10_000) for _ in range(3)) < 4 * min(seconds(1000) for _ in range(3))


@pytest.mark.rule("A1", "E5")
def test_a_username_has_at_most_200_characters(acme: Caller) -> None:
    answer = Caller(acme.api, "n" * 201, log_in=False).log_in()
    fault = {"loc": ["body", "username"], "type": "value_error.any_str.max_length"}
    assert answer.status == 422
    assert answer.json["detail"] == [{**fault, "msg": "ensure this value has at most 200 characters"}]


@pytest.mark.rule("E3")
def test_a_413_names_the_limit_and_its_option(acme: Caller) -> None:
    head = (b"authorization", f"Bearer {acme.token}".encode())
    answer = acme.send(Request("POST", ONBOARD, headers=(head,), oversize=1234))
    assert (answer.status, answer.json) == (
        413,
        {"detail": "The body is larger than 1234 bytes, the limit of --max-body"},
    )


def test_onboarding_many_assets_is_not_quadratic(acme: Caller) -> None:
    def seconds(count: int) -> float:
        assets = [{"external_id": f"{count}-{n}", "type": "charger"} for n in range(count)]
        started = process_time()
        assert acme.onboard(site={"mpan": f"{count:013}"}, assets=assets).status == 200
        return process_time() - started

    seconds(100)
    assert seconds(16_000) < 60 * seconds(1000)  # 16 times as many: 256 were quadratic


@pytest.mark.rule("E5")
def test_every_missing_field_is_named(acme: Caller) -> None:
    answer = acme.post(ONBOARD, {"site": {}, "assets": [{}]})
    missing = [".".join(map(str, item["loc"])) for item in answer.json["detail"]]
    assert missing == [
        "body.site.mpan", "body.site.postcode", "body.assets.0.external_id", "body.assets.0.type", "body.proposition",
    ]  # fmt: skip
    assert {(item["msg"], item["type"]) for item in answer.json["detail"]} == {
        ("field required", "value_error.missing")
    }


@pytest.mark.rule("E5", "E3")
def test_faults_of_path_and_body_are_listed_together(acme: Caller) -> None:
    answer = acme.post("/entities/asset/x/event/plug-in-schedule", {"charging_schedule": [{"start_timestamp": 1}]})
    assert [item["loc"] for item in answer.json["detail"]] == [
        ["path", "asset_id"],
        ["body", "charging_schedule", 0, "start_timestamp"],
        ["body", "charging_schedule", 0, "end_timestamp"],
    ]


@pytest.mark.rule("E5")
def test_permitted_values_are_listed(acme: Caller) -> None:
    answer = acme.onboard(proposition="x", assets=[{**CHARGER, "type": "x"}])
    assert [item["msg"] for item in answer.json["detail"]] == [
        "value is not a valid enumeration member; permitted: "
        "'charger', 'battery', 'heat pump', 'electric_vehicle', 'hot water tank'",
        "unexpected value; permitted: 'limited_pause', 'full_asset_schedule_control'",
    ]


@pytest.mark.rule("E5")
@pytest.mark.parametrize("content_type", [b"text/plain", b"application/xml", b"x", b"application/jsonp"])
def test_json_under_another_content_type_is_422(acme: Caller, content_type: bytes) -> None:
    token = (b"authorization", f"Bearer {acme.token}".encode())
    answer = acme.send(Request("POST", ONBOARD, headers=(token, (b"content-type", content_type)), body=b"{}"))
    assert [(i["loc"], i["type"]) for i in answer.json["detail"]] == [(["body"], "type_error.dict")]


@pytest.mark.parametrize("content_type", [b"", b"application/json; charset=utf-8", b"Application/Problem+JSON"])
def test_json_is_read_under_its_content_types_and_under_none(acme: Caller, content_type: bytes) -> None:
    token = (b"authorization", f"Bearer {acme.token}".encode())
    header = ((b"content-type", content_type),) if content_type else ()
    answer = acme.send(Request("POST", ONBOARD, headers=(token, *header), body=b"{}"))
    assert {item["type"] for item in answer.json["detail"]} == {"value_error.missing"}


@pytest.mark.rule("E5")
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (b"application/json", b'{"username": "a", "password": "b"}'),
        (b"", b"username=a&password=b"),
        (b"multipart/form-data", b"--x"),
        (b"multipart/form-data; boundary=x", b"--x\r\nbroken"),
        (b"application/x-www-form-urlencoded", b"\x00\xff%%%=&&"),
        (b"application/x-www-form-urlencoded", b"[" * 100_000),
        (b"application/x-www-form-urlencoded", b"username=a&password=b" + b"&" * 5_000),
    ],
)
def test_what_is_no_form_misses_its_fields(acme: Caller, content_type: bytes, body: bytes) -> None:
    answer = acme.send(Request("POST", "/auth/token-form", headers=((b"content-type", content_type),), body=body))
    assert answer.status == 422
    assert [item["loc"] for item in answer.json["detail"]] == [["body", "username"], ["body", "password"]]


@pytest.mark.parametrize("username", ["", "\x00", "🐌" * 200, "%ff", "naïve 🐌", "mockaxle-x-1"])
def test_any_username_opens_a_world(acme: Caller, username: str) -> None:
    other = Caller(acme.api, username)
    assert other.get("/auth/users/me/").json["username"] == username


def test_a_form_in_broken_utf_8_is_read_all_the_same(acme: Caller) -> None:
    answer = acme.send(Request("POST", "/auth/token-form", headers=(FORM,), body=b"username=%FF%FE&password=%ED%A0%80"))
    assert answer.status == 200


def test_strings_may_hold_nul_and_anything_else(acme: Caller) -> None:
    body = acme.onboard(
        site={"street_address": "\x00\u202e🐌" + "x" * 100_000}, assets=[{**CHARGER, "external_id": "\x00"}]
    )
    assert body.status == 200
    assert acme.plug_in(body.json["assets"][0]["asset_id"], NIGHT).status == 200


@pytest.mark.rule("E3")
def test_a_body_over_the_limit_is_413_after_the_token_was_looked_at(acme: Caller) -> None:
    request = Request("POST", ONBOARD, oversize=1_000_000)
    assert acme.send(request).status == 401
    token = (b"authorization", f"Bearer {acme.token}".encode())
    assert acme.send(request._replace(headers=(token,))).status == 413
    assert acme.send(request._replace(path="/auth/token-form")).status == 413
    assert acme.send(request._replace(path="/nowhere")).status == 404
    bodiless = request._replace(headers=(token,), method="DELETE", path="/entities/site/zz")
    assert acme.send(bodiless).status == acme.send(bodiless._replace(method="GET")).status == 413


@pytest.mark.rule("E5")
@pytest.mark.parametrize(
    ("kind", "context", "msg", "type"),
    [
        ("less_than_equal", {"le": 9}, "ensure this value is less than or equal to 9", "value_error.number.not_le"),
        ("int_parsing", {}, "value is not a valid integer", "type_error.integer"),
        ("time_parsing", {}, "invalid time format", "value_error.time"),
    ],
)  # fmt: skip
def test_words_for_kinds_that_later_operations_need(kind: str, context: Any, msg: str, type: str) -> None:
    assert fault(kind, "query", "limit", context=context) == FieldFault(("query", "limit"), msg, type)
