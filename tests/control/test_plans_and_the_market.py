"""With plan_follows_market, plans follow the flex windows that control changes."""

from typing import Any

import pytest

from tests.control.controlling import Controller
from tests.control.test_messages import INTENT, TARIFF, Evening

WINDOW = {"from_at": "2040-01-21T01:00:00Z", "to_at": "2040-01-21T02:00:00Z", "price_gbp_per_mwh": 250}
PRICES = {"prices": [{"at": "2040-01-21T01:00:00Z", "price_gbp_per_mwh": 900}]}


@pytest.fixture
def evening(controller: Controller) -> Evening:
    evening = Evening(controller)
    for window in controller.done("GET", "/market")["windows"]:
        controller.done("DELETE", f"/market/windows/{window['id']}")
    controller.done("PATCH", "/settings", {"plan_follows_market": True})
    for name, body in (("plug-in", {}), ("tariff-update", TARIFF), ("intent", INTENT)):
        evening.event(name, body)
    return evening


def periods(plan: Any) -> list[tuple[int, float]]:
    schedule = plan["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"]
    return [(one["startPeriod"] // 60, one["limit"]) for one in schedule]


@pytest.mark.rule("N3", "C2")
def test_a_window_on_the_way_makes_another_plan_and_its_removal_the_first_one(evening: Evening) -> None:
    first = periods(evening.plan())
    id = evening.controller.done("POST", "/market/windows", WINDOW)["id"]
    assert periods(evening.plan()) != first
    assert (180, 0) in periods(evening.plan())
    assert [message["type"] for message in evening.said("?after=3")] == ["schedule"]
    evening.controller.done("DELETE", f"/market/windows/{id}")
    assert (periods(evening.plan()), len(evening.said())) == (first, 5)


@pytest.mark.rule("N3")
def test_a_price_of_0_frees_the_time_again(evening: Evening) -> None:
    first = periods(evening.plan())
    id = evening.controller.done("POST", "/market/windows", WINDOW)["id"]
    evening.controller.done("PATCH", f"/market/windows/{id}", {"price_gbp_per_mwh": 0})
    assert (periods(evening.plan()), len(evening.said())) == (first, 5)


@pytest.mark.rule("N3")
def test_a_change_that_alters_no_plan_says_nothing(evening: Evening) -> None:
    before = evening.plan()
    evening.controller.done("POST", "/market/windows", {**WINDOW, "price_gbp_per_mwh": 0})
    evening.controller.done("POST", "/market/prices", PRICES)
    evening.controller.done("DELETE", "/market/prices")
    evening.controller.done("POST", "/clock/advance", {"by": "5h"})
    evening.controller.done(
        "POST", "/market/windows", WINDOW | {"from_at": "2040-01-22T01:00:00Z", "to_at": "2040-01-22T02:00:00Z"}
    )
    assert (len(evening.said()), evening.plan()) == (3, before)


@pytest.mark.rule("N3")
def test_without_the_setting_no_change_of_the_market_alters_a_plan(evening: Evening) -> None:
    evening.controller.done("PATCH", "/settings", {"plan_follows_market": False})
    before = evening.plan()
    evening.controller.done("POST", "/market/windows", WINDOW)
    assert (len(evening.said()), evening.plan()) == (3, before)
