"""Faults over requests, in one process: which calls meet them, and what they leave of the work."""

import asyncio
import gzip
import json
from typing import Any

import pytest

from mockaxle.core.accounts import AccountKind
from mockaxle.scenarios.sections import AccountSection
from mockaxle.world.entries import Exchange, Held, Request
from mockaxle.world.fault_kinds import KINDS
from tests.calling import HOME, JSON, NIGHT, Answer, Caller
from tests.clocks import ManualClock
from tests.commanding import carry_out

ONBOARD = "POST /entities/site/onboard"
WHO = "GET /auth/users/me/"


def fault(caller: Caller, kind: str, **named: Any) -> str:
    arguments = {"kind": kind, **named}
    id: str = carry_out(caller.api.worlds, caller.username, "POST /faults", arguments)["id"]
    return id


def statuses(caller: Caller, times: int) -> list[int]:
    return [caller.get("/auth/users/me/").status for _ in range(times)]


@pytest.mark.rule("T1")
def test_a_status_comes_with_the_vendors_error_body_and_nothing_is_done(acme: Caller) -> None:
    fault(acme, "status", operation=ONBOARD, detail="gone fishing")
    answer = acme.onboard()
    assert (answer.status, answer.json) == (503, {"detail": "gone fishing"})
    assert answer.header("x-mockaxle-rules") == "T1;M"
    assert len(acme.state.sites) == 0


@pytest.mark.rule("T1")
def test_after_the_work_the_answer_is_lost_and_the_write_kept(acme: Caller) -> None:
    fault(acme, "status", operation=ONBOARD, moment="after", count=1)
    assert acme.onboard().status == 503
    assert len(acme.state.sites) == 1
    again = acme.onboard()
    assert (again.status, again.json["site"]["site_created"]) == (200, False)


@pytest.mark.rule("T1")
def test_it_fails_from_the_nth_call_on_and_count_times(acme: Caller) -> None:
    fault(acme, "status", operation=WHO, nth=2, count=2)
    assert statuses(acme, 5) == [200, 503, 503, 200, 200]


@pytest.mark.rule("T1")
def test_the_first_rule_that_fires_happens_and_later_ones_do_not_meet_the_call(acme: Caller) -> None:
    fault(acme, "status", operation=WHO, status=500, count=1)
    fault(acme, "status", status=502, count=1)
    assert statuses(acme, 3) == [500, 502, 200]


@pytest.mark.rule("T1")
def test_a_rule_is_for_the_calls_that_match_all_it_names(acme: Caller) -> None:
    site_id, asset_id = onboarded(acme)
    fault(acme, "status", path="/entities/asset/*", site=site_id, account="acme")
    assert acme.get(f"/entities/asset/{asset_id}").status == 503
    assert acme.get(f"/entities/site/{site_id}").status == 200
    assert acme.onboard(site={"mpan": "1000000000099"}, assets=[]).status != 503


@pytest.mark.rule("T1")
@pytest.mark.parametrize("by", ["id", "mpan"])
def test_a_site_is_named_by_id_or_mpan_in_path_or_body(acme: Caller, by: str) -> None:
    site_id, asset_id = onboarded(acme)
    fault(acme, "status", site=site_id if by == "id" else HOME["mpan"])
    reading = {"asset_id": asset_id, "start_timestamp": NIGHT[0]["start_timestamp"]}
    calls = [acme.onboard(), acme.get(f"/entities/site/{site_id}"), acme.get("/entities/asset/external-id/wallbox-7")]
    calls += [acme.plug_in(asset_id, NIGHT), acme.post("/data/readings", {"readings": [reading]})]
    assert [answer.status for answer in calls] == [503] * 5
    assert acme.get("/entities/site").status == 200


@pytest.mark.rule("T1")
def test_an_mpan_that_has_no_site_yet_can_be_named(acme: Caller) -> None:
    fault(acme, "status", site="1000000000099", count=1)
    assert acme.onboard().status == 200
    assert acme.onboard(site={"mpan": "1000000000099"}, assets=[]).status == 503


@pytest.mark.rule("T1")
def test_chance_is_drawn_from_the_worlds_seed(clock: ManualClock) -> None:
    from mockaxle.app import create_app

    callers = [Caller(create_app(clock=clock).api, "acme") for _ in range(2)]
    for caller in callers:
        fault(caller, "status", operation=WHO, probability="0.3")
    first, second = (statuses(caller, 200) for caller in callers)
    assert first == second
    assert 30 < first.count(503) < 90


