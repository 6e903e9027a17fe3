"""Flex events: what was measured decides what is earned, at once and in the end."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mockaxle.core.reference import Baseline, Unmeasured
from mockaxle.scenarios.sections import ModelSection, SettingsSection
from tests.clocks import ManualClock
from tests.commanding import carry_out
from tests.server.homes import Home

AFTER, FINAL = "2026-01-21T09:00:00", "2026-03-01T00:00:00"
LIFETIME = "charger_lifetime_consumption_energy_kwh"
IMPORTED, EXPORTED = "boundary_lifetime_import_energy_kwh", "boundary_lifetime_export_energy_kwh"
Reading = tuple[str, float, str, str]


def evening(*readings: Reading, until: str = AFTER, **settings: Any) -> Home:
    """A home whose pause from 01:00 to 01:30 is over; 3.7 kWh at 90 GBP per MWh earn 33.3 pence."""
    home = Home(settings=SettingsSection(**settings))
    home.plug_in()
    home.until("2026-01-21T00:59:00")
    for label, value, start, end in readings:
        home.read(value, start, end, label=label)
    home.until(until)
    return home


@pytest.mark.rule("B1", "B2", "B3", "B5")
@pytest.mark.parametrize(
    ("readings", "flex", "estimate", "credit"),
    [
        pytest.param([], -3.7, 0.333, 17, id="nothing measured"),
        pytest.param([("charger_consumption_energy_kwh", 0, "01:00", "01:30")], -3.7, 0.333, 17, id="kept"),
        pytest.param([("charger_consumption_energy_kwh", 3.7, "01:00", "01:30")], 0, 0, 0, id="ignored"),
        pytest.param([("charger_consumption_energy_kwh", 4.7, "01:00", "01:30")], 1, -0.09, 0, id="drew more"),
        pytest.param([("charger_consumption_energy_kwh", 1.85, "01:00", "01:30")], -1.85, 0.1665, 8, id="half of it"),
        pytest.param([("charger_consumption_energy_kwh", 2, "00:45", "01:15")], -2.7, 0.243, 12, id="half covered"),
        pytest.param(
            [(LIFETIME, 100, "00:00", "01:00"), (LIFETIME, 101, "01:00", "01:30")], -2.7, 0.243, 12, id="register"
        ),
        pytest.param(
            [(LIFETIME, 100, "00:00", "00:30"), (LIFETIME, 103, "01:30", "02:00")], -2.7, 0.243, 12, id="evenly"
        ),
        pytest.param(
            [(LIFETIME, 100, "00:00", "01:00"), (LIFETIME, 101, "01:00", "01:30"),
             ("charger_consumption_energy_kwh", 3.7, "01:00", "01:30")],
            -2.7, 0.243, 12, id="the register before the energies",
        ),
        pytest.param([("boundary_import_kw", 1, "01:00", "01:30")], -3.2, 0.288, 14, id="boundary power"),
        pytest.param(
            [("boundary_import_kw", 1, "01:00", "01:20"), ("charger_consumption_energy_kwh", 0, "01:00", "01:30")],
            -3.7, 0.333, 17, id="a boundary that covers a part does not count",
        ),
        pytest.param(
            [("boundary_import_kw", 1, "01:00", "01:30"), ("charger_consumption_energy_kwh", 3.7, "01:00", "01:30")],
            -3.2, 0.288, 14, id="the boundary before the asset",
        ),
        pytest.param(
            [(IMPORTED, 10, "00:00", "01:00"), (IMPORTED, 11, "01:00", "01:30"),
             (EXPORTED, 5, "00:00", "01:00"), (EXPORTED, 7, "01:00", "01:30")],
            -4.7, 0.423, 21, id="boundary registers, import less export",
        ),
        pytest.param(
            [("boundary_import_kw", 4, "01:00", "01:30"), ("boundary_import_kw", 2, "01:00", "01:15")],
            -2.2, 0.198, 10, id="the shorter of two readings",
        ),
        pytest.param([("battery_inverter_import_kw", -2, "01:00", "01:30")], -4.7, 0.423, 21, id="mean power"),
        pytest.param([("charger_consumption_energy_kwh", 9, "2026-01-20T01:00:00", "2026-01-21T01:30:00")],
                     -3.7, 0.333, 17, id="longer than a day"),
        pytest.param([("boundary_import_kw", 1e300, "01:00", "01:30")], -3.7, 0.333, 17, id="beyond measure"),
        pytest.param(
            [(LIFETIME, 0, "00:00", "01:00"), (LIFETIME, 1e300, "01:00", "01:30")], -3.7, 0.333, 17, id="huge"
        ),
    ],
)  # fmt: skip
def test_an_event_earns_by_what_was_measured(
    readings: list[Reading], flex: float, estimate: float, credit: int
) -> None:
    home = evening(*readings)
    (one,), (event,) = home.transactions, home.flex_events
    assert (one["flex_kwh"], one["credit_pence"]) == (flex, credit)
    assert event["estimated_gross_revenue_gbp"] == estimate
    assert "final_gross_revenue_gbp" not in event
    assert "settlement_date" not in one


@pytest.mark.rule("B3")
def test_on_the_cop11_route_the_assets_own_readings_come_first() -> None:
    model = ModelSection(name="meter-grade", cop11_qualified=True)
    home = Home(models=(model,))
    path = f"/entities/asset/{home.asset_id}"
    changes = {"asset_model": "meter-grade", "properties": {"power_kw": 7.4}, "installation_date": "2025-01-01"}
    assert home.caller.call("PATCH", path, changes).status == 200
    home.plug_in()
    home.read(1, "01:00", "01:30", label="boundary_import_kw")
    home.read(3.7, "01:00", "01:30")
    home.until(AFTER)
    assert home.transactions[0]["flex_kwh"] == 0


@pytest.mark.rule("B3")
def test_unmeasured_events_stay_and_earn_nothing_if_so_set() -> None:
    home = evening(unmeasured=Unmeasured.NOTHING)
    (one,), (event,) = home.transactions, home.flex_events
    assert "flex_kwh" not in one
    assert (one["credit_pence"], event["estimated_gross_revenue_gbp"]) == (0, 0)
    home.until(FINAL)
    assert home.flex_events[0]["final_gross_revenue_gbp"] == 0
    assert home.credits == [0]


@pytest.mark.rule("B3")
def test_what_is_not_covered_counts_as_the_baseline_if_so_set() -> None:
    home = evening(("charger_consumption_energy_kwh", 0, "01:15", "01:45"), unmeasured=Unmeasured.NOTHING)
    assert home.transactions[0]["flex_kwh"] == -1.85


@pytest.mark.rule("B5", "B6", "B7", "B8", "W4")
@pytest.mark.parametrize(
    ("value", "final", "credits", "kind"),
    [(0, 0.333, [17], None), (3.7, 0, [17, -17], "correction"), (4.7, -0.09, [17, -22], "correction")],
)
def test_later_readings_count_in_the_final(value: float, final: float, credits: list[int], kind: str | None) -> None:
    home = evening()
    answer = home.read(value, "01:00", "01:30")
    assert "settled" not in answer.response.why.hint
    assert home.transactions[0]["flex_kwh"] == round(value - 3.7, 3)
    assert (home.credits, home.flex_events[0]["estimated_gross_revenue_gbp"]) == ([17], 0.333)
    home.until("2026-02-28T23:59:59")
    assert "final_gross_revenue_gbp" not in home.flex_events[0]
    home.until(FINAL)
    assert home.flex_events[0]["final_gross_revenue_gbp"] == final
    assert home.flex_events[0]["estimated_gross_revenue_gbp"] == 0.333
    found = home.transactions
    assert [one["credit_pence"] for one in found] == credits
    assert {one["settlement_date"] for one in found} == {"2026-03-01"}
    assert home.call("/rewards/{site}/info")["current_balance_pence"] == sum(credits)
    if kind:
        assert (found[1]["transaction_type"], found[1]["start_time"]) == (kind, "2026-01-21T01:00:00+00:00")
        assert "end_time" not in found[1]


@pytest.mark.rule("B7")
@pytest.mark.parametrize(("share", "credits"), [("0.8", [13, 4]), ("1", [17]), ("0", [0, 17])])
def test_a_part_of_the_estimate_is_topped_up_with_the_final(share: str, credits: list[int]) -> None:
    home = evening(until=FINAL, estimate_share=Decimal(share))
    assert home.credits == credits
    assert home.transactions[-1]["transaction_type"] == ("flex event" if share == "1" else "flex period top-up")


@pytest.mark.rule("B7")
def test_an_event_keeps_the_share_of_its_instant() -> None:
    home = evening(user_share=Decimal(1))
    assert home.credits == [33]
    carry_out(home.caller.api.worlds, "acme", "PATCH /settings", {"user_share": "0.1"})
    home.until(FINAL)
    assert home.credits == [33]


@pytest.mark.rule("B6", "R1")
def test_a_reading_after_the_final_is_accepted_and_changes_nothing() -> None:
    home = evening(until=FINAL)
    before = home.transactions, home.flex_events
    answer = home.read(3.7, "01:00", "01:30")
    assert "is settled since 2026-03-01: these readings change nothing" in answer.response.why.hint
    assert "B6" in answer.rules
    home.until("2026-06-01T00:00:00")
    assert (home.transactions, home.flex_events) == before


@pytest.mark.rule("B5")
@pytest.mark.parametrize(
    ("evening", "morning", "final"),
    [
        ("2026-03-31T21:00:00", "2026-04-01T06:00:00", "2026-05-31T23:00:00"),
        ("2026-02-28T21:00:00", "2026-03-01T06:00:00", "2026-04-30T23:00:00"),
        ("2026-10-31T21:00:00", "2026-11-01T06:00:00", "2027-01-01T00:00:00"),
    ],
)
def test_months_are_those_of_the_uk(evening: str, morning: str, final: str) -> None:
    """A pause after midnight in the UK, which is before midnight in UTC on 31 March, and is settled in local time."""
    window = {"from_time": "00:30", "to_time": "01:30", "price_gbp_per_mwh": 90}
    home = Home(ManualClock(datetime.fromisoformat(f"{evening}+00:00")), daily_windows=[window])
    home.caller.plug_in(home.asset_id, [{"start_timestamp": f"{evening}Z", "end_timestamp": f"{morning}Z"}])
    last_second = datetime.fromisoformat(final) - timedelta(seconds=1)
    for instant, known in ((last_second.isoformat(), False), (final, True)):
        home.until(instant)
        (event,) = home.flex_events
        assert ("final_gross_revenue_gbp" in event) is known


@pytest.mark.rule("B2")
def test_a_car_that_is_full_has_no_baseline() -> None:
    for mode, flex in (("minimise_charging_time", 0), ("maximise_charging_time", -3.7)):
        home = Home()
        intent = {"energy_required_kwh": 10, "ready_by": "2026-01-21T06:00:00Z", "charging_mode": mode}
        home.event("plug-in", intent=intent)
        home.plug_in()
        home.until(AFTER)
        assert home.transactions[0]["flex_kwh"] == flex


@pytest.mark.rule("B2")
def test_a_car_that_fills_up_in_the_event_has_a_part_of_the_baseline() -> None:
    home = Home()
    intent = {"energy_required_kwh": 24.05, "ready_by": "2026-01-21T06:00:00Z"}
    home.event("plug-in", intent={**intent, "charging_mode": "minimise_charging_time"})
    home.plug_in()
    home.until(AFTER)
    assert home.transactions[0]["flex_kwh"] == -1.85  # 22:00 to 01:15 at 7.4 kW


@pytest.mark.rule("B2")
@pytest.mark.parametrize(
    ("days", "flex"),
    [
        ([], -3.7),
        (["2026-01-20"], -2),
        (["2026-01-20", "2026-01-19"], -3),
        (["2026-01-18", "2026-01-17"], -3.7),
        (["2026-01-16", "2026-01-15", "2026-01-14", "2026-01-13", "2026-01-12", "2026-01-09"], -4),
    ],
)
def test_the_baseline_may_be_the_mean_of_the_last_days_of_the_type(days: list[str], flex: float) -> None:
    """21 January 2026 is a Wednesday. The first of the days had 2 kWh, the next 4, then 3, 5, 6 and 99."""
    home = Home(settings=SettingsSection(baseline=Baseline.HISTORY))
    home.plug_in()
    for day, value in zip(days, (2, 4, 3, 5, 6, 99), strict=False):
        home.read(value, f"{day}T01:00:00", f"{day}T01:30:00")
    home.until("2026-01-21T01:30:00")
    home.read(0, "01:00", "01:30")
    assert home.transactions[0]["flex_kwh"] == flex


@pytest.mark.rule("B2")
def test_days_with_an_event_are_no_history() -> None:
    home = Home(settings=SettingsSection(baseline=Baseline.HISTORY))
    home.plug_in()
    home.read(1, "01:00", "01:30")
    home.read(2, "2026-01-20T01:00:00", "2026-01-20T01:30:00")
    home.until("2026-01-21T09:00:00")
    home.plug_in(night=21)
    home.until("2026-01-22T09:00:00")
    assert [one["flex_kwh"] for one in home.transactions] == [-1, -2]


@pytest.mark.rule("B5")
def test_events_of_one_month_get_their_finals_together_and_in_order() -> None:
    home = Home()
    for night in (20, 21, 22):
        home.plug_in(night)
        home.until(f"2026-01-{night + 1}T09:00:00")
    for night in (20, 22):
        day = f"2026-01-{night + 1}"
        home.read(3.7, f"{day}T01:00:00", f"{day}T01:30:00")
    home.until(FINAL)
    assert home.credits == [17, 17, 17, -17, -17]
    assert [one["start_time"][8:10] for one in home.transactions] == ["21", "22", "23", "21", "23"]


@pytest.mark.rule("B2")
def test_the_same_time_of_other_days_is_that_of_the_uks_clocks() -> None:
    """The clocks went back on 25 October 2026, a Sunday: 01:00 UTC on Monday is 01:00, as 00:00 UTC on Friday was."""
    start = datetime.fromisoformat("2026-10-25T20:00:00+00:00")
    home = Home(ManualClock(start), settings=SettingsSection(baseline=Baseline.HISTORY))
    night = {"start_timestamp": "2026-10-25T22:00:00Z", "end_timestamp": "2026-10-26T06:00:00Z"}
    home.caller.plug_in(home.asset_id, [night])
    home.read(2, "2026-10-23T00:00:00", "2026-10-23T00:30:00")
    home.read(9, "2026-10-23T01:00:00", "2026-10-23T01:30:00")
    home.until("2026-10-26T07:00:00")
    home.read(0, "2026-10-26T01:00:00", "2026-10-26T01:30:00")
    assert home.transactions[0]["flex_kwh"] == -2


@pytest.mark.rule("B5", "W5")
@pytest.mark.parametrize("night", ["2026-03-28", "2026-10-24"])
def test_a_night_on_which_the_clocks_change_has_its_pause(night: str) -> None:
    home = Home(ManualClock(datetime.fromisoformat(f"{night}T20:00:00+00:00")))
    morning = (datetime.fromisoformat(night) + timedelta(days=1)).date().isoformat()
    block = {"start_timestamp": f"{night}T22:00:00Z", "end_timestamp": f"{morning}T06:00:00Z"}
    home.caller.plug_in(home.asset_id, [block])
    home.until(f"{morning}T01:29:59")
    assert home.transactions == []
    home.until(f"{morning}T01:30:00")
    assert [(one["flex_kwh"], one["credit_pence"]) for one in home.transactions] == [(-3.7, 17)]
