"""Dispatches and shifts of Smart Charging as flex events, and what the month brings."""

from datetime import datetime
from typing import Any

import pytest

from mockaxle.scenarios.sections import SettingsSection
from tests.calling import CHARGER
from tests.clocks import ManualClock
from tests.commanding import carry_out
from tests.server.homes import Home

EVENING = {"start_time": "2026-01-21T17:00:00Z", "end_time": "2026-01-21T18:00:00Z"}
PRICES = [
    {"at": f"2026-01-21T17:{minute}:00Z", "price_gbp_per_mwh": price} for minute, price in (("00", 100), ("30", 200))
]
BATTERY = {"external_id": "powerwall", "type": "battery", "properties": {"power_kw": 5, "capacity_kwh": 13.5}}
SMART = {"proposition": "full_asset_schedule_control"}
UNTIL_HALF_PAST = {"end_at": "2026-01-21T17:30:00Z"}
FROM_QUARTER_PAST = {"tariff": {"off_peak_times": "17:15-20:00", "timezone": "UTC"}}
OFF_PEAK = {"off_peak_times": "23:00-06:00", "timezone": "UTC"}


def smart_home(*assets: dict[str, Any], **settings: Any) -> Home:
    """A home in Smart Charging, whose first asset is called `asset_id`."""
    home = Home(settings=SettingsSection(**settings))
    done = home.caller.onboard(
        site={"mpan": "2000000000006", "street_address": "8 Canal Row"}, assets=list(assets), **SMART
    )
    assert done.status == 200, done.json
    home.site_id, home.asset_id = done.json["site"]["site_id"], done.json["assets"][0]["asset_id"]
    return home


def command(home: Home, key: str, body: Any = None, /, **path: str) -> Any:
    return carry_out(home.caller.api.worlds, "acme", key, body, **path)


@pytest.mark.rule("B1", "B2", "B5")
@pytest.mark.parametrize(
    ("power_kw", "measured", "flex", "revenue"),
    [
        (-5, None, -5, 0.75),
        (3, None, 3, 0.45),
        (-5, -2, -2, 0.3),
        (-5, 1, 1, -0.15),
        (3, -1, -1, -0.15),
        (0, None, 0, 0),
    ],
)
def test_a_battery_earns_by_its_power_at_the_mean_price(
    power_kw: float, measured: float | None, flex: float, revenue: float
) -> None:
    """An hour at 100 and at 200 GBP per MWh."""
    home = smart_home(BATTERY)
    command(home, "POST /market/prices", {"prices": PRICES})
    assets = [{"asset_id": home.asset_id, "power_kw": power_kw}]
    command(home, "POST /dispatches", {**EVENING, "assets": assets})
    home.until("2026-01-21T17:59:00")
    if measured is not None:
        home.read(measured, "17:00", "18:00", label="battery_inverter_import_kw")
    assert home.transactions == []
    home.until("2026-01-21T18:00:00")
    (one,), (event,) = home.transactions, home.flex_events
    assert (one["flex_kwh"], event["estimated_gross_revenue_gbp"]) == (flex, revenue)
    assert (event["start_at"][11:16], event["end_at"][11:16]) == ("17:00", "18:00")


@pytest.mark.rule("B1")
@pytest.mark.parametrize("reverse", [False, True])
def test_the_latest_dispatch_of_an_asset_takes_its_time_from_the_others(reverse: bool) -> None:
    """So that no hour is paid twice."""
    home = smart_home(BATTERY)
    longer = {"start_time": "2026-01-21T16:00:00Z", "end_time": "2026-01-21T19:00:00Z"}
    both = [(longer, 2), (EVENING, -5)]
    for times, power_kw in reversed(both) if reverse else both:
        command(home, "POST /dispatches", {**times, "assets": [{"asset_id": home.asset_id, "power_kw": power_kw}]})
    home.until("2026-01-21T19:00:00")
    found = [(one["start_time"][11:13], one["flex_kwh"]) for one in home.transactions]
    assert found == ([("16", 6)] if reverse else [("16", 2), ("17", -5), ("18", 2)])