@pytest.mark.rule("T1")
@pytest.mark.parametrize(("moment", "expected"), [("before", [401, 401]), ("after", [200, 401])])
def test_the_calls_own_token_is_revoked(acme: Caller, moment: str, expected: list[int]) -> None:
    fault(acme, "revoke_token", operation=WHO, moment=moment)
    assert statuses(acme, 2) == expected
    acme.token = acme.log_in().json["access_token"]
    assert acme.get("/entities/site").status == 200


@pytest.mark.rule("T1")
def test_the_token_that_a_log_in_gives_can_be_over_at_once(acme: Caller) -> None:
    fault(acme, "revoke_token", operation="POST /auth/token-form", moment="after")
    acme.token = acme.log_in().json["access_token"]
    assert statuses(acme, 1) == [401]


def test_all_tokens_of_an_account_are_revoked_now(acme: Caller) -> None:
    other = Caller(acme.api, "acme")
    done = carry_out(acme.api.worlds, "acme", "POST /tokens/revoke", {"username": "acme"})
    assert done == {"revoked": 2}
    assert statuses(acme, 1) + statuses(other, 1) == [401, 401]


@pytest.mark.rule("T1", "E6")
@pytest.mark.parametrize(("kind", "older"), [("provider_down", 503), ("provider_timeout", 504)])
def test_the_meter_provider_fails_for_every_meter(acme: Caller, kind: str, older: int) -> None:
    ref = acme.get("/meter/search?postcode=SW1A+1AA").json[0]["ref"]
    fault(acme, "meter_provider", answer=kind)
    assert look_ups(acme, ref) == [older, older, older, older, 504, 422, 422]
    assert acme.onboard().status == 200
    carry_out(acme.api.worlds, "acme", "DELETE /faults", {})
    assert acme.get("/meter/1000000000012").status == 200


def look_ups(acme: Caller, ref: str) -> list[int]:
    answers = [
        acme.get("/meter/search?postcode=SW1A+1AA"),
        acme.get("/meter/?address=2+Mall+Cottages,+London,+SW1A+1AA"),
        acme.get("/meter/1000000000012"),
        acme.post("/meter/by-address", {"address": "2 Mall Cottages, London, SW1A 1AA"}),
        acme.post("/meter/by-mpan", {"mpan": "1000000000012"}),
        acme.get(f"/meter/by-ref/{ref}"),
        acme.get(f"/meter/{ref}/mpan"),
    ]
    return [answer.status for answer in answers]


@pytest.mark.rule("T3")
def test_an_accounts_calls_are_limited_until_the_span_ends(acme: Caller, clock: ManualClock) -> None:
    reader = AccountSection(username="reader", kind=AccountKind.READ_ONLY)
    asyncio.run(acme.api.worlds.add_account("acme", reader))
    other = Caller(acme.api, "reader")
    fault(acme, "rate_limit", operation=WHO, calls=2, per_seconds=60)
    assert statuses(acme, 2) + statuses(other, 1) == [200] * 3
    clock.advance(seconds=19.5)
    answer = acme.get("/auth/users/me/")
    assert (answer.status, answer.header("retry-after")) == (429, "41")
    assert statuses(other, 1) == [200]
    clock.advance(seconds=41)
    assert statuses(acme, 3) == [200, 200, 429]


@pytest.mark.rule("T3")
def test_a_new_log_in_counts_and_does_not_lift_a_rate_limit(acme: Caller) -> None:
    fault(acme, "rate_limit", calls=2, per_seconds=60)
    assert statuses(acme, 1) == [200]
    acme.token = acme.log_in().json["access_token"]
    assert statuses(acme, 1) == [429]
    assert acme.log_in().status == 429


@pytest.mark.rule("T1", "E1")
def test_a_422_has_the_shape_that_its_operation_declares(acme: Caller) -> None:
    fault(acme, "status", status=422)
    assert isinstance(acme.post("/entities/site", {}).json["detail"], str)
    assert acme.post("/entities/site/initialise", {}).json["detail"][0]["loc"] == ["body"]
    assert isinstance(acme.post("/validation/mpan", {}).json["detail"][0], dict)


@pytest.mark.rule("T1")
def test_a_status_may_tell_when_to_try_again(acme: Caller) -> None:
    fault(acme, "status", status=429, retry_after_seconds=7)
    assert acme.get("/entities/site").header("retry-after") == "7"


@pytest.mark.rule("T1")
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("kind", [kind for kind, row in KINDS.items() if row.breaks])
def test_a_network_fault_leaves_the_work_undone_or_stored(acme: Caller, kind: str, moment: str) -> None:
    id = fault(acme, kind, operation=ONBOARD, moment=moment, count=1)
    way = acme.onboard().response.way
    assert way is not None
    assert (way.fault, way.network) == (id, kind)
    assert len(acme.state.sites) == (moment == "after")


