"""Every cell of L0, for each method and every pair of methods, generated from the table."""

from dataclasses import replace
from typing import Any

import pytest

from mockaxle.core.lifecycle import LIFECYCLE, Move, Trigger
from mockaxle.core.records import NOWHERE, PROPOSITIONS, DispatchMethod, Standing
from mockaxle.core.rule_errors import OutOfTurn, SiteExists, SiteInUse, SiteUnknown, Withdrawn
from mockaxle.core.state import put_site, site_of
from tests.calling import CHARGER, HOME, Answer, Caller

STATUS: dict[type[OutOfTurn], int] = {SiteUnknown: 404, SiteExists: 409, SiteInUse: 400, Withdrawn: 422}
NOBODY = "00000000-0000-4000-8000-000000000000"
METHODS = tuple(DispatchMethod)
PRESENT = (Standing.OUT, Standing.IN, Standing.WITHDRAWN)
OF_A_PROPOSITION = {
    Trigger.ONBOARD,
    Trigger.ONBOARD_AGAIN,
    Trigger.ENROL,
    Trigger.ENROL_AGAIN,
    Trigger.UNENROL,
    Trigger.DECONSENT,
}
OF_ANOTHER = {Trigger.DECONSENT_OTHER}
OF_THE_SITE = {Trigger.INITIALISE, Trigger.OFFBOARD, Trigger.DELETE, Trigger.TOUCH}

Standings = dict[DispatchMethod, Standing]


def named_by(call: Trigger) -> tuple[DispatchMethod, ...]:
    """The methods that a call can name."""
    if call in OF_A_PROPOSITION:
        return PROPOSITIONS
    return tuple(m for m in METHODS if m not in PROPOSITIONS) if call in OF_ANOTHER else METHODS


CELLS = [
    (call, method, standing, other, other_standing)
    for call in Trigger
    for method in named_by(call)
    for standing in PRESENT
    for other in METHODS
    if other is not method
    for other_standing in PRESENT
]


def site_with(caller: Caller, standings: Standings, *, asset: bool) -> str:
    """A live site that stands so with its methods."""
    assets = [CHARGER] if asset else []
    site_id: str = caller.post("/entities/site/initialise", {"site": HOME, "assets": assets}).json["site"]["site_id"]
    placed = NOWHERE
    for method, standing in standings.items():
        placed = tuple(standing if m is method else s for m, s in zip(METHODS, placed, strict=True))
    hosted = caller.api.worlds.find(caller.username)
    assert hosted
    site = site_of(caller.state, site_id)._replace(standings=placed)
    hosted.world = hosted.world._replace(state=put_site(caller.state, site))
    return site_id


def perform(caller: Caller, call: Trigger, site_id: str, method: DispatchMethod) -> Answer:
    path = f"/entities/site/{site_id}"
    again = {"override_withdrawal": call in (Trigger.ONBOARD_AGAIN, Trigger.ENROL_AGAIN)}
    match call:
        case Trigger.ONBOARD | Trigger.ONBOARD_AGAIN:
            return caller.onboard(proposition=method, **again)
        case Trigger.INITIALISE:
            return caller.post("/entities/site/initialise", {"site": HOME, "assets": [CHARGER]})
        case Trigger.ENROL | Trigger.ENROL_AGAIN:
            return caller.post(f"{path}/enrol", {"proposition": method, **again})
        case Trigger.UNENROL:
            return caller.post(f"{path}/unenrol", {"proposition": method})
        case Trigger.CONSENT:
            return caller.post(f"{path}/dispatch-consent", {"dispatch_methods": [method]})
        case Trigger.DECONSENT | Trigger.DECONSENT_OTHER:
            return caller.post(f"{path}/dispatch-deconsent", {"dispatch_methods": [method]})
        case Trigger.REGISTER:
            body = {"site": HOME, "asset": CHARGER, "dispatch_consent": {"dispatch_methods": [method]}}
            return caller.post("/entities/site/onboard-site-and-asset", body)
        case Trigger.OFFBOARD:
            return caller.post(f"{path}/offboard-site-and-assets")
        case Trigger.DELETE:
            return caller.call("DELETE", path)
        case Trigger.TOUCH:
            return caller.call("PATCH", path, {"address": "9 Canal Row"})


def check_refused(answer: Answer, refusal: type[OutOfTurn]) -> None:
    """By status, by the shape that E1 gives it, and by its explanation."""
    assert answer.status == STATUS[refusal]
    assert isinstance(answer.json["detail"], str)
    assert answer.rules == (refusal.rule,)
    assert answer.response.why.hint


@pytest.mark.rule("L0", "L3", "L12", "L13", "E1", "E2")
@pytest.mark.parametrize("call", Trigger)
def test_every_cell_for_each_method_and_every_pair(acme: Caller, call: Trigger) -> None:
    for _, method, standing, other, other_standing in (cell for cell in CELLS if cell[0] is call):
        before: Standings = {method: standing, other: other_standing}
        site_id = site_with(acme, before, asset=call is not Trigger.DELETE)
        state = acme.state
        answer = perform(acme, call, site_id, method)
        cells = [LIFECYCLE[call][list(Standing).index(s)] for s in before.values()]
        mine, theirs = cells
        refusal = next((c for c in cells if not isinstance(c, Move)), None) if call in OF_THE_SITE else None
        refusal = refusal or (mine if not isinstance(mine, Move) else None)
        if refusal is not None:
            assert not isinstance(refusal, Move)
            check_refused(answer, refusal)
            assert acme.state is state
        else:
            assert answer.status == (204 if call is Trigger.DELETE else 200), answer.json
            check_moved(acme, site_id, call, {method: mine, other: theirs}, before, answer)
        clear(acme)


