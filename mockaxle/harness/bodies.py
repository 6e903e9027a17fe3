"""Bodies of requests, whose names begin with the run's id."""

from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import CONSENTED
from mockaxle.harness.run import Run

CONSENT = "2026-01-05T09:00:00Z"
NIGHT = [{"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T06:00:00Z"}]
INTENT: JsonObject = {"energy_required_kwh": 20, "ready_by": "2026-01-21T07:00:00Z"}
LIMITED_PAUSE, SMART_CHARGING = "limited_pause", "full_asset_schedule_control"


def home(mpan: str) -> dict[str, str]:
    return {"mpan": mpan, "postcode": "M1 1AE", CONSENTED: CONSENT}


def charger(run: Run, name: str) -> dict[str, Json]:
    return {"external_id": external_id(run, name), "type": "charger", "properties": {"power_kw": 7.4}}


def external_id(run: Run, name: str) -> str:
    """Make an external id with both cases of letters."""
    return f"{run.id}-{name[:1].upper()}{name[1:]}"


def onboarding(run: Run, mpan: str, *, name: str) -> dict[str, Json]:
    """Make the body that onboards a home with one charger into limited_pause."""
    return {"site": home(mpan), "assets": [charger(run, name)], "proposition": LIMITED_PAUSE}
