"""A home with a charger that earns, and how its owner sees the money."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from mockaxle.app import create_app
from mockaxle.scenarios.money_sections import BankAccountSection
from mockaxle.scenarios.sections import Scenario, SettingsSection, SiteSection
from mockaxle.world.entries import Request
from tests.calling import FORM, Answer, Caller, answered
from tests.clocks import ManualClock

EMAIL, ACCOUNT = "ada@example.org", BankAccountSection(sort_code="20-00-00", account_ending="5678")


class Home:
    """A home with a charger, on the evening of 20 January 2026."""

    def __init__(self, clock: ManualClock | None = None, **scenario: Any) -> None:
        self.clock = clock or ManualClock(datetime.fromisoformat("2026-01-20T18:00:00+00:00"))
        self.caller = Caller(create_app(clock=self.clock, scenario=Scenario(**scenario)).api)
        done = self.caller.onboard().json
        self.site_id, self.asset_id = done["site"]["site_id"], done["assets"][0]["asset_id"]

    def until(self, instant: str) -> None:
        self.clock.at = datetime.fromisoformat(f"{instant}+00:00")
        self.caller.token = self.caller.log_in().json["access_token"]

    def plug_in(self, night: int = 20) -> None:
        block = {"start_timestamp": f"2026-01-{night}T22:00:00Z", "end_timestamp": f"2026-01-{night + 1}T06:00:00Z"}
        answer = self.caller.plug_in(self.asset_id, [block])
        assert len(answer.json["modified_charging_schedule"]) == 2

    def call(self, path: str) -> Any:
        answer = self.caller.get(path.format(site=self.site_id))
        assert answer.status == 200, answer.json
        return answer.json

    def read(self, value: float, start: str, end: str, *, label: str = "charger_consumption_energy_kwh") -> Answer:
        """Send a reading of the charger, between two times of 21 January or two instants."""
        times = {"start_timestamp": _instant(start), "end_timestamp": _instant(end)}
        reading = {"asset_id": self.asset_id, "value": value, "label": label, **times}
        answer = self.caller.post("/data/readings", {"readings": [reading]})
        assert answer.json["responses"][0]["accepted"], answer.json
        return answer

    def event(self, kind: str, **body: Any) -> None:
        """Send an event of the car, such as a plug-out."""
        assert self.caller.post(f"/entities/asset/{self.asset_id}/event/{kind}", body).status == 200

    @property
    def flex_events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.call("/entities/site/{site}/flex-events")["events"]
        return events

    @property
    def transactions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("/rewards/{site}/transactions")["transactions"]
        return found

    @property
    def credits(self) -> list[int]:
        return [one["credit_pence"] for one in self.transactions]


def _instant(text: str) -> str:
    return f"{text}+00:00" if "T" in text else f"2026-01-21T{text}:00+00:00"


def withdrawal_path(home: Home, redirect_uri: str = "https://app.example/back", more: str = "") -> str:
    url = home.call(f"/rewards/{{site}}/url/balance?redirect_uri={quote(redirect_uri)}{more}")
    found: str = url["balance_withdrawal_url"]
    assert found.startswith("http://127.0.0.1/auth/ext/")
    return found.removeprefix("http://127.0.0.1")


def visit(home: Home, path: str, verb: str = "GET", form: dict[str, str] | None = None) -> tuple[Answer, str]:
    """The answer of a page, and its HTML. A form is posted."""
    request = Request(verb, path)
    if form is not None:
        request = Request("POST", path, headers=(FORM,), body=urlencode(form).encode())
    answer = answered(home.caller.api, request)
    return Answer(answer.status, None, answer), answer.body.decode()


def link_account(home: Home, sort_code: str = "20-00-00", number: str = "12345678", **fields: str) -> str:
    """The page after the form with a bank account was posted."""
    form = {"action": "link", "name": "Ada Lovelace", "sort_code": sort_code, "account_number": number, **fields}
    return visit(home, withdrawal_path(home), form=form)[1]


def with_balance(pence: int, **changes: Any) -> Home:
    """A home whose owner has an e-mail address and a linked bank account."""
    place = ("2000000000006", "M1 1AE")
    site = SiteSection(mpan=place[0], postcode=place[1], balance_pence=pence, email=EMAIL, bank_account=ACCOUNT)
    home = Home(sites=(site,), settings=SettingsSection(**changes))
    home.site_id = home.caller.get("/entities/site?mpan=2000000000006").json["sites"][0]["id"]
    return home
