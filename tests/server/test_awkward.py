"""Awkward answers: valid, marked, without a trace in what is stored, and a trial for a client."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockaxle.core.timestamps import read_timestamp
from mockaxle.world.awkwardness import WITHIN_CONTRACT, Awkward
from tests.calling import NIGHT, Answer, Caller
from tests.commanding import carry_out
from tests.server.strict_client import HABITS, PAGES, TakenForGranted
from tests.test_any_request import OPERATIONS, campaign

WIRE = (Awkward.NULL,)
"""The document knows hardly any null; the live service's style does."""


def awkward(caller: Caller, *kinds: str, probability: str = "1") -> None:
    beyond = Awkward.UNKNOWN_ENUM in kinds
    body = {"kinds": kinds, "probability": probability, "beyond_contract": beyond}
    carry_out(caller.api.worlds, caller.username, "PUT /awkwardness", body)


def onboarded(caller: Caller) -> str:
    caller.onboard(site={"mpan": "1000000000099", "street_address": "9 Canal Row"}, assets=[])
    site_id: str = caller.onboard(proposition="limited_pause").json["site"]["site_id"]
    return site_id


def read(caller: Caller, site_id: str, kind: Awkward) -> Answer:
    return caller.get("/entities/site?limit=5" if kind in PAGES else f"/entities/site/{site_id}")


@pytest.mark.rule("T4")
@pytest.mark.parametrize("kind", list(Awkward))
def test_a_strict_client_breaks_on_each_awkwardness_and_not_before(acme: Caller, kind: Awkward) -> None:
    site_id = onboarded(acme)
    assert not breaks(HABITS[kind], read(acme, site_id, kind))
    if kind in WIRE:
        carry_out(acme.api.worlds, "acme", "PATCH /settings", {"style": "wire"})
    awkward(acme, kind)
    assert any(breaks(HABITS[kind], read(acme, site_id, kind)) for _ in range(20))


def breaks(habit: Callable[[Answer], None], answer: Answer) -> bool:
    try:
        habit(answer)
    except TakenForGranted:
        return True
    return False


@pytest.mark.rule("T4")
@pytest.mark.parametrize("style", ["contract", "wire"])
def test_over_all_operations_every_awkward_answer_fits_the_document(style: str) -> None:
    caller, seen = campaign(11, 3000, style, awkward=WITHIN_CONTRACT)
    assert {key for key, status in seen if status in (200, 204)} >= {one.key for one in OPERATIONS} - RARE
    marked = [entry for entry in log(caller) if entry.response.why.awkward]
    assert {kind for entry in marked for kind in entry.response.why.awkward} >= set(WITHIN_CONTRACT) - {"null"}
    assert all("T4" in entry.response.why.rules for entry in marked)


RARE = {"GET /vpp/home-assistant/event", "POST /entities/site/onboard-site-and-asset"}
"""Needs another account; needs a body that random values hardly give."""


def log(caller: Caller) -> list[Any]:
    hosted = caller.api.worlds.find("acme")
    assert hosted
    return [entry for entry in hosted.log if hasattr(entry, "response")]


@pytest.mark.rule("T4")
def test_only_the_answer_changes_not_what_is_stored(acme: Caller) -> None:
    site_id = onboarded(acme)
    before = acme.get(f"/entities/site/{site_id}").json
    state = acme.state
    awkward(acme, *Awkward)
    for _ in range(20):
        assert acme.get(f"/entities/site/{site_id}").json["id"] == site_id
    assert acme.state == state
    awkward(acme)
    assert acme.get(f"/entities/site/{site_id}").json == before


@pytest.mark.rule("T4")
def test_tokens_and_schedules_go_on_as_ever(acme: Caller) -> None:
    awkward(acme, *Awkward)
    acme.token = acme.log_in().json["access_token"]
    onboarded(acme)
    asset_id = acme.get("/entities/asset/external-id/wallbox-7").json["id"]
    schedule = acme.plug_in(asset_id, NIGHT).json["modified_charging_schedule"]
    assert [block["end_timestamp"] for block in schedule] == ["2026-01-21T01:00:00Z", "2026-01-21T06:00:00Z"]


@pytest.mark.rule("T4")
def test_an_instant_stays_the_same_instant(acme: Caller) -> None:
    site_id = onboarded(acme)
    awkward(acme, "datetimes")
    spelt = {acme.get(f"/entities/site/{site_id}").json["gave_boundary_meter_consent_at"] for _ in range(40)}
    instants = {read.at for text in spelt if (read := read_timestamp(text))}
    assert (len(spelt), len(instants)) == (5, 1)


@pytest.mark.rule("T4")
def test_some_answers_are_awkward_where_a_probability_is_named(acme: Caller) -> None:
    awkward(acme, "extra", probability="0.3")
    marked = [bool(acme.get("/auth/users/me/").response.why.awkward) for _ in range(100)]
    assert 10 < marked.count(True) < 50


def test_errors_are_awkward_too(acme: Caller) -> None:
    awkward(acme, "long", "extra")
    answer = acme.get("/entities/asset/external-id/none")
    assert answer.status == 404
    assert len(answer.json["detail"]) == 10_000
    assert "mockaxle_extra" in answer.json
    json.dumps(answer.json)


@pytest.mark.rule("T4")
def test_a_full_page_of_long_texts_stays_of_a_bearable_size(acme: Caller) -> None:
    onboarded(acme)
    awkward(acme, "long", "full_page")
    sizes = [len(acme.get("/entities/site?limit=5&limit=1000").response.body) for _ in range(10)]
    assert 100_000 < max(sizes) < 2_500_000