@pytest.mark.rule("B1", "B5")
def test_a_dispatch_of_the_past_and_a_long_one_leave_the_others_their_finals() -> None:
    home = smart_home(BATTERY)
    long = {"start_time": "2026-01-22T00:00:00Z", "end_time": "2026-04-15T00:00:00Z"}
    past = {"start_time": "2025-06-01T00:00:00Z", "end_time": "2025-06-01T01:00:00Z", "short_notice": True}
    short = {"start_time": "2026-04-10T10:00:00Z", "end_time": "2026-04-10T11:00:00Z"}
    asset = {"asset_id": home.asset_id, "power_kw": -5}
    for one in (EVENING, long):
        command(home, "POST /dispatches", {**one, "assets": [asset]})
    home.until("2026-01-21T19:00:00")
    command(home, "POST /dispatches", {**past, "assets": [asset]})
    home.read(0, "17:00", "18:00", label="battery_inverter_import_kw")
    assert len(home.transactions) == 1
    home.until("2026-04-02T00:00:00")
    assert (home.transactions[0]["flex_kwh"], home.transactions[0]["settlement_date"]) == (0, "2026-03-01")
    command(home, "POST /dispatches", {**short, "assets": [asset]})
    home.until("2027-01-01T00:00:00")
    events = [one for one in home.transactions if one["transaction_type"] == "flex event"]
    assert [one["settlement_date"] for one in events] == ["2026-03-01", *["2026-06-01"] * 3]


@pytest.mark.rule("B1", "B2")
@pytest.mark.parametrize(
    "event",
    [
        ("plug-in", {}),
        ("intent", {"intent": {"energy_required_kwh": 99, "ready_by": "2026-01-21T23:00:00Z"}}),
        ("tariff-update", {"tariff": {"off_peak_times": "22:00-23:00", "timezone": "UTC"}}),
    ],
)
def test_a_plan_that_changes_late_in_a_dispatch_changes_its_last_minute_only(event: tuple[str, Any]) -> None:
    home = smart_home({**CHARGER, "external_id": "wallbox-8"})
    command(home, "POST /dispatches", {**EVENING, "assets": [{"asset_id": home.asset_id, "power_kw": 0}]})
    home.until("2026-01-21T16:00:00")
    home.event("plug-in")
    home.until("2026-01-21T17:59:00")
    home.event(event[0], **event[1])
    home.until("2026-01-21T19:00:00")
    (found,) = home.transactions
    assert found["flex_kwh"] == pytest.approx(-7.4, abs=7.4 / 60 + 0.001)


@pytest.mark.rule("B4")
def test_an_asset_that_is_deleted_ends_its_event() -> None:
    home = Home()
    home.plug_in()
    home.until("2026-01-21T01:10:00")
    assert home.caller.call("DELETE", f"/entities/asset/{home.asset_id}").status == 204
    home.until("2026-01-21T09:00:00")
    assert [(one["end_time"][11:16], one["flex_kwh"]) for one in home.transactions] == [("01:10", -1.233)]


@pytest.mark.rule("B1")
def test_a_shift_ends_where_a_new_plan_charges_in_it() -> None:
    home = shifting_home()
    home.until("2026-01-21T01:10:00")
    home.event("tariff-update", tariff={"off_peak_times": "01:20-06:00", "timezone": "UTC"})
    home.event("intent", intent={"energy_required_kwh": 99, "ready_by": "2026-01-21T06:00:00Z"})
    home.until("2026-01-21T09:00:00")
    assert home.transactions[0]["end_time"][11:16] == "01:20"


@pytest.mark.rule("B1", "B3")
def test_the_last_day_of_the_calendar_has_its_event() -> None:
    home = Home(ManualClock(datetime.fromisoformat("9999-12-30T20:00:00+00:00")))
    block = {"start_timestamp": "9999-12-30T22:00:00Z", "end_timestamp": "9999-12-31T06:00:00Z"}
    home.caller.plug_in(home.asset_id, [block])
    home.read(1, "9999-12-30T01:00:00", "9999-12-30T01:30:00")
    home.until("9999-12-31T09:00:00")
    home.read(1, "9999-12-31T01:00:00", "9999-12-31T01:30:00")
    assert home.transactions[0]["flex_kwh"] == -2.7


