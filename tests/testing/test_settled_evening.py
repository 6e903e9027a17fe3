"""A partner's app on an evening with a pause, and what its users see on the first of March."""

from typing import Any

import httpx
import pytest

from mockaxle.testing.mock import MockAxle
from mockaxle.testing.world import World
from tests.calling import NIGHT

START, FINAL = "2026-01-20T18:00:00Z", "2026-03-01T00:00:00Z"
PAUSE = {"start_timestamp": "2026-01-21T01:00:00Z", "end_timestamp": "2026-01-21T01:30:00Z"}
ACCOUNT = {"action": "link", "name": "Ada Lovelace", "sort_code": "10-00-10", "account_number": "12345678"}


class App:
    """A partner's app, with a user in each home."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.homes: dict[str, tuple[str, str]] = {}

    def call(self, verb: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.world.token}"}
        answer = httpx.request(verb, self.world.base_url + path, json=body, headers=headers, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def onboard(self, user: str, mpan: str) -> None:
        site = {"mpan": mpan, "postcode": "M1 1AE", "email": f"{user}@example.org"}
        charger = {"external_id": f"wallbox-of-{user}", "type": "charger", "properties": {"power_kw": 7.4}}
        site |= {"gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
        body = {"site": site, "assets": [charger], "proposition": "limited_pause"}
        done = self.call("POST", "/entities/site/onboard", body)
        self.homes[user] = done["site"]["site_id"], done["assets"][0]["asset_id"]

    def plug_in(self, user: str) -> Any:
        path = f"/entities/asset/{self.homes[user][1]}/event/plug-in-schedule"
        return self.call("POST", path, {"charging_schedule": NIGHT})["modified_charging_schedule"]

    def event(self, user: str, kind: str, **body: Any) -> None:
        self.call("POST", f"/entities/asset/{self.homes[user][1]}/event/{kind}", body)

    def read(self, user: str, energy_kwh: float) -> None:
        reading = {"asset_id": self.homes[user][1], "label": "charger_consumption_energy_kwh", "value": energy_kwh}
        self.call("POST", "/data/readings", {"readings": [{**reading, **PAUSE}]})

    def money(self, user: str) -> tuple[int, list[int]]:
        """The balance and the credits, as the API says them."""
        site_id = self.homes[user][0]
        found = self.call("GET", f"/rewards/{site_id}/transactions")["transactions"]
        balance = self.call("GET", f"/rewards/{site_id}/info")["current_balance_pence"]
        assert balance == self.world.money.balance(site_id)
        return balance, [one["credit_pence"] for one in found]

    def finals(self, user: str) -> list[float]:
        events = self.call("GET", f"/entities/site/{self.homes[user][0]}/flex-events")["events"]
        return [one["final_gross_revenue_gbp"] for one in events]

    def page(self, user: str) -> str:
        path = f"/rewards/{self.homes[user][0]}/url/balance?redirect_uri=https://app.example"
        url: str = self.call("GET", path)["balance_withdrawal_url"]
        return url


@pytest.mark.rule("B1", "B3", "B4", "B5", "B7", "B10", "B11", "B13")
def test_four_users_and_a_pause_each_with_the_right_money_after_the_final() -> None:
    """The pause is from 01:00 to 01:30: 3.7 kWh at 90 GBP per MWh earn 33.3 pence, of which half are the user's."""
    with MockAxle() as world:
        world.clock.freeze(START)
        app = App(world)
        for number, user in enumerate(("keeps", "ignores", "leaves", "overrides")):
            app.onboard(user, f"20000000000{number:02}")
            assert len(app.plug_in(user)) == 2
        world.clock.advance("2026-01-21T01:10:00Z")
        app.event("leaves", "plug-out")
        app.event("overrides", "charge-now", end_at="2026-01-21T02:00:00Z")
        world.clock.advance("2026-01-21T07:00:00Z")
        for user, energy_kwh in (("keeps", 0), ("ignores", 3.7), ("overrides", 2.4666667)):
            app.read(user, energy_kwh)  # overrides charges from 01:10 on
        world.clock.advance(FINAL)

        assert app.money("keeps") == (17, [17])
        assert app.finals("keeps") == [0.333]
        assert app.money("ignores") == (0, [17, -17])
        assert app.finals("ignores") == [0.0]
        assert app.money("leaves") == (6, [6])
        assert app.finals("leaves") == [0.111]
        # the event is the 10 minutes before the charge-now; the half-hour's energy counts for them by its share of time
        assert app.money("overrides") == (2, [6, -4])
        assert app.finals("overrides") == [0.037]

        world.settings(minimum_withdrawal_pence=10)
        page = app.page("keeps")
        assert "is linked" in httpx.post(page, data=ACCOUNT, trust_env=False).text
        assert "on its way" in httpx.post(page, data={"action": "withdraw"}, trust_env=False).text
        assert app.money("keeps")[0] == 0
        world.clock.advance("2026-03-02T12:00:00Z")  # a Monday
        assert [one["status"] for one in world.money.withdrawals()] == ["failed"]
        assert app.money("keeps") == (17, [17, -17])
        (email,) = world.money.emails()
        assert (email["to"], email["kind"]) == ("keeps@example.org", "payment_failure")
        assert "£0.17" in httpx.get(email["link"], trust_env=False).text
