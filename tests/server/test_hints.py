"""The hint of a malformed request says what would have worked, and at which place."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from mockaxle.core.limits import MAX_SEARCHED_BODY
from mockaxle.world.entries import Request
from tests.calling import CHARGER, FORM, JSON, Caller, onboarding

ONBOARD, LOG_IN, COMPONENT = "/entities/site/onboard", "/auth/token-form", "/auth/component-token"
PLUG_IN = "/entities/asset/00000000-0000-0000-0000-000000000000/event/plug-in-schedule"
TEXT = (b"content-type", b"text/plain")
LOG_IN_FORM = "Send username and password as a form{} with the header Content-Type: application/x-www-form-urlencoded."
NO_OFFSET = "2026-01-20T22:00:00"


def hint(caller: Caller, path: str, body: Any, *headers: tuple[bytes, bytes]) -> str:
    """Of a request that is malformed; JSON unless the body is bytes."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    token = (b"authorization", f"Bearer {caller.token}".encode())
    answer = caller.send(Request("POST", path, headers=(token, *headers), body=sent))
    assert (answer.status, answer.rules) in ((422, ("E5",)), (422, ("F8",)))
    assert answer.header("x-mockaxle-hint") == answer.response.why.hint
    return answer.response.why.hint


def home(**site: Any) -> dict[str, Any]:
    """An onboard call with fields of its site as given, also where that is None."""
    body = onboarding()
    return {**body, "site": {**body["site"], **site}}


@pytest.mark.rule("E5")
@pytest.mark.parametrize("key", ["charging_shedule", "chargingSchedule", "CHARGING_SCHEDULE", "schedule"])
def test_a_key_that_is_nearly_a_missing_one_is_named(acme: Caller, key: str) -> None:
    assert hint(acme, PLUG_IN, {key: []}) == f"/{key} is unknown; did you mean `charging_schedule`?"


@pytest.mark.rule("E5")
def test_a_misspelt_key_is_named_below_others_and_before_other_faults(acme: Caller) -> None:
    asset = {"external_identity": "x", "type": "charger"}
    body = home(email=7) | {"colour": "red", "assets": [CHARGER, asset]}
    assert hint(acme, ONBOARD, body) == "/assets/1/external_identity is unknown; did you mean `external_id`?"


@pytest.mark.rule("E5")
@pytest.mark.parametrize(
    ("body", "header", "said"),
    [
        (b"{}", FORM, "Send this JSON with the header Content-Type: application/json."),
        (b"{}", TEXT, "Send this JSON with the header Content-Type: application/json."),
        (b"site=1", FORM, "Send JSON with the header Content-Type: application/json, not a form."),
        (b"site=1", JSON, "Send JSON with the header Content-Type: application/json, not a form."),
        (b"<site/>", TEXT, "Send JSON with the header Content-Type: application/json."),
    ],
)
def test_where_json_is_due_the_content_type_is_named(
    acme: Caller, body: bytes, header: tuple[bytes, bytes], said: str
) -> None:
    assert hint(acme, ONBOARD, body, header) == said


@pytest.mark.rule("E5")
def test_the_hint_for_a_form_without_a_content_type_names_json(acme: Caller) -> None:
    assert hint(acme, ONBOARD, b"site=1").endswith("Content-Type: application/json, not a form.")


@pytest.mark.rule("E5", "A1")
@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (b'{"username": "ada", "password": "secret"}', (JSON,), LOG_IN_FORM.format(", not JSON,")),
        (b'{"username": "ada", "password": "secret"}', (FORM,), LOG_IN_FORM.format(", not JSON,")),
        (b"username=ada&password=secret", (), LOG_IN_FORM.format("")),
        (b"username=ada&password=secret", (TEXT,), LOG_IN_FORM.format("")),
        (b"user=ada&pass=secret", (FORM,), LOG_IN_FORM.format("")),
        (b"username=ada&pass=secret", (FORM,), "Send password in the form."),
        (b"username=ada%2Fsecret&password=secret", (FORM,), "Use a username without a slash."),
    ],
)
def test_the_hint_for_a_log_in_that_is_no_form_names_the_form_and_no_secret(
    acme: Caller, body: bytes, headers: tuple[tuple[bytes, bytes], ...], said: str
) -> None:
    assert hint(acme, LOG_IN, body, *headers) == said
    assert acme.api.unmatched[-1].response.why.hint == said


@pytest.mark.rule("E5")
def test_the_hint_for_an_instant_without_an_offset_asks_for_one(acme: Caller) -> None:
    body = home(gave_boundary_meter_consent_at=NO_OFFSET)
    assert hint(acme, ONBOARD, body) == "/site/gave_boundary_meter_consent_at has no offset: add Z or +00:00."


