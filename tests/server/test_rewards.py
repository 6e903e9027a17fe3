"""Money: pauses that earn, balances, withdrawals."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.core.records import UserTransactionType
from mockaxle.core.reference import Style
from mockaxle.scenarios.money_sections import TransactionSection
from mockaxle.scenarios.sections import SettingsSection, SiteSection
from tests.clocks import ManualClock
from tests.server.homes import ACCOUNT, Home, link_account, visit, with_balance, withdrawal_path

PAUSE = {"proposition": "limited_pause"}


@pytest.mark.rule("W5", "W4", "W2", "G11")
def test_a_pause_that_the_clock_has_passed_earns_half_of_its_revenue() -> None:
    home = Home()
    home.plug_in()
    home.until("2026-01-21T01:29:59")
    assert home.credits == []
    home.until("2026-01-21T01:30:00")
    (one,) = home.call("/rewards/{site}/transactions")["transactions"]
    one.pop("transaction_id")
    assert one == {
        "transaction_type": "flex event",
        "start_time": "2026-01-21T01:00:00+00:00",
        "end_time": "2026-01-21T01:30:00+00:00",
        "flex_kwh": -3.7,
        "credit_pence": 17,  # half of 7.4 kW x 0.5 h x 90 GBP/MWh = 33.3 pence
    }
    (event,) = home.call("/entities/site/{site}/flex-events")["events"]
    assert event == {
        "start_at": "2026-01-21T01:00:00+00:00",
        "end_at": "2026-01-21T01:30:00+00:00",
        "estimated_gross_revenue_gbp": 0.333,
    }


@pytest.mark.rule("W4")
def test_the_final_revenue_is_known_by_the_end_of_the_next_month() -> None:
    home = Home()
    home.plug_in()
    for instant, known in (("2026-02-28T23:59:59", False), ("2026-03-01T00:00:00", True)):
        home.until(instant)
        (event,) = home.call("/entities/site/{site}/flex-events")["events"]
        assert ("final_gross_revenue_gbp" in event) is known


@pytest.mark.rule("W5")
@pytest.mark.parametrize(
    ("leaves", "returns", "earns"),
    [
        (None, None, True),
        ("2026-01-20T23:00:00", "2026-01-21T01:00:00", True),
        ("2026-01-20T23:00:00", "2026-01-21T01:00:01", False),
        ("2026-01-21T01:10:00", "2026-01-21T01:20:00", False),
        ("2026-01-21T01:10:00", None, False),
        ("2026-01-21T01:30:00", None, True),
    ],
)
def test_only_what_was_in_force_throughout_earns(leaves: str | None, returns: str | None, earns: bool) -> None:
    home = Home()
    home.plug_in()
    if leaves:
        home.until(leaves)
        home.caller.post(f"/entities/site/{home.site_id}/unenrol", PAUSE)
    if returns:
        home.until(returns)
        home.caller.post(f"/entities/site/{home.site_id}/enrol", {**PAUSE, "override_withdrawal": True})
    home.until("2026-01-21T09:00:00")
    assert home.credits == ([17] if earns else [])


@pytest.mark.rule("W5", "F10")
def test_a_new_schedule_replaces_the_pauses_that_have_not_begun() -> None:
    home = Home()
    home.plug_in()
    home.plug_in()
    home.plug_in(night=22)
    home.until("2026-01-22T00:00:00")
    assert home.credits == []
    home.until("2026-01-23T01:10:00")
    home.plug_in(night=23)
    home.until("2026-01-25T00:00:00")
    assert home.credits == [17, 17]


@pytest.mark.rule("W5")
def test_a_pause_that_was_over_when_it_was_planned_earns_nothing() -> None:
    home = Home()
    home.until("2026-01-21T01:30:00")
    home.plug_in()
    home.until("2026-01-22T00:00:00")
    assert home.credits == []
    assert home.caller.state.agenda.instants == ()


@pytest.mark.rule("W5")
@pytest.mark.parametrize(
    ("power_kw", "rate_kw", "credit"), [(None, None, 17), (22, None, 50), (22, 3.5, 8), (0, None, 17)]
)
def test_the_energy_is_the_charging_rates(power_kw: float | None, rate_kw: float | None, credit: int) -> None:
    home = Home()
    properties = {} if power_kw is None else {"power_kw": power_kw}
    asset = {"external_id": "other", "type": "charger", "properties": properties}
    home.asset_id = home.caller.post("/entities/asset", {**asset, "site_id": home.site_id}).json["id"]
    if rate_kw is not None:
        home.caller.post(f"/entities/asset/{home.asset_id}/event/plug-in", {"vehicle": {"charging_rate_kw": rate_kw}})
    home.plug_in()
    home.until("2026-01-22T00:00:00")
    assert home.credits == [credit]


@pytest.mark.rule("W1")
@pytest.mark.parametrize(
    ("pence", "changes", "below", "days", "can"),
    [
        (999, {}, True, None, False),
        (1000, {}, False, None, True),
        (5, {"minimum_withdrawal_pence": 0}, False, None, True),
        (0, {"minimum_withdrawal_pence": 0}, False, None, False),
        (1000, {"withdrawal_min_wait_days": 3}, False, 3, False),
    ],
)
def test_a_balance_can_be_withdrawn_from_the_minimum_and_the_wait_on(
    pence: int, changes: dict[str, int], below: bool, days: int | None, can: bool
) -> None:
    home = with_balance(pence, **changes)
    rewards = home.call("/rewards/{site}/transactions")
    assert (rewards["is_below_withdrawal_minimum"], rewards.get("days_until_minimum_wait_time_met")) == (below, days)
    assert home.call("/rewards/{site}/info")["can_withdraw"] is can
    _, html = visit(home, withdrawal_path(home), "POST")
    assert ("on its way" in html) is can


@pytest.mark.rule("W1", "B15")
@pytest.mark.parametrize("style", list(Style))
def test_without_a_wait_no_days_are_counted(style: Style) -> None:
    answer = with_balance(1000, style=style).call("/rewards/{site}/transactions")
    assert answer.get("days_until_minimum_wait_time_met") is None
    assert ("days_until_minimum_wait_time_met" in answer) is (style is Style.WIRE)


@pytest.mark.rule("W1", "B15")
def test_the_wait_is_counted_from_the_first_reward_and_not_from_a_withdrawal() -> None:
    withdrawal = TransactionSection(
        type=UserTransactionType.WITHDRAWAL,
        credit_pence=-1,
        start_at=datetime.fromisoformat("2026-01-01T00:00:00+00:00"),
    )
    site = SiteSection(mpan="2000000000006", transactions=(withdrawal,), balance_pence=2000)
    home = Home(sites=(site,), settings=SettingsSection(withdrawal_min_wait_days=3))
    home.site_id = home.caller.get("/entities/site?mpan=2000000000006").json["sites"][0]["id"]
    for day, days in ((20, 3), (21, 2), (23, 0)):
        home.until(f"2026-01-{day}T18:00:00")
        assert home.call("/rewards/{site}/transactions")["days_until_minimum_wait_time_met"] == days


@pytest.mark.rule("G10", "W2")
def test_a_scenarios_credit_and_a_withdrawal_are_of_whole_seconds() -> None:
    site = SiteSection(mpan="2000000000006", balance_pence=2000, bank_account=ACCOUNT)
    clock = ManualClock(datetime.fromisoformat("2026-01-20T18:00:00.75+00:00"))
    home = Home(clock, sites=(site,))
    home.site_id = home.caller.get("/entities/site?mpan=2000000000006").json["sites"][0]["id"]
    visit(home, withdrawal_path(home), "POST")
    found = home.call("/rewards/{site}/transactions")["transactions"]
    assert [one["start_time"] for one in found] == ["2026-01-20T18:00:00+00:00"] * 2


@pytest.mark.rule("L3", "L6", "W1")
def test_unenrol_keeps_payments_and_offboard_cuts_them() -> None:
    home = Home()
    home.plug_in()
    home.until("2026-01-22T00:00:00")
    home.caller.post(f"/entities/site/{home.site_id}/unenrol", PAUSE)
    assert home.credits == [17]
    path = withdrawal_path(home)
    home.caller.post(f"/entities/site/{home.site_id}/offboard-site-and-assets")
    for what in ("info", "transactions", "url/balance?redirect_uri=x"):
        assert home.caller.get(f"/rewards/{home.site_id}/{what}").status == 404
    assert visit(home, path)[0].status == 404
    home.caller.onboard()
    assert home.caller.get("/entities/site").json["total_num_sites"] == 1


@pytest.mark.rule("L10")
def test_a_site_with_a_balance_is_not_deleted() -> None:
    for pence, status in ((1, 400), (0, 204)):
        home = with_balance(pence)
        answer = home.caller.call("DELETE", f"/entities/site/{home.site_id}")
        assert (answer.status, "a balance" in str(answer.json)) == (status, status == 400)


steps = st.lists(
    st.tuples(st.sampled_from(["plug in", "wait", "leave", "return", "withdraw"]), st.integers(1, 30)), max_size=12
)


@pytest.mark.property
@pytest.mark.rule("W1", "W5")
@settings(max_examples=60)
@given(steps)
def test_earnings_less_withdrawals_are_the_balance_after_any_steps(steps: list[tuple[str, int]]) -> None:
    home = Home(settings=SettingsSection(minimum_withdrawal_pence=20))
    link_account(home)
    for step, hours in steps:
        if step == "plug in":
            start = home.clock.at.replace(minute=0) + timedelta(hours=1)
            times = {"start_timestamp": start, "end_timestamp": start + timedelta(hours=hours)}
            home.caller.plug_in(home.asset_id, [{name: at.isoformat() for name, at in times.items()}])
        elif step == "wait":
            home.clock.advance(hours=hours)
            home.caller.token = home.caller.log_in().json["access_token"]
        elif step == "withdraw":
            visit(home, withdrawal_path(home), "POST")
        else:
            verb = "unenrol" if step == "leave" else "enrol"
            override = {} if step == "leave" else {"override_withdrawal": True}
            home.caller.post(f"/entities/site/{home.site_id}/{verb}", {**PAUSE, **override})
        info = home.call("/rewards/{site}/info")
        entries = home.call("/rewards/{site}/transactions")["transactions"]
        withdrawn = -sum(one["credit_pence"] for one in entries if one["transaction_type"] == "withdrawal")
        assert info["total_earnings_pence"] - withdrawn == info["current_balance_pence"] >= 0
        for one in entries:
            if one["transaction_type"] == "flex event":
                price = 90 if one["start_time"][11:13] == "01" else 180
                revenue = Decimal(str(-one["flex_kwh"])) * price / 10
                assert one["credit_pence"] == int((revenue / 2).to_integral_value(ROUND_HALF_UP))


@pytest.mark.rule("W5", "F10")
def test_a_pause_that_runs_is_paid_once_however_often_its_schedule_is_sent() -> None:
    home = Home()
    home.plug_in()
    for minute in (5, 10, 15):
        home.until(f"2026-01-21T01:{minute:02}:00")
        home.plug_in()
    home.until("2026-01-21T03:00:00")
    assert home.credits == [17]


@pytest.mark.rule("W4", "W1")
def test_what_lies_ahead_is_no_past_event_and_makes_nobody_wait() -> None:
    ahead = TransactionSection(
        type=UserTransactionType.FLEX_EVENT,
        credit_pence=2000,
        start_at=datetime.fromisoformat("2026-01-25T00:00:00+00:00"),
        end_at=datetime.fromisoformat("2026-01-25T00:30:00+00:00"),
        revenue_gbp=Decimal(40),
    )
    home = Home(sites=(SiteSection(mpan="2000000000006", transactions=(ahead,)),))
    home.site_id = home.caller.get("/entities/site?mpan=2000000000006").json["sites"][0]["id"]
    assert home.call("/entities/site/{site}/flex-events")["events"] == []
    assert home.call("/rewards/{site}/info")["can_withdraw"]
