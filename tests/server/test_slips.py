"""An answer that hides a likely slip, such as a key that nobody knows, says so in its hint."""

import gzip
import json
from typing import Any

import pytest

from mockaxle.app import create_app
from mockaxle.core.limits import MAX_SEARCHED_BODY
from mockaxle.core.reference import Style
from mockaxle.scenarios.sections import Scenario, SettingsSection
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Exchange, Request
from tests.calling import CHARGER, HOME, JSON, NIGHT, Caller, onboarding

ENROL = {"proposition": "limited_pause", "override_withdrawl": True}
MISSPELT = "Ignored, since unknown: /override_withdrawl (did you mean `override_withdrawal`?)."
SAMPLE = "1234567890123"
MISTYPED = f"MPAN {SAMPLE} may be mistyped: its check digit should be 6."


@pytest.fixture
def ids(acme: Caller) -> tuple[str, str]:
    made = acme.onboard().json
    return made["site"]["site_id"], made["assets"][0]["asset_id"]


@pytest.mark.rule("G9")
@pytest.mark.parametrize("style", Style)
def test_an_ignored_key_is_named_with_the_nearest_known_one(style: Style) -> None:
    caller = Caller(create_app(scenario=Scenario(settings=SettingsSection(style=style))).api)
    site_id = caller.onboard().json["site"]["site_id"]
    answer = caller.post(f"/entities/site/{site_id}/enrol", ENROL)
    assert (answer.status, answer.json["status"]) == (200, "already_enrolled")
    assert answer.header("x-mockaxle-hint") == MISSPELT


@pytest.mark.rule("G9")
def test_ignored_keys_are_named_at_their_places_and_the_fourth_is_counted(acme: Caller) -> None:
    asset = {**CHARGER, "propertys": {}, "colour": "red"}
    body = onboarding(assets=[CHARGER | {"external_id": "other"}, asset], one=1, two=2)
    body["site"]["post_code"] = "M1 1AE"
    assert acme.post("/entities/site/onboard", body).response.why.hint == (
        "Ignored, since unknown: /site/post_code (did you mean `postcode`?), "
        "/assets/1/propertys (did you mean `properties`?), /assets/1/colour and 2 more."
    )


@pytest.mark.rule("G9")
def test_a_refusal_names_what_was_ignored_after_its_remedy(acme: Caller) -> None:
    body = onboarding(site={"gave_boundary_meter_consent_at": None})
    body["site"]["gave_boundary_meter_consent"] = HOME["gave_boundary_meter_consent_at"]
    answer = acme.post("/entities/site/onboard", body)
    remedy, _, ignored = answer.response.why.hint.partition(" Ignored, since unknown: ")
    assert (answer.status, remedy) == (
        400,
        acme.onboard(site={"gave_boundary_meter_consent_at": None}).response.why.hint,
    )
    assert ignored == "/site/gave_boundary_meter_consent (did you mean `gave_boundary_meter_consent_at`?)."


def test_an_unchanged_schedule_keeps_its_reason_before_them(acme: Caller, ids: tuple[str, str]) -> None:
    path = f"/entities/asset/{ids[1]}/event/plug-in-schedule"
    said = acme.post(path, {"charging_schedule": [], "priority": 1}).response.why.hint
    reason = acme.post(path, {"charging_schedule": []}).response.why.hint
    assert reason
    assert said == f"{reason} Ignored, since unknown: /priority."


def test_what_nobody_misspelt_has_no_hint(acme: Caller, ids: tuple[str, str]) -> None:
    assert acme.post("/entities/site/onboard", onboarding()).header("x-mockaxle-hint") is None
    assert acme.plug_in(ids[1], NIGHT).header("x-mockaxle-hint") is None


@pytest.mark.rule("U8")
@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("POST", "/entities/site/onboard", onboarding(site={"mpan": SAMPLE})),
        ("POST", "/entities/site", {"mpan": SAMPLE, "postcode": "M1 1AE"}),
        ("PATCH", "/entities/site/{site_id}", {"mpan": SAMPLE}),
        ("POST", "/meter/by-mpan", {"mpan": SAMPLE}),
    ],
)
def test_an_mpan_whose_check_digit_fails_is_hinted(
    acme: Caller, ids: tuple[str, str], verb: str, path: str, body: Any
) -> None:
    assert acme.call("DELETE", f"/entities/asset/{ids[1]}").status == 204
    answer = acme.call(verb, path.replace("{site_id}", ids[0]), body)
    assert (answer.status, answer.header("x-mockaxle-hint")) == (200, MISTYPED)


@pytest.mark.rule("U8")
def test_both_slips_are_in_one_hint(acme: Caller) -> None:
    answer = acme.onboard(site={"mpan": SAMPLE, "colour": "red"})
    assert answer.response.why.hint == f"{MISTYPED} Ignored, since unknown: /site/colour."


@pytest.mark.parametrize("key", ["a\r\nx-evil: 1", "\x1b[2J", "é🚗" * 100])
def test_a_key_in_a_hint_does_nothing_to_header_or_terminal(acme: Caller, ids: tuple[str, str], key: str) -> None:
    answer = acme.post(f"/entities/site/{ids[0]}/enrol", {"proposition": "limited_pause", key: 1})
    sent = answer.header("x-mockaxle-hint") or ""
    assert sent.startswith("Ignored, since unknown: /")
    assert (sent + answer.response.why.hint).isprintable()
    assert sent.isascii()
    assert len(sent) < 2000


def test_a_packed_body_is_searched_and_a_large_one_is_not(acme: Caller) -> None:
    def hint(padding: int) -> str:
        headers = (JSON, (b"content-encoding", b"gzip"), (b"authorization", f"Bearer {acme.token}".encode()))
        body = gzip.compress(json.dumps({"readings": [], "zzz": "x" * padding}).encode())
        answer = acme.send(Request("POST", "/data/readings", headers=headers, body=body))
        assert answer.status == 200
        return answer.response.why.hint

    assert hint(1) == "Ignored, since unknown: /zzz."
    assert hint(MAX_SEARCHED_BODY) == ""


def test_a_server_that_names_no_rules_names_no_slip_but_in_its_log() -> None:
    caller = Caller(create_app(ServerSettings(rules_header=False)).api)
    answer = caller.onboard(colour="red")
    headers = [name for name, _ in answer.response.headers]
    hosted = caller.api.worlds.find("acme")
    assert hosted is not None
    logged = hosted.log.entry(2)
    assert isinstance(logged, Exchange)
    assert (headers, logged.response.why.hint) == ([b"content-type"], "Ignored, since unknown: /colour.")
