"""Windows that come and go while the world runs."""

from typing import Any

import pytest

from tests.calling import NIGHT, onboarding
from tests.control.controlling import Controller

SINGLE = {"from_at": "2026-01-21T03:00:00Z", "to_at": "2026-01-21T04:00:00Z", "price_gbp_per_mwh": 500}


def stops(controller: Controller) -> list[str]:
    """When the blocks of tonight's schedule end."""
    body = controller.call("POST", "/entities/site/onboard", onboarding()).json()
    path = f"/entities/asset/{body['assets'][0]['asset_id']}/event/plug-in-schedule"
    answer = controller.call("POST", path, {"charging_schedule": NIGHT}).json()
    return [block["end_timestamp"][11:16] for block in answer["modified_charging_schedule"]]


def test_the_price_of_a_window_changes_and_prices_are_set_for_the_curve(controller: Controller) -> None:
    assert stops(controller) == ["01:00", "06:00"]
    added = controller.done("POST", "/market/windows", SINGLE)["id"]
    controller.done("PATCH", f"/market/windows/{added}", {"price_gbp_per_mwh": 1})
    assert stops(controller) == ["01:00", "06:00"]
    assert controller.control("PATCH", "/market/windows/none", {"price_gbp_per_mwh": 1}).status_code == 409
    price = {"at": "2026-01-20T22:00:00Z", "price_gbp_per_mwh": -7.5}
    controller.done("POST", "/market/prices", {"prices": [price]})
    shown = [{"at": "2026-01-20T22:00:00+00:00", "price_gbp_per_mwh": -7.5}]
    assert controller.done("GET", "/market")["prices"] == shown
    assert (
        controller.control("POST", "/market/prices", {"prices": [{**price, "at": "2026-01-20T22:01:00Z"}]})
        .json()["detail"]
        .endswith("not on a half-hour such as 17:30:00Z")
    )
    controller.done("DELETE", "/market/prices")
    assert controller.done("GET", "/market")["prices"] == []


def test_the_next_schedule_sees_a_window_that_was_added_and_not_one_that_was_removed(controller: Controller) -> None:
    assert stops(controller) == ["01:00", "06:00"]
    added = controller.done("POST", "/market/windows", SINGLE)["id"]
    assert stops(controller) == ["03:00", "06:00"]
    controller.done("DELETE", f"/market/windows/{added}")
    assert stops(controller) == ["01:00", "06:00"]
    controller.done("DELETE", "/market/windows/night")
    assert stops(controller) == ["06:00"]
    controller.done("POST", "/reset", {"what": ["market"]})
    assert stops(controller) == ["01:00", "06:00"]


def test_windows_are_listed_with_their_ids(controller: Controller) -> None:
    daily = {"from_time": "02:00:00", "to_time": "05:30:00", "price_gbp_per_mwh": 12.5, "timezone": "UTC"}
    ids = [controller.done("POST", "/market/windows", body)["id"] for body in (daily, SINGLE)]
    windows = {window.pop("id"): window for window in controller.done("GET", "/market")["windows"]}
    assert set(windows) == {"night", "evening", *ids}
    assert windows[ids[0]] == daily
    assert windows[ids[1]]["from_at"] == "2026-01-21T03:00:00+00:00"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({**SINGLE, "to_at": SINGLE["from_at"]}, "to_at after from_at"),
        ({"from_time": "01:00", "to_time": "01:00", "price_gbp_per_mwh": 1}, "two different local times"),
        ({"from_time": "01:00", "to_time": "02:00", "price_gbp_per_mwh": 1, "timezone": "Mars"}, "IANA timezone"),
        ({"from_time": "01:00", "to_time": "02:00", "price_gbp_per_mwh": "NaN"}, "price_gbp_per_mwh"),
        ({"from_time": "01:00"}, "to_time"),
        ({}, "from_time"),
    ],
)
def test_a_wrong_window_is_refused(controller: Controller, body: Any, word: str) -> None:
    before = controller.done("GET", "/market")
    answer = controller.control("POST", "/market/windows", body)
    assert answer.status_code == 422
    assert word in answer.json()["detail"]
    assert controller.done("GET", "/market") == before


def test_a_market_is_bounded(controller: Controller) -> None:
    statuses = [controller.control("POST", "/market/windows", SINGLE).status_code for _ in range(99)]
    assert statuses == [200] * 98 + [409]


def test_an_unknown_window_cannot_be_removed(controller: Controller) -> None:
    answer = controller.control("DELETE", "/market/windows/w99")
    assert answer.status_code == 409
    assert "no window 'w99'" in answer.json()["detail"]


def test_settings_change_what_is_named(controller: Controller) -> None:
    before = controller.done("GET", "/settings")
    assert controller.done("PATCH", "/settings", {"pause_minutes": 60}) == {**before, "pause_minutes": 60}
    stopped = controller.call("POST", "/entities/site/onboard", onboarding())
    assert stopped.status_code == 200
    assert controller.control("PATCH", "/settings", {"pause_minutes": 45}).status_code == 422
    controller.done("POST", "/reset", {"what": ["settings"]})
    assert controller.done("GET", "/settings") == before
