"""The half-hours of the price curves, and who gets prices."""

from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from mockaxle.app import create_app
from mockaxle.core.records import CREATABLE
from mockaxle.core.reference import Style
from mockaxle.scenarios.sections import PriceSection, Scenario, SettingsSection
from tests.calling import CHARGER, HOME, Caller, onboarding
from tests.clocks import ManualClock

NOT_HALF_HOURLY, NON_DOMESTIC = "1200000000020", "1400000000039"


def caller_at(instant: str, **scenario: Any) -> Caller:
    clock = ManualClock(datetime.fromisoformat(instant))
    return Caller(create_app(scenario=Scenario(**scenario), clock=clock).api)


def half_hours(caller: Caller, **changes: Any) -> list[dict[str, Any]]:
    body = {name: value for name, value in onboarding(**changes).items() if name in ("site", "assets")}
    site_id = caller.post("/entities/site/initialise", body).json["site"]["site_id"]
    answer = caller.get(f"/entities/site/{site_id}/price-curve")
    assert (answer.status, answer.rules) == (200, ("P1",))
    found: list[dict[str, Any]] = answer.json["half_hourly_traded_prices"]
    return found


@pytest.mark.rule("P1")
@pytest.mark.parametrize(
    ("instant", "count", "first"),
    [
        ("2026-01-20T00:00:00+00:00", 46, "2026-01-20T00:00:00+00:00"),
        ("2026-01-20T09:10:00+00:00", 28, "2026-01-20T09:00:00+00:00"),
        ("2026-01-20T13:59:59+00:00", 19, "2026-01-20T13:30:00+00:00"),
        ("2026-01-20T14:00:00+00:00", 66, "2026-01-20T14:00:00+00:00"),
        ("2026-01-20T22:59:00+00:00", 49, "2026-01-20T22:30:00+00:00"),
        ("2026-01-20T23:00:00+00:00", 48, "2026-01-20T23:00:00+00:00"),
        ("2026-06-20T09:10:00+01:00", 28, "2026-06-20T08:00:00+00:00"),
        ("2026-03-28T14:00:00+00:00", 64, "2026-03-28T14:00:00+00:00"),
        ("2026-03-28T23:00:00+00:00", 46, "2026-03-28T23:00:00+00:00"),
        ("2026-03-29T00:00:00+00:00", 44, "2026-03-29T00:00:00+00:00"),
        ("2026-10-24T14:00:00+01:00", 68, "2026-10-24T13:00:00+00:00"),
        ("2026-10-24T23:00:00+01:00", 50, "2026-10-24T22:00:00+00:00"),
        ("2026-10-25T00:00:00+01:00", 48, "2026-10-24T23:00:00+00:00"),
        ("9999-12-31T23:59:59+00:00", 1, "9999-12-31T23:30:00+00:00"),
    ],
)
def test_the_curve_runs_from_the_current_half_hour_to_23_00_uk_time(instant: str, count: int, first: str) -> None:
    found = half_hours(caller_at(instant))
    assert (len(found), found[0]["start_timestamp"]) == (count, first)
    starts = [datetime.fromisoformat(half_hour["start_timestamp"]) for half_hour in found]
    assert {(late - early).seconds for early, late in pairwise(starts)} <= {1800}


@pytest.mark.rule("P1")
def test_a_price_is_what_is_set_else_what_a_window_pays_else_drawn_from_the_seed() -> None:
    at = datetime.fromisoformat("2026-01-20T20:00:00+00:00")
    caller = caller_at("2026-01-20T14:00:00+00:00", prices=(PriceSection(at=at, price_gbp_per_mwh=Decimal("-3.456")),))
    found = {one["start_timestamp"][:16]: one["price_gbp_per_mwh"] for one in half_hours(caller)}
    assert (found["2026-01-20T20:00"], found["2026-01-20T17:30"], found["2026-01-21T01:30"]) == (-3.46, 180.0, 90.0)
    drawn = [price for start, price in found.items() if price not in (-3.46, 180.0, 90.0)]
    assert len(set(drawn)) > 40
    assert min(drawn) < 0
    assert all(price == round(price, 2) for price in drawn)
    again = caller_at("2026-01-20T14:00:00+00:00", prices=(PriceSection(at=at, price_gbp_per_mwh=Decimal("-3.456")),))
    assert {one["start_timestamp"][:16]: one["price_gbp_per_mwh"] for one in half_hours(again)} == found


@pytest.mark.rule("P1")
@pytest.mark.parametrize("type", CREATABLE)
def test_a_site_participates_whatever_the_type_of_its_only_asset(type: str) -> None:
    assets = [{"external_id": "only", "type": type}]
    assert len(half_hours(caller_at("2026-01-20T09:10:00+00:00"), assets=assets)) == 28
    measuring = [{**assets[0], "asset_model": "zappi", "installation_date": "2025-01-01"}]
    caller = caller_at("2026-01-20T09:10:00+00:00")
    assert len(half_hours(caller, assets=measuring, site={"mpan": NOT_HALF_HOURLY})) == 28


@pytest.mark.rule("P1")
def test_a_site_needs_consent_and_a_home_to_participate() -> None:
    measuring = [{**CHARGER, "asset_model": "zappi", "installation_date": "2025-01-01"}]
    caller = caller_at("2026-01-20T09:10:00+00:00")
    assert half_hours(caller, assets=measuring, site={"gave_boundary_meter_consent_at": None}) == []
    assert half_hours(caller_at("2026-01-20T09:10:00+00:00"), site={"mpan": NON_DOMESTIC}) == []


@pytest.mark.rule("P1", "G9")
def test_a_site_that_does_not_participate_has_no_prices() -> None:
    out = {"mpan": NOT_HALF_HOURLY}
    assert half_hours(caller_at("2026-01-20T09:10:00+00:00"), site=out) == []
    found = half_hours(caller_at("2026-01-20T09:10:00+00:00", settings=SettingsSection(style=Style.WIRE)), site=out)
    assert [half_hour["price_gbp_per_mwh"] for half_hour in found] == [None] * 28


@pytest.mark.rule("P1")
@pytest.mark.parametrize(
    ("type", "status"),
    [("charger", 200), ("battery", 200), ("electric_vehicle", 200), ("heat pump", 403), ("hot water tank", 403)],
)
def test_only_some_types_of_asset_have_a_curve(acme: Caller, type: str, status: int) -> None:
    body = {"site": HOME, "assets": [CHARGER, {"external_id": "other", "type": type}]}
    done = acme.post("/entities/site/initialise", body).json
    answer = acme.get(f"/entities/asset/{done['assets'][1]['asset_id']}/price-curve")
    assert (answer.status, answer.rules) == (status, ("P1",))
    if status == 200:
        assert answer.json == acme.get(f"/entities/site/{done['site']['site_id']}/price-curve").json


@pytest.mark.rule("E4")
@pytest.mark.parametrize("kind", ["site", "asset"])
def test_an_unknown_id_is_404(acme: Caller, kind: str) -> None:
    assert acme.get(f"/entities/{kind}/00000000-0000-4000-8000-000000000000/price-curve").status == 404
