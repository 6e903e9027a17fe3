"""Pauses that end early, or not at all: what they earn."""

import pytest

from tests.server.homes import Home

PAUSE = {"proposition": "limited_pause"}
Event = tuple[str, dict[str, str]]
OUT: Event = ("plug-out", {})
DELETED: Event = ("charge-now-deleted", {})


def now_until(instant: str) -> Event:
    return "charge-now", {"end_at": f"2026-01-21T{instant}:00Z"}


@pytest.mark.rule("W5")
@pytest.mark.parametrize(
    ("events", "earned"),
    [
        pytest.param([("00:30:00", OUT)], None, id="unplugged before"),
        pytest.param([("01:00:00", OUT)], None, id="unplugged as it starts"),
        pytest.param([("00:30:00", OUT), ("00:40:00", ("plug-in", {}))], None, id="unplugged before, and back"),
        pytest.param([("01:10:00", OUT)], "01:10:00", id="unplugged inside"),
        pytest.param([("01:10:00.9", OUT)], "01:10:00", id="unplugged inside, within a second"),
        pytest.param([("01:10:00", OUT), ("01:20:00", OUT)], "01:10:00", id="unplugged twice"),
        pytest.param([("01:30:00", OUT)], "01:30:00", id="unplugged at its end"),
        pytest.param([("00:30:00", now_until("01:01"))], None, id="charge-now over its start"),
        pytest.param([("00:30:00", now_until("01:00"))], "01:30:00", id="charge-now until its start"),
        pytest.param([("00:30:00", now_until("02:00")), ("00:50:00", DELETED)], "01:30:00", id="deleted before"),
        pytest.param([("00:30:00", now_until("02:00")), ("01:10:00", DELETED)], None, id="deleted inside"),
        pytest.param([("00:30:00", now_until("02:00")), ("00:50:00", now_until("00:55"))], "01:30:00", id="shortened"),
        pytest.param([("00:30:00", now_until("01:05")), ("01:10:00", OUT)], None, id="overridden, then unplugged"),
        pytest.param([("01:10:00", now_until("01:15"))], "01:10:00", id="charge-now inside"),
        pytest.param([("01:10:00", now_until("01:15")), ("01:12:00", DELETED)], "01:10:00", id="inside, then deleted"),
        pytest.param([("01:10:00", now_until("01:05"))], "01:30:00", id="a charge-now that is over"),
        pytest.param([("01:00:00", now_until("01:15"))], None, id="charge-now as it starts"),
    ],
)
def test_a_pause_earns_only_while_the_car_is_plugged_in_and_not_overridden(
    events: list[tuple[str, Event]], earned: str | None
) -> None:
    home = Home()
    home.plug_in()
    for instant, (kind, body) in events:
        home.until(f"2026-01-21T{instant}")
        assert home.caller.post(f"/entities/asset/{home.asset_id}/event/{kind}", body).status == 200
    home.until("2026-01-21T09:00:00")
    found = home.call("/rewards/{site}/transactions")["transactions"]
    assert [one["end_time"] for one in found] == ([f"2026-01-21T{earned}+00:00"] if earned else [])
    assert home.caller.state.agenda.instants == ()
    if earned == "01:10:00":
        assert (found[0]["flex_kwh"], found[0]["credit_pence"]) == (-1.233, 6)  # of 5.55


@pytest.mark.rule("W5")
@pytest.mark.parametrize("begun", [[("00:50:00", OUT)], [("00:50:00", now_until("01:05")), ("01:10:00", DELETED)], []])
def test_a_pause_that_is_planned_inside_earns_from_then_on(begun: list[tuple[str, Event]]) -> None:
    home = Home()
    for instant, (kind, body) in begun:
        home.until(f"2026-01-21T{instant}")
        home.caller.post(f"/entities/asset/{home.asset_id}/event/{kind}", body)
    home.until("2026-01-21T01:20:00.5")
    home.plug_in()
    home.until("2026-01-21T09:00:00")
    (found,) = home.call("/rewards/{site}/transactions")["transactions"]
    assert (found["start_time"], found["end_time"]) == ("2026-01-21T01:20:00+00:00", "2026-01-21T01:30:00+00:00")
    assert found["flex_kwh"] == -1.233


@pytest.mark.rule("W5")
def test_what_was_earned_until_a_cut_stays_though_the_proposition_ends_inside() -> None:
    home = Home()
    home.plug_in()
    home.until("2026-01-21T01:10:00")
    home.caller.post(f"/entities/asset/{home.asset_id}/event/plug-out", {})
    home.caller.post(f"/entities/site/{home.site_id}/unenrol", PAUSE)
    assert home.credits == [6]
    home.until("2026-01-21T01:20:00")
    home.caller.post(f"/entities/site/{home.site_id}/enrol", {**PAUSE, "override_withdrawal": True})
    home.plug_in()
    home.until("2026-01-21T09:00:00")
    assert home.credits == [6]


@pytest.mark.rule("W5")
@pytest.mark.parametrize(("rate_kw", "minutes", "credit"), [(1, 20, 2), (2, 10, 2), (0.2, 30, 0), (0.3, 30, 1)])
def test_a_credit_is_rounded_to_the_nearest_penny_halves_away_from_zero(
    rate_kw: float, minutes: int, credit: int
) -> None:
    """90 GBP/MWh: 1 kW earns 4.5 pence an hour, so that 20 minutes earn exactly 1.5."""
    home = Home()
    home.caller.post(f"/entities/asset/{home.asset_id}/event/plug-in", {"vehicle": {"charging_rate_kw": rate_kw}})
    home.plug_in()
    home.until(f"2026-01-21T01:{minutes}:00")
    home.caller.post(f"/entities/asset/{home.asset_id}/event/plug-out", {})
    assert home.credits == [credit]
