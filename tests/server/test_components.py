"""Component tokens: one user's site, and nothing else."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from mockaxle.app import create_app
from mockaxle.scenarios.sections import Scenario, SettingsSection
from mockaxle.world.entries import Request
from tests.calling import CHARGER, FORM, Answer, Caller, onboarding
from tests.clocks import ManualClock
from tests.commanding import carry_out

CONSENT = "2026-01-05T09:00:00Z"


def ask(caller: Caller, user: str = "user-42", **form: str) -> Answer:
    fields = {"external_user_id": user, "allowed_origin": "https://app.example", **form}
    bearer = (b"authorization", f"Bearer {caller.token}".encode())
    return caller.send(Request("POST", "/auth/component-token", "", (FORM, bearer), urlencode(fields).encode()))


def component(caller: Caller, user: str = "user-42") -> tuple[str, Caller]:
    """The user's site, and who calls with the token for it."""
    answer = ask(caller, user, gave_boundary_meter_consent_at=CONSENT)
    assert answer.status == 200, answer.json
    own = Caller(caller.api, log_in=False)
    own.username, own.token = caller.username, answer.json["access_token"]
    return answer.json["id"], own


@pytest.mark.rule("A7")
def test_an_unknown_user_gets_a_site_and_a_known_one_the_same(acme: Caller) -> None:
    answer = ask(acme, gave_boundary_meter_consent_at=CONSENT, user_email="ada@example.org")
    assert (answer.status, answer.json["token_type"]) == (200, "bearer")
    again = ask(acme)
    assert again.json["id"] == answer.json["id"]
    assert again.json["access_token"] != answer.json["access_token"]
    assert ask(acme, "other", gave_boundary_meter_consent_at=CONSENT).json["id"] != answer.json["id"]
    site = acme.get(f"/entities/site/{answer.json['id']}").json
    assert "mpan" not in site
    assert site["gave_boundary_meter_consent_at"] == "2026-01-05T09:00:00+00:00"


@pytest.mark.rule("A8", "E1")
def test_consent_is_needed_on_the_first_call_and_overwrites_later(acme: Caller) -> None:
    answer = ask(acme)
    loc = ["body", "gave_boundary_meter_consent_at"]
    assert (answer.status, answer.json["detail"][0]["loc"], answer.rules) == (422, loc, ("A8",))
    site_id = ask(acme, gave_boundary_meter_consent_at=CONSENT).json["id"]
    ask(acme, gave_boundary_meter_consent_at="2026-02-02T00:00:00Z")
    assert acme.get(f"/entities/site/{site_id}").json["gave_boundary_meter_consent_at"].startswith("2026-02-02")


@pytest.mark.rule("A8")
def test_an_exempt_organisation_needs_no_consent() -> None:
    exempt = Scenario(settings=SettingsSection(consent_exempt=True))
    assert ask(Caller(create_app(scenario=exempt).api)).status == 200


@pytest.mark.rule("E7", "E5")
@pytest.mark.parametrize(
    ("form", "loc"),
    [
        ({"user_email": "nobody"}, ["body", "user_email"]),
        ({"gave_boundary_meter_consent_at": "soon"}, ["body", "gave_boundary_meter_consent_at"]),
    ],
)
def test_what_is_wrong_with_the_form_is_422(acme: Caller, form: dict[str, str], loc: list[str]) -> None:
    answer = ask(acme, **{"gave_boundary_meter_consent_at": CONSENT, **form})
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, loc)
    assert acme.get("/entities/site").json["total_num_sites"] == 0


@pytest.mark.rule("A7", "A5")
def test_the_token_lives_a_day_and_has_three_roles(clock: ManualClock, acme: Caller) -> None:
    _, own = component(acme)
    assert own.get("/auth/users/me/").json == {
        "username": "acme",
        "roles": ["entity_read", "entity_write", "metrics_write"],
    }
    clock.at += timedelta(hours=24) - timedelta(seconds=1)
    assert own.get("/entities/site").status == 200
    clock.advance(seconds=1)
    assert own.get("/entities/site").status == 401


@pytest.mark.rule("A7")
def test_lists_show_the_own_site_only(acme: Caller) -> None:
    acme.onboard()
    site_id, own = component(acme)
    created = own.post("/entities/asset", {**CHARGER, "external_id": "own", "site_id": site_id})
    assert created.status == 200
    assert [site["id"] for site in own.get("/entities/site").json["sites"]] == [site_id]
    assert own.get("/entities/site").json["total_num_sites"] == 1
    assert [asset["external_id"] for asset in own.get("/entities/asset").json["assets"]] == ["own"]
    assert own.get("/entities/site?mpan=1000000000012").json["sites"] == []
    assert acme.get("/entities/asset").json["total_num_assets"] == 2


