"""The app's receiver: a car is plugged in at a Smart Charging home, and the mock delivers its plans."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from ev_app.homes import SMART_CHARGING, Home, Homes
from ev_app.receiver import PLAN, Receiver, create_app

from mockaxle import World

EVENING = "2026-01-20T18:00:00Z"
SECRET = "whsec_of-the-app"

Followed = list[tuple[str, Mapping[str, Any]]]


@pytest.fixture
def followed(mockaxle: World) -> Followed:
    """The plans that the receiver passed on, with their chargers. It and the signatures use the world's clock."""
    plans: Followed = []
    receiver = Receiver(SECRET, follow=lambda *plan: plans.append(plan), now=lambda: mockaxle.clock.now.timestamp())
    try:
        mockaxle.receiver(create_app(receiver), path="/axle", secret=SECRET, signed_at="world")
    except ValueError as error:
        pytest.skip(str(error))  # a shared mock cannot call an app of this process
    mockaxle.clock.freeze(EVENING)
    return plans


@pytest.fixture
def home(homes: Homes) -> Home:
    consented_at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    return homes.sign_up("1000000000012", postcode="M1 1AE", consented_at=consented_at, proposition=SMART_CHARGING)


def next_plan(mockaxle: World, home: Home) -> tuple[str, Any]:
    """Return the next plan of a home, with its charger, a quarter of an hour later when all deliveries are made."""
    mockaxle.clock.advance("15m")
    message = mockaxle.inbox.wait_for(PLAN, home.charger_id)
    return home.charger_id, message["body"]["payload"]["set_charging_profile"]


def test_a_plugged_in_car_follows_its_plan(followed: Followed, homes: Homes, mockaxle: World, home: Home) -> None:
    homes.plug_in_smart(home)
    plan = next_plan(mockaxle, home)
    assert followed == [plan]
    mockaxle.log.verify(deliveries=[{"asset": home.charger_id, "outcome": "accepted", "count": 1}])


@pytest.mark.parametrize("kind", ["twice", "answer_lost"])
def test_each_plan_is_followed_once(followed: Followed, homes: Homes, mockaxle: World, home: Home, kind: str) -> None:
    mockaxle.awkward_deliveries(kind, count=1)
    homes.plug_in_smart(home)
    first = next_plan(mockaxle, home)
    mockaxle.control("POST", "/replan")
    second = next_plan(mockaxle, home)
    assert followed == [first, second]
    mockaxle.log.verify(deliveries=[{"asset": home.charger_id, "count": 3}])


def test_an_older_plan_that_arrives_later_is_not_followed(
    followed: Followed, homes: Homes, mockaxle: World, home: Home
) -> None:
    mockaxle.awkward_deliveries("out_of_order", count=1)
    homes.plug_in_smart(home)
    mockaxle.clock.advance("15m")
    mockaxle.control("POST", "/replan")
    older, newer = next_plan(mockaxle, home), next_plan(mockaxle, home)
    assert older != newer
    assert followed == [newer]
    mockaxle.log.verify(deliveries=[{"asset": home.charger_id, "outcome": "accepted", "count": 2}])


@pytest.mark.parametrize("kind", ["bad_signature", "no_signature", "stale", "future"])
def test_a_copy_without_a_fresh_signature_of_axle_is_refused(
    followed: Followed, homes: Homes, mockaxle: World, home: Home, kind: str
) -> None:
    mockaxle.awkward_deliveries(kind, count=1)
    homes.plug_in_smart(home)
    plan = next_plan(mockaxle, home)
    assert followed == [plan]
    mockaxle.log.verify(deliveries=[{"outcome": "refused", "count": 1}, {"outcome": "accepted", "count": 1}])


@pytest.mark.parametrize("kind", ["late", "edge", "two_signatures", "extra_fields", "cut", "unknown_event"])
def test_a_plan_is_followed_however_it_arrives(
    followed: Followed, homes: Homes, mockaxle: World, home: Home, kind: str
) -> None:
    mockaxle.awkward_deliveries(kind, count=1)
    homes.plug_in_smart(home)
    plan = next_plan(mockaxle, home)
    assert followed == [plan]


def test_a_plan_written_with_spaces_is_followed(followed: Followed, homes: Homes, mockaxle: World, home: Home) -> None:
    mockaxle.awkward_deliveries("spaces", count=1)
    homes.plug_in_smart(home)
    plan = next_plan(mockaxle, home)
    assert followed == [plan]