@pytest.mark.rule("B1", "B4")
@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([], []),
        ([("2026-01-21T16:00:00", "plug-in", {})], [(-7.4, "18:00")]),
        ([("2026-01-21T17:10:00", "plug-in", {})], []),
        ([("2026-01-21T16:00:00", "plug-in", FROM_QUARTER_PAST)],
         [(-5.55, "18:00")]),
        ([("2026-01-21T16:00:00", "plug-in", FROM_QUARTER_PAST),
          ("2026-01-21T17:30:00", "plug-out", {})], [(-1.85, "17:30")]),
        ([("2026-01-21T16:00:00", "plug-in", {}), ("2026-01-21T16:30:00", "charge-now", UNTIL_HALF_PAST)],
         []),
        ([("2026-01-21T16:00:00", "plug-in", FROM_QUARTER_PAST),
          ("2026-01-21T17:30:00", "charge-now", {"end_at": "2026-01-21T19:30:00Z"})], [(-1.85, "17:30")]),
    ],
)  # fmt: skip
def test_a_charger_is_dispatched_only_with_a_car_and_its_user_decides(
    events: list[tuple[str, str, Any]], found: list[tuple[float, str]]
) -> None:
    """A charger does not export, so that -5 kW means no charging. A plan without a tariff begins at 17:00 or before."""
    home = smart_home({**CHARGER, "external_id": "wallbox-8"})
    command(home, "POST /market/prices", {"prices": PRICES})
    command(home, "POST /dispatches", {**EVENING, "assets": [{"asset_id": home.asset_id, "power_kw": -5}]})
    for instant, kind, body in events:
        home.until(instant)
        home.event(kind, **body)
    home.until("2026-01-21T19:00:00")
    assert [(one["flex_kwh"], one["end_time"][11:16]) for one in home.transactions] == found


def shifting_home() -> Home:
    """A car that needs 2 h of charge, of 7 h off-peak, in which 01:00 to 02:00 UTC is paid for."""
    home = smart_home({**CHARGER, "external_id": "wallbox-8"}, plan_follows_market=True)
    need = {"energy_required_kwh": 44.4, "ready_by": "2026-01-21T06:00:00Z"}
    home.event("plug-in", intent=need, tariff=OFF_PEAK, vehicle={"charging_rate_kw": 7.4})
    return home


@pytest.mark.rule("B1", "B2")
def test_a_half_hour_that_the_plan_leaves_out_for_the_market_is_an_event() -> None:
    home = shifting_home()
    home.until("2026-01-21T01:29:00")
    assert home.transactions == []
    home.until("2026-01-21T09:00:00")
    assert [(one["start_time"][11:16], one["flex_kwh"], one["credit_pence"]) for one in home.transactions] == [
        ("01:00", -3.7, 17),
        ("01:30", -3.7, 17),
    ]


@pytest.mark.rule("B1")
def test_a_car_that_a_scenario_plugs_in_has_its_shifts() -> None:
    site = {"mpan": "2000000000006", "postcode": "M1 1AE", "dispatch_methods": {"full_asset_schedule_control": "in"}}
    need = {"energy_required_kwh": 44.4, "ready_by": "2026-01-21T06:00:00Z"}
    session = {"plugged_in_at": "2026-01-20T17:00:00Z", "intent": need, "tariff": OFF_PEAK}
    charger = {"site": site["mpan"], "external_id": "w", "type": "charger", "power_kw": 7.4, "session": session}
    home = Home(sites=[site], assets=[charger], settings={"plan_follows_market": True})
    home.site_id = home.caller.get("/entities/site?mpan=2000000000006").json["sites"][0]["id"]
    home.until("2026-01-21T09:00:00")
    assert [one["flex_kwh"] for one in home.transactions] == [-3.7, -3.7]


@pytest.mark.rule("B1", "B4")
@pytest.mark.parametrize(
    ("at", "kind", "body", "ends"),
    [
        ("2026-01-21T00:30:00", "plug-out", {}, []),
        ("2026-01-21T01:10:00", "plug-out", {}, ["01:10"]),
        ("2026-01-21T01:40:00", "charge-now", {"end_at": "2026-01-21T03:00:00Z"}, ["01:30", "01:40"]),
        ("2026-01-21T01:10:00", "intent", {"intent": {"energy_required_kwh": 99, "ready_by": "2026-01-21T06:00:00Z"}},
         ["01:10"]),
        ("2026-01-21T00:30:00", "intent", {"intent": {"energy_required_kwh": 99, "ready_by": "2026-01-21T06:00:00Z"}},
         []),
    ],
)  # fmt: skip
def test_a_shift_ends_where_the_car_leaves_or_charges(at: str, kind: str, body: Any, ends: list[str]) -> None:
    home = shifting_home()
    home.until(at)
    home.event(kind, **body)
    home.until("2026-01-21T09:00:00")
    assert [one["end_time"][11:16] for one in home.transactions] == ends