@pytest.mark.rule("A7", "A9", "E4")
def test_what_is_not_of_the_own_site_is_404_or_403_and_unchanged(acme: Caller) -> None:
    body = acme.onboard().json
    site, asset = body["site"]["site_id"], body["assets"][0]["asset_id"]
    own_site, own = component(acme)
    before = acme.state
    calls: list[tuple[int, str, str, Any]] = [
        (404, "GET", f"/entities/site/{site}", None),
        (404, "PATCH", f"/entities/site/{site}", {"address": "mine now"}),
        (404, "DELETE", f"/entities/site/{site}", None),
        (404, "POST", f"/entities/site/{site}/enrol", {"proposition": "limited_pause"}),
        (404, "POST", f"/entities/site/{site}/offboard-site-and-assets", None),
        (404, "GET", f"/entities/asset/{asset}", None),
        (404, "GET", "/entities/asset/external-id/wallbox-7", None),
        (404, "PATCH", f"/entities/asset/{asset}", {"asset_model": "zappi"}),
        (404, "DELETE", f"/entities/asset/{asset}", None),
        (404, "POST", "/entities/asset", {**CHARGER, "external_id": "x", "site_id": site}),
        (404, "POST", f"/entities/asset/{asset}/event/plug-out", {}),
        (404, "POST", f"/entities/asset/{asset}/callback/x", {"timestamp": CONSENT, "status": "FAILED"}),
        (400, "GET", f"/entities/site/{site}/oauth/volvo/initiate", None),
        (403, "POST", "/entities/site/onboard", onboarding()),
        (403, "POST", "/entities/site/initialise", {name: onboarding()[name] for name in ("site", "assets")}),
        (403, "POST", "/entities/site", {"mpan": "1000000000099", "postcode": "M1"}),
        (403, "GET", f"/rewards/{own_site}/info", None),
        (403, "GET", "/meter/search?postcode=M1", None),
        (403, "POST", "/auth/component-token", None),
    ]
    for status, verb, path, sent in calls:
        assert (own.call(verb, path, sent).status, verb, path) == (status, verb, path)
    assert acme.state is before or acme.state == before


@pytest.mark.rule("A7", "R2")
def test_readings_of_the_own_sites_assets_are_taken_and_no_others(acme: Caller) -> None:
    foreign = acme.onboard().json["assets"][0]["asset_id"]
    site_id, own = component(acme)
    asset_id = own.post("/entities/asset", {**CHARGER, "external_id": "own", "site_id": site_id}).json["id"]
    point = {"start_timestamp": CONSENT, "end_timestamp": "2026-01-05T09:30:00Z", "value": 1, "label": "solar_power_kw"}
    answer = own.post("/data/readings", {"readings": [{**point, "asset_id": id} for id in (foreign, asset_id)]})
    assert [one["accepted"] for one in answer.json["responses"]] == [False, True]


@pytest.mark.rule("U5", "L7")
def test_a_users_site_gets_its_mpan_by_patch_and_enrols(acme: Caller) -> None:
    site_id, own = component(acme)
    own.post("/entities/asset", {**CHARGER, "site_id": site_id})
    enrol = f"/entities/site/{site_id}/enrol"
    assert own.post(enrol, {"proposition": "limited_pause"}).status == 422
    mine = {"mpan": "1000000000012", "postcode": "M1 1AE", "address": "7 Canal Row"}
    assert own.call("PATCH", f"/entities/site/{site_id}", mine).json["mpan"] == "1000000000012"
    assert own.post(enrol, {"proposition": "limited_pause"}).json["status"] == "enrolled"
    assert acme.onboard().json["site"]["site_id"] == site_id
    assert own.post(f"/entities/site/{site_id}/offboard-site-and-assets").status == 200
    assert own.get(f"/entities/site/{site_id}").status == 404
    assert component(acme)[0] != site_id


@pytest.mark.rule("A7", "E4")
def test_a_change_that_another_site_stands_in_the_way_of_names_no_site(acme: Caller) -> None:
    other = acme.onboard().json["site"]["site_id"]
    site_id, own = component(acme)
    for change in ({"mpan": "1000000000012"}, {"postcode": "M1 1AE", "address": "7 Canal Row"}):
        answer = own.call("PATCH", f"/entities/site/{site_id}", change)
        assert answer.status == 422
        assert "another site" in str(answer.json)
        assert other not in str(answer.json)


@pytest.mark.rule("A7")
def test_after_a_reset_a_token_opens_no_other_users_site(acme: Caller) -> None:
    site_id, own = component(acme, "alice")
    carry_out(acme.api.worlds, "acme", "POST /reset", {"what": ["state"]})
    assert component(acme, "bob")[0] == site_id
    assert own.get(f"/entities/site/{site_id}").status == 404
    assert own.get("/entities/site").json["sites"] == []