def check_moved(
    caller: Caller,
    site_id: str,
    call: Trigger,
    cells: dict[DispatchMethod, Any],
    before: Standings,
    answer: Answer,
) -> None:
    method = next(iter(cells))
    to = cells[method].to
    if to is Standing.ABSENT:
        check_refused(caller.get(f"/entities/site/{site_id}"), SiteUnknown)
        return
    after = {m: cell.to for m, cell in cells.items()} if call in OF_THE_SITE else {**before, method: to}
    site = site_of(caller.state, site_id)
    assert {m: site.standing(m) for m in METHODS} == {m: after.get(m, Standing.OUT) for m in METHODS}
    methods_in = [m for m in METHODS if after.get(m) is Standing.IN]
    assert caller.get(f"/entities/site/{site_id}").json["dispatch_methods"] == methods_in
    said = (answer.json or {}).get("status") or (answer.json or {}).get("enrolment", {}).get("status")
    assert said == cells[method].status


def clear(caller: Caller) -> None:
    for site in caller.get("/entities/site").json["sites"]:
        caller.post(f"/entities/site/{site['id']}/dispatch-deconsent", {"dispatch_methods": METHODS})
        for asset_id in site["asset_ids"]:
            caller.call("DELETE", f"/entities/asset/{asset_id}")
        caller.call("DELETE", f"/entities/site/{site['id']}")
    assert len(caller.state.sites) == len(caller.state.assets) == 0


@pytest.mark.rule("L0", "L2")
@pytest.mark.parametrize("call", [call for call in Trigger if call is not Trigger.TOUCH])
def test_every_cell_of_the_column_absent(acme: Caller, call: Trigger) -> None:
    for method in named_by(call):
        cell, state = LIFECYCLE[call][0], acme.state
        answer = perform(acme, call, NOBODY, method)
        if not isinstance(cell, Move):
            check_refused(answer, cell)
            assert acme.state is state
        else:
            assert answer.status == 200
            (site,) = acme.get("/entities/site").json["sites"]
            assert (method in site["dispatch_methods"]) is (cell.to is Standing.IN)
            clear(acme)


TOUCHES: list[tuple[str, str, Any]] = [
    ("GET", "/entities/site/{site}", None),
    ("PATCH", "/entities/site/{site}", {"email": "bo@example.org"}),
    ("GET", "/entities/site/{site}/eligibility", None),
    ("POST", "/entities/site/{site}/meter-consent", {"gave_boundary_meter_consent_at": "2026-01-06T00:00:00Z"}),
    ("GET", "/entities/asset/{asset}", None),
    ("GET", "/entities/asset/external-id/wallbox-7", None),
    ("PATCH", "/entities/asset/{asset}", {"properties": {"power_kw": 11}}),
    ("POST", "/entities/asset", {"external_id": "b", "type": "battery", "site_id": "{site}"}),
    ("DELETE", "/entities/asset/{asset}", None),
]


@pytest.mark.rule("L0", "L8", "L9")
@pytest.mark.parametrize(("verb", "path", "body"), TOUCHES)
def test_touching_a_site_moves_it_nowhere(acme: Caller, verb: str, path: str, body: Any) -> None:
    for standing in PRESENT:
        standings = dict.fromkeys(METHODS, standing)
        site_id = site_with(acme, standings, asset=True)
        ids = {"site": site_id, "asset": acme.get(f"/entities/site/{site_id}").json["asset_ids"][0]}
        filled = {k: ids["site"] if v == "{site}" else v for k, v in body.items()} if body else None
        assert acme.call(verb, path.format(**ids), filled).status in (200, 204)
        site = site_of(acme.state, site_id)
        assert {m: site.standing(m) for m in METHODS} == standings
        clear(acme)


@pytest.mark.rule("L5")
def test_without_withdrawal_memory_coming_back_is_a_plain_enrol(acme: Caller) -> None:
    hosted = acme.api.worlds.find("acme")
    assert hosted
    known = acme.state.reference
    reference = replace(known, settings=known.settings._replace(withdrawal_memory=False))
    hosted.world = hosted.world._replace(state=hosted.world.state._replace(reference=reference))
    site_id = site_with(acme, {DispatchMethod.LIMITED_PAUSE: Standing.WITHDRAWN}, asset=True)
    assert acme.post(f"/entities/site/{site_id}/enrol", {"proposition": "limited_pause"}).json["status"] == "enrolled"


@pytest.mark.rule("L5")
def test_an_override_is_no_substitute_for_eligibility(acme: Caller) -> None:
    site_id = site_with(acme, {DispatchMethod.LIMITED_PAUSE: Standing.WITHDRAWN}, asset=False)
    body = {"proposition": "limited_pause", "override_withdrawal": True}
    assert acme.post(f"/entities/site/{site_id}/enrol", body).rules == ("Q4",)