@pytest.mark.rule("B1", "C8")
@pytest.mark.parametrize(("leaves", "ends"), [("00:30", []), ("01:10", []), ("01:40", ["01:30"])])
def test_a_site_that_leaves_earns_nothing_by_what_runs(leaves: str, ends: list[str]) -> None:
    home = shifting_home()
    home.until(f"2026-01-21T{leaves}:00")
    home.caller.post(f"/entities/site/{home.site_id}/unenrol", SMART)
    home.caller.post(f"/entities/site/{home.site_id}/enrol", {**SMART, "override_withdrawal": True})
    home.until("2026-01-21T09:00:00")
    assert [one["end_time"][11:16] for one in home.transactions if one["start_time"][11:16] < leaves] == ends


@pytest.mark.rule("B9")
def test_availability_is_credited_for_each_month_in_arrears() -> None:
    home = Home(settings=SettingsSection(cm_pence_per_month=250))
    home.until("2026-01-25T00:00:00")
    body = {"dispatch_methods": ["cm_infrequent_dispatch"]}
    answer = home.caller.post(f"/entities/site/{home.site_id}/dispatch-consent", body)
    assert answer.status == 200, answer.json
    home.until("2026-01-31T23:59:59")
    assert home.transactions == []
    home.until("2026-04-30T23:00:00")
    found = home.transactions
    assert [(one["start_time"], one["end_time"], one["settlement_date"]) for one in found] == [
        ("2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00", "2026-02-01"),
        ("2026-02-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00", "2026-03-01"),
        ("2026-03-01T00:00:00+00:00", "2026-03-31T23:00:00+00:00", "2026-04-01"),
        ("2026-03-31T23:00:00+00:00", "2026-04-30T23:00:00+00:00", "2026-05-01"),
    ]
    assert {(one["transaction_type"], one["credit_pence"]) for one in found} == {("flex period", 250)}


@pytest.mark.rule("B9")
def test_a_world_credits_periods_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockaxle.core.credits.MAX_PERIODS", 3)
    monkeypatch.setattr("mockaxle.core.falling_due.MAX_PERIODS", 3)
    home = Home(settings=SettingsSection(cm_pence_per_month=1))
    body = {"dispatch_methods": ["cm_infrequent_dispatch"]}
    home.caller.post(f"/entities/site/{home.site_id}/dispatch-consent", body)
    home.until("9999-12-31T23:59:59")
    assert home.credits == [1, 1, 1]


@pytest.mark.rule("B9")
def test_a_site_that_never_enrolled_gets_its_bonus_once() -> None:
    home = Home(settings=SettingsSection(signup_bonus_pence=500))
    assert [(one["transaction_type"], one["credit_pence"]) for one in home.transactions] == [("signup bonus", 500)]
    path = f"/entities/site/{home.site_id}"
    home.caller.post(f"{path}/unenrol", {"proposition": "limited_pause"})
    again = {"proposition": "limited_pause", "override_withdrawal": True}
    assert home.caller.post(f"{path}/enrol", again).status == 200
    home.caller.post(f"{path}/enrol", SMART)
    assert home.credits == [500]


@pytest.mark.rule("B9")
def test_initialise_gives_no_bonus_and_the_first_enrolment_does() -> None:
    home = Home(settings=SettingsSection(signup_bonus_pence=500))
    site = {"mpan": "2000000000006", "postcode": "M1 1AE", "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
    body = {"site": site, "assets": [{**CHARGER, "external_id": "wallbox-8"}]}
    home.site_id = home.caller.post("/entities/site/initialise", body).json["site"]["site_id"]
    assert home.credits == []
    home.caller.post(f"/entities/site/{home.site_id}/enrol", {"proposition": "limited_pause"})
    assert home.credits == [500]
