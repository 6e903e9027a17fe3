"""Tokens of device clouds, and the page on which a user links one."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaxle.app import create_app
from mockaxle.core.reference import Style
from mockaxle.scenarios.sections import Scenario, SettingsSection
from mockaxle.wire.shape import is_whole
from mockaxle.world.entries import Request, to_json
from tests.calling import Caller, answered

PROVIDERS = ["foxess", "solaredge", "solax", "huawei", "myenergi", "nexblue", "givenergy", "volvo", "deye", "ideal"]


@pytest.mark.rule("U15", "E1", "E3")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"refresh_token": "r"}, 200),
        ({"token_type": "API_KEY", "access_token": "k"}, 200),
        ({"token_type": "bearer", "access_token": "a"}, 422),
        ({}, 422),
        ({"refresh_token": "r", "expires_in": "soon"}, 422),
    ],
)
def test_a_refresh_token_is_needed_unless_it_is_an_api_key(acme: Caller, body: dict[str, str], status: int) -> None:
    site_id = acme.onboard().json["site"]["site_id"]
    answer = acme.post(f"/entities/site/{site_id}/token", body)
    assert answer.status == status
    assert answer.json is None if status == 200 else answer.json["detail"][0]["loc"][0] == "body"
    unknown = acme.post("/entities/site/00000000-0000-4000-8000-000000000000/token", body)
    assert unknown.status == (404 if status == 200 else 422)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"refresh_token": "hunter\\"2"}',
        b'{"access_token" :"hunter2", "token_type":"API_KEY"',
        b'{"refresh\\u005ftoken": "hunter2"}',
        b'{"refresh_token":"hunter2',
        b'{"refresh_token":["hunter2", {"a": "hunter2"}]}',
        b'"hunter2"',
        b"refresh_token=hunter2",
        b'{"token_type": "hunter2"}',
        b'{"expires_utc": "hunter2"}',
        b'{"hunter2": 1, "refresh_token": {"hunter2": 2}}',
        b'{"refresh_token": hunter2}',
        b'{"token_type": ["hunter2"], "expires_utc": {}, "expires_in": []}',
        b"{}",
    ],
)
def test_a_device_clouds_token_enters_no_log(acme: Caller, raw: bytes) -> None:
    site_id = acme.onboard().json["site"]["site_id"]
    acme.post(f"/entities/site/{site_id}/token?refresh_token=hunter2", raw=raw)
    hosted = acme.api.worlds.find("acme")
    assert hosted
    assert "hunter" not in str([to_json(entry) for entry in hosted.log])


@pytest.mark.rule("U15", "E7")
def test_all_ten_providers_are_configured_and_an_unknown_site_is_400(acme: Caller) -> None:
    site_id = acme.onboard().json["site"]["site_id"]
    for provider in PROVIDERS:
        assert acme.get(f"/entities/site/{site_id}/oauth/{provider}/initiate").status == 200
    assert acme.get(f"/entities/site/{site_id}/oauth/nobody/initiate").status == 422
    unknown = "00000000-0000-4000-8000-000000000000"
    assert acme.get(f"/entities/site/{unknown}/oauth/volvo/initiate").status == 400


@pytest.mark.rule("U15")
def test_the_page_completes_the_flow(acme: Caller) -> None:
    site_id = acme.onboard().json["site"]["site_id"]
    url = acme.get(f"/entities/site/{site_id}/oauth/volvo/initiate").json["authorization_url"]
    path = url.removeprefix("http://127.0.0.1")
    assert path.startswith("/oauth/")

    def visit(verb: str) -> str:
        response = answered(acme.api, Request(verb, path))
        assert response.status == 200
        return response.body.decode()

    assert "<button>Allow</button>" in visit("GET")
    assert "volvo is linked." in visit("POST")
    assert "volvo is linked." in visit("GET")
    assert acme.state.linked.get(site_id) == ("volvo",)
    withdrawal = answered(acme.api, Request("GET", path.replace("/oauth/", "/auth/ext/")))
    assert withdrawal.status == 401


@pytest.mark.parametrize(
    "raw",
    [
        b'{"refresh_token":"\\ud800"}',
        b'\xef\xbb\xbf{"refresh_token":"r"}',
        '{"refresh_token":"r"}'.encode("utf-16"),
        b'{"token_type":"API_KEY","refresh_token":"a\x01b"}',
        b'{"token_type":"API_KEY","access_token":"\xff"}',
        b'{"a":"q\\"x", tru',
        b'{"a":"q\\nx\\u0041", "b": nul}',
        b'{"refresh_token":"r"} x',
        b'{"refresh_token":"r"',
        b'{"refresh_token":"bad \\x escape"}',
        b"[1, 2",
        b"hello",
    ],
)
def test_a_broken_value_is_reported_at_its_place_though_it_is_masked(acme: Caller, raw: bytes) -> None:
    site_id = acme.onboard().json["site"]["site_id"]
    elsewhere = acme.call("PATCH", f"/entities/site/{site_id}", raw=raw)
    answer = acme.post(f"/entities/site/{site_id}/token", raw=raw)
    assert (answer.status, elsewhere.status) == (422, 422)
    assert answer.json["detail"][0] == elsewhere.json["detail"][0]


FRACTIONS = ["2.6e-42", "0.5", "1e-400", "-1.5", "2.9999999999999999999", "15e-1", "9007199254740992.5", "NaN"]
WHOLE = ["3600", "3600.0", "3.6e3", "36000e-1", "-0.0", "0e-400"]


@pytest.mark.rule("U15", "E5")
@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize(("number", "status"), [(one, 422) for one in FRACTIONS] + [(one, 200) for one in WHOLE])
def test_a_number_with_a_fraction_is_no_integer_however_small(style: Style, number: str, status: int) -> None:
    caller = Caller(create_app(scenario=Scenario(settings=SettingsSection(style=style))).api)
    site_id = caller.onboard().json["site"]["site_id"]
    raw = f'{{"refresh_token": "r", "expires_in": {number}}}'.encode()
    answer = caller.post(f"/entities/site/{site_id}/token", raw=raw)
    assert answer.status == status
    if status == 422:
        (item,) = answer.json["detail"]
        assert (item["loc"], item["type"]) == (["body", "expires_in"], "type_error.integer")


@pytest.mark.property
@given(st.integers(-1200, 1200), st.integers(0, 5), st.integers(-6, 6))
def test_a_number_is_whole_as_its_value_is(digits: int, places: int, exponent: int) -> None:
    text = f"{Decimal(digits).scaleb(-places):f}e{exponent}"
    assert is_whole(text) is (Fraction(text).denominator == 1)
