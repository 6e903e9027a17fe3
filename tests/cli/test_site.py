"""`mockaxle site`."""

import json

from tests.calling import onboarding
from tests.cli.test_freeze import here
from tests.cli.test_serve import run
from tests.control.controlling import Controller, controller

__all__ = ["controller"]
BARE = {"mpan": "1200000000020", "postcode": "SW1A 1AA"}
CONSENT = {"gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}


def test_it_lists_the_sites_with_their_states(controller: Controller) -> None:
    assert run("site", *here(controller)).stdout == "no sites\n"
    controller.call("POST", "/entities/site/onboard", onboarding())
    body = {"site": {**BARE, **CONSENT}, "assets": [{"external_id": "other", "type": "charger"}]}
    controller.call("POST", "/entities/site/initialise", body)
    lines = run("site", *here(controller)).stdout.splitlines()
    assert lines == [
        "1000000000012  Active    limited_pause  1 asset",
        "1200000000020  Inactive                 1 asset",
    ]
    found = run("site", "--text", "wallbox", *here(controller)).stdout
    assert found == "1000000000012  Active  limited_pause  1 asset\n"
    assert run("site", "--limit", "1", *here(controller)).stdout.splitlines()[1] == (
        "1 more site; --limit lists more, --text fewer"
    )


def test_it_shows_one_with_what_would_make_it_eligible(controller: Controller) -> None:
    body = {"site": {**BARE, **CONSENT}, "assets": [{"external_id": "other", "type": "charger"}]}
    controller.call("POST", "/entities/site/initialise", body)
    shown = run("site", "1200000000020", *here(controller)).stdout
    assert shown.startswith("1200000000020  Inactive\n")
    assert "limited_pause  Inactive, may not enrol: Not eligible for limited_pause" in shown
    assert "Use a half-hourly-settled site" in shown
    assert "  entry 2  initialise: 200\n" in shown


def test_an_unknown_one_is_an_error(controller: Controller) -> None:
    done = run("site", "nothing/..", *here(controller))
    assert (done.returncode, done.stdout) == (2, "")
    assert "not found" in done.stderr.lower()


def test_json_is_the_answer_of_control(controller: Controller) -> None:
    controller.call("POST", "/entities/site/onboard", onboarding())
    assert json.loads(run("site", "--json", *here(controller)).stdout) == controller.done("GET", "/sites")
    one = json.loads(run("site", "1000000000012", "--json", *here(controller)).stdout)
    assert one == controller.done("GET", "/sites/1000000000012")