@pytest.mark.rule("E5")
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (NO_OFFSET, "has no offset: add Z or +00:00."),
        ("today", "must be an instant with an offset, such as 2026-01-20T22:00:00Z."),
    ],
)
def test_so_is_one_in_a_form(acme: Caller, sent: str, said: str) -> None:
    fields = {"external_user_id": "7", "allowed_origin": "x", "gave_boundary_meter_consent_at": sent}
    found = hint(acme, COMPONENT, urlencode(fields).encode(), FORM)
    assert found == f"gave_boundary_meter_consent_at in the form {said}"


@pytest.mark.rule("F8")
@pytest.mark.parametrize(
    ("start", "said"),
    [
        (NO_OFFSET, "/charging_schedule/0/start_timestamp has no offset: add Z or +00:00."),
        (
            "today",
            "/charging_schedule/0/start_timestamp must be an instant with an offset, such as 2026-01-20T22:00:00Z.",
        ),
        (
            "2026-01-21T07:00:00Z",
            "Send blocks that end after they start and do not overlap. Give offsets: 2026-01-20T22:00:00+00:00.",
        ),
    ],
)
def test_the_hint_for_a_schedule_names_its_wrong_instants(acme: Caller, start: str, said: str) -> None:
    block = {"start_timestamp": start, "end_timestamp": "2026-01-21T06:00:00Z"}
    assert hint(acme, PLUG_IN, {"charging_schedule": [block]}) == said


@pytest.mark.rule("E5")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Send an object with site, assets and proposition as the body, as JSON."),
        (b"[]", "Send an object with site, assets and proposition as the body, as JSON."),
        (b'{"site"', "The JSON ends too early at byte 7 of the body."),
        (b'{"site" 1}', "The JSON is invalid at byte 8 of the body."),
        ({}, "Send /site: an object with mpan and postcode."),
        (home(email=7), "/site/email must be a string."),
        (home(email=None), "/site/email must be a string, not null: leave it out."),
        (home(mpan=None), "/site/mpan must be a string, not null."),
        (onboarding() | {"assets": {}}, "/assets must be a list."),
        (onboarding(override_withdrawal=NO_OFFSET), "/override_withdrawal must be true or false."),
        (onboarding(override_withdrawal=1), "/override_withdrawal must be true or false."),
        (onboarding(proposition="x"), "/proposition must be one of limited_pause, full_asset_schedule_control."),
        (onboarding(assets=[{**CHARGER, "installation_date": "x"}]),
         "/assets/0/installation_date must be a date, such as 2026-01-20."),
        (onboarding(assets=[{**CHARGER, "properties": {"power_kw": "7"}}]),
         "/assets/0/properties/power_kw must be a number of at least 0."),
        (onboarding(assets=[{**CHARGER, "properties": {"power_kw": -1}}]),
         "Change /assets/0/properties/power_kw: ensure this value is greater than or equal to 0."),
    ],
)  # fmt: skip
def test_the_first_place_and_what_it_takes_are_named(acme: Caller, body: Any, said: str) -> None:
    assert hint(acme, ONBOARD, body) == said


@pytest.mark.rule("E5")
def test_a_parameter_is_named_with_what_it_takes(acme: Caller) -> None:
    assert acme.post("/entities/asset/x/event/plug-out", {}).response.why.hint == "asset_id in the path must be a UUID."
    said = acme.get("/entities/site?limit=x").response.why.hint
    assert said == "limit in the query must be a whole number from 1 to 5000."
    assert acme.get("/meter/search").response.why.hint == "Send postcode in the query: a string."


def test_a_timestamp_that_the_document_calls_a_string_is_an_instant(acme: Caller) -> None:
    said = hint(acme, PLUG_IN, {"charging_schedule": [{}]})
    assert said.startswith("Send /charging_schedule/0/start_timestamp: an instant with an offset")


def test_a_large_body_is_not_searched_for_slips(acme: Caller) -> None:
    body = {"charging_shedule": "x" * MAX_SEARCHED_BODY}
    assert hint(acme, PLUG_IN, body) == "Send /charging_schedule: a list."


def test_of_a_flood_of_keys_the_first_hundred_are_compared(acme: Caller) -> None:
    flood = {f"key{number}": 1 for number in range(100)}
    assert hint(acme, PLUG_IN, {**flood, "charging_shedule": []}) == "Send /charging_schedule: a list."
    assert "did you mean" in hint(acme, PLUG_IN, {"charging_shedule": [], **flood})
