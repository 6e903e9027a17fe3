"""The app against a mock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from ev_app.axle import AxleRefused
from ev_app.homes import Home, Homes

from mockaxle import World

TONIGHT, CLOCKS_BACK = date(2026, 1, 20), date(2026, 10, 24)
MPAN, ONBOARD = "1000000000012", "POST /entities/site/onboard"
PLUG_IN = "POST /entities/asset/{asset_id}/event/plug-in-schedule"


def sign_up(homes: Homes) -> Home:
    return homes.sign_up(MPAN, postcode="M1 1AE", consented_at=datetime(2026, 1, 5, 9, tzinfo=UTC))


def charging(blocks: list[tuple[datetime, datetime]]) -> timedelta:
    return sum((end - start for start, end in blocks), timedelta())


@pytest.mark.parametrize("style", ["contract", "wire"])
def test_a_car_gets_its_night_with_one_pause(homes: Homes, mockaxle: World, style: str) -> None:
    mockaxle.settings(style=style)
    blocks = homes.plug_in(sign_up(homes), evening=TONIGHT)
    assert (len(blocks), charging(blocks)) == (2, timedelta(hours=7, minutes=30))


def test_without_a_market_the_night_comes_back_whole(homes: Homes, mockaxle: World) -> None:
    mockaxle.market.clear()
    assert charging(homes.plug_in(sign_up(homes), evening=TONIGHT)) == timedelta(hours=8)


def test_a_user_who_opted_out_gets_no_pause_and_may_come_back(homes: Homes) -> None:
    home = sign_up(homes)
    homes.opt_out(home)
    with pytest.raises(AxleRefused) as refused:
        homes.plug_in(home, evening=TONIGHT)
    assert refused.value.status == 403
    homes.come_back(home)
    assert len(homes.plug_in(home, evening=TONIGHT)) == 2


def test_a_token_that_expires_is_renewed(homes: Homes, mockaxle: World) -> None:
    mockaxle.clock.freeze("2026-01-20T18:00:00Z")
    home = sign_up(homes)
    mockaxle.clock.advance("61m")
    assert len(homes.plug_in(home, evening=TONIGHT)) == 2


def test_a_server_that_is_busy_is_asked_again_later(homes: Homes, mockaxle: World, waited: list[float]) -> None:
    mockaxle.faults.add("status", status=503, operation=ONBOARD, count=1)
    mockaxle.faults.add("status", status=429, retry_after_seconds=7, operation=ONBOARD, count=1)
    sign_up(homes)
    assert waited == [2, 7]
    mockaxle.log.verify({"operation": ONBOARD, "count": 3})


@pytest.mark.parametrize("kind", ["reset", "empty", "cut", "garbage"])
def test_a_reply_that_is_lost_makes_no_second_charger(homes: Homes, mockaxle: World, kind: str) -> None:
    mockaxle.faults.add(kind, moment="after", operation=ONBOARD, count=3)
    try:
        home = sign_up(homes)
    except Exception:
        mockaxle.faults.clear()
        home = sign_up(homes)
    (entry,) = mockaxle.log.entries(operation=ONBOARD, newest_first=True, limit=1)
    assert home.site_id in mockaxle.log.explain(entry["number"])["response"]["body"]
    assert mockaxle.control("GET", "")["assets"] == 1


def test_awkward_answers_do_no_harm(homes: Homes, mockaxle: World) -> None:
    mockaxle.awkward()
    home = sign_up(homes)
    for _ in range(20):
        assert len(homes.plug_in(home, evening=TONIGHT)) == 2


def test_the_night_on_which_the_clocks_change_is_an_hour_longer(homes: Homes, mockaxle: World) -> None:
    blocks = homes.plug_in(sign_up(homes), evening=CLOCKS_BACK)
    assert charging(blocks) == timedelta(hours=8, minutes=30)
    mockaxle.log.verify(
        {"operation": PLUG_IN, "body": {"/charging_schedule/0/end_timestamp": "2026-10-25T06:00:00+00:00"}}
    )