@pytest.mark.rule("T1")
def test_a_call_that_waits_before_its_work_is_done_after_it(acme: Caller) -> None:
    fault(acme, "latency", operation=WHO, latency_ms=70, spread_ms=30)
    assert acme.get("/auth/users/me/").status == 200
    hosted = acme.api.worlds.find("acme")
    assert hosted
    held, done = list(hosted.log)[-2:]
    assert isinstance(held, Held)
    assert isinstance(done, Exchange)
    assert 70 <= held.wait.delay_ms < 100
    assert done.request.resumed


@pytest.mark.rule("T1")
def test_what_names_no_world_meets_no_fault(acme: Caller) -> None:
    fault(acme, "status", path="*")
    assert acme.get("/nowhere").status == 404
    assert acme.log_in("wrong").status == 401
    assert acme.log_in().status == 503


@pytest.mark.rule("T1")
def test_a_fault_that_names_no_calls_leaves_the_log_in_alone(acme: Caller) -> None:
    fault(acme, "status")
    assert acme.log_in().status == 200
    assert statuses(acme, 1) == [503]


def test_faults_are_brought_back_by_a_reset(acme: Caller) -> None:
    fault(acme, "status")
    carry_out(acme.api.worlds, "acme", "POST /reset", {"what": ["faults"]})
    assert statuses(acme, 1) == [200]


def onboarded(acme: Caller, assets: list[Any] | None = None) -> tuple[str, str]:
    answer: Answer = acme.onboard(assets=assets)
    assert answer.status == 200, json.dumps(answer.json)
    return answer.json["site"]["site_id"], answer.json["assets"][0]["asset_id"]


@pytest.mark.rule("T1")
def test_a_site_is_named_in_a_query_a_packed_body_and_whatever_its_case(acme: Caller) -> None:
    site_id, asset_id = onboarded(acme)
    fault(acme, "status", site=site_id.upper())
    assert acme.get(f"/entities/site?mpan={HOME['mpan']}").status == 503
    assert acme.get(f"/entities/site/{site_id.upper()}").status == 503
    packed = gzip.compress(json.dumps({"readings": [{"asset_id": asset_id}]}).encode())
    headers = (JSON, (b"content-encoding", b"gzip"), (b"authorization", f"Bearer {acme.token}".encode()))
    assert acme.send(Request("POST", "/data/readings", "", headers, packed)).status == 503


@pytest.mark.rule("T1")
def test_a_path_is_compared_decoded_and_only_the_star_is_special(acme: Caller) -> None:
    fault(acme, "status", path="/entities/asset/external-id/my car [?]*")
    assert acme.get("/entities/asset/external-id/my%20car%20%5B%3F%5D%201").status == 503
    assert acme.get("/entities/asset/external-id/my%20car%20x").status == 404


@pytest.mark.rule("T1")
def test_a_fault_is_not_spent_on_a_call_that_it_cannot_touch(acme: Caller) -> None:
    fault(acme, "meter_provider", count=1)
    fault(acme, "revoke_token", count=1)
    acme.log_in()
    assert acme.get("/meter/1000000000012").status == 503
    assert statuses(acme, 1) == [401]


@pytest.mark.rule("T1")
def test_a_refusal_of_the_calls_own_keeps_its_hint(acme: Caller) -> None:
    own = acme.get("/entities/asset/external-id/none").header("x-mockaxle-hint")
    fault(acme, "latency", moment="after", latency_ms=1)
    assert acme.get("/entities/asset/external-id/none").header("x-mockaxle-hint") == own


@pytest.mark.rule("T3")
def test_a_span_that_begins_after_now_does_not_count(acme: Caller) -> None:
    worlds = acme.api.worlds
    fault(acme, "rate_limit", operation=WHO, calls=1, per_seconds=10)
    carry_out(worlds, "acme", "POST /clock/advance", {"by": "50m"})
    assert statuses(acme, 1) == [200]
    carry_out(worlds, "acme", "POST /reset", {"what": ["clock"]})
    assert statuses(acme, 1) == [200]


def test_a_revoked_tokens_calls_are_in_the_worlds_log_as_an_expired_ones(acme: Caller) -> None:
    carry_out(acme.api.worlds, "acme", "POST /tokens/revoke", {"username": None})
    assert statuses(acme, 1) == [401]
    hosted = acme.api.worlds.find("acme")
    assert hosted
    last = list(hosted.log)[-1]
    assert isinstance(last, Exchange)
    assert last.response.status == 401
