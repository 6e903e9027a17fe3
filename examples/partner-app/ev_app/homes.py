"""Actions of the app's users: sign up, plug in, opt out and come back."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from ev_app.axle import BUG, Axle, AxleRefused

LONDON = ZoneInfo("Europe/London")
FLEX_LITE, SMART_CHARGING = "limited_pause", "full_asset_schedule_control"
Block = tuple[datetime, datetime]


@dataclass(frozen=True)
class Home:
    """A user's home with a charger, as Axle knows it."""

    site_id: str
    charger_id: str
    proposition: str


class Homes:
    """The users' homes at Axle."""

    def __init__(self, axle: Axle) -> None:
        self._axle = axle

    def sign_up(self, mpan: str, *, postcode: str, consented_at: datetime, proposition: str = FLEX_LITE) -> Home:
        """Onboard a home. Its charger is named after the MPAN, so that a repeated call adds none."""
        site = {"mpan": mpan, "postcode": postcode, "gave_boundary_meter_consent_at": consented_at.isoformat()}
        made = self._named(mpan, lambda name: {"site": site, "assets": [_charger(name)], "proposition": proposition})
        return Home(made["site"]["site_id"], made["assets"][0]["asset_id"], proposition)

    def _named(self, mpan: str, body: Callable[[str], dict[str, Any]]) -> Any:
        path = "/entities/site/onboard"
        if BUG != "new-name-each-try":
            return self._axle.post(path, body(f"charger-of-{mpan}"))
        try:
            return self._axle.post(path, body(str(uuid.uuid4())))
        except (httpx.TransportError, AxleRefused):
            return self._axle.post(path, body(str(uuid.uuid4())))

    def plug_in(self, home: Home, *, evening: date) -> list[Block]:
        """Return a Flex Lite home's charging times of the night after an evening, as Axle changed them."""
        start, end = night_of(evening)
        block = {"start_timestamp": start.isoformat(), "end_timestamp": end.isoformat()}
        path = f"/entities/asset/{home.charger_id}/event/plug-in-schedule"
        answer = self._axle.post(path, {"charging_schedule": [block]})
        return [_block(one) for one in answer["modified_charging_schedule"]]

    def plug_in_smart(self, home: Home) -> None:
        """Report a car at a Smart Charging home. Axle sends its plans to the receiver."""
        self._axle.post(f"/entities/asset/{home.charger_id}/event/plug-in", {})

    def opt_out(self, home: Home) -> None:
        self._axle.post(f"/entities/site/{home.site_id}/unenrol", {"proposition": home.proposition})

    def come_back(self, home: Home) -> None:
        """Enrol again. The user has confirmed this, so a withdrawal is overridden."""
        body = {"proposition": home.proposition, "override_withdrawal": True}
        self._axle.post(f"/entities/site/{home.site_id}/enrol", body)


def night_of(evening: date) -> Block:
    """Return the time from 22:00 to 06:00 local time. Shape: aware UTC."""
    start = datetime.combine(evening, time(22), LONDON).astimezone(UTC)
    if BUG == "eight-hours-a-night":
        return start, start + timedelta(hours=8)
    return start, datetime.combine(evening + timedelta(days=1), time(6), LONDON).astimezone(UTC)


def _charger(name: str) -> dict[str, Any]:
    return {"external_id": name, "type": "charger", "properties": {"power_kw": 7.4}}


def _block(block: dict[str, str]) -> Block:
    return datetime.fromisoformat(block["start_timestamp"]), datetime.fromisoformat(block["end_timestamp"])
