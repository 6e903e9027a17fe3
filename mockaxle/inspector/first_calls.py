"""The first minute by a button: a home, its charging schedule and a refused onboarding, as calls of the API."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from starlette.responses import RedirectResponse, Response

from mockaxle.core.accounts import LOG_IN
from mockaxle.core.timestamps import spell_utc
from mockaxle.inspector.surroundings import Surroundings
from mockaxle.inspector.visits import WorldVisit
from mockaxle.serving.own_calls import OwnCalls
from mockaxle.world.entries import Entry, Exchange

CONSENT = {"gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
HOME = {"site": {"mpan": "1000000000012", "postcode": "M1 1AE", **CONSENT}, "proposition": "limited_pause"}
REFUSED = {"site": {"mpan": "1200000000020", "postcode": "SW1A 1AA", **CONSENT}, "proposition": "limited_pause"}
ONBOARD = "/entities/site/onboard"
ONBOARDED, SCHEDULED = f"POST {ONBOARD}", "POST /entities/asset/{asset_id}/event/plug-in-schedule"
LAST_EVENING = date.max - timedelta(days=1)
FIRST = "first-calls"
"""What the page of the world is told after them."""


async def make_first_calls(surroundings: Surroundings, visit: WorldVisit) -> Response:
    """Make the calls and lead to where they are seen. Raises: ForeignPage, FormRefused."""
    await surroundings.door.read_form(visit.request, visit.visitor)
    world = visit.hosted.world.name
    username = visit.visitor.username if visit.visitor and not visit.visitor.is_admin else world
    is_done = await _are_made(OwnCalls(surroundings.api, world=world, username=username), visit.now)
    return RedirectResponse(f"{visit.path}?done={FIRST}" if is_done else f"{visit.path}/log", 303)


async def _are_made(calls: OwnCalls, now: datetime) -> bool:
    """Make the calls; return False at the first one that is not answered as usual."""
    if (await calls.begin()).status != 200:
        return False
    home = await calls.call("POST", ONBOARD, body={**HOME, "assets": [_charger("first-charger")]})
    if home.status != 200:
        return False
    asset_id = json.loads(home.body)["assets"][0]["asset_id"]
    path = f"/entities/asset/{asset_id}/event/plug-in-schedule"
    scheduled = await calls.call("POST", path, body={"charging_schedule": [_night(now)]})
    refused = await calls.call("POST", ONBOARD, body={**REFUSED, "assets": [_charger("second-charger")]})
    return (scheduled.status, refused.status) == (200, 422)


def seen_in(entries: Sequence[tuple[int, Entry]]) -> dict[str, Any] | None:
    """Return where the first calls are to be seen, from the log in which they are the last entries."""
    calls = [(number, entry) for number, entry in entries[-4:] if isinstance(entry, Exchange)]
    made = [(entry.operation, entry.response.status) for _, entry in calls]
    if made != [(f"POST {LOG_IN}", 200), (ONBOARDED, 200), (SCHEDULED, 200), (ONBOARDED, 422)]:
        return None
    home = json.loads(calls[1][1].response.body)
    return {"site": home["site"]["site_id"], "asset": home["assets"][0]["asset_id"], "refused": calls[3][0]}


def _charger(external_id: str) -> dict[str, Any]:
    return {"external_id": external_id, "type": "charger", "properties": {"power_kw": 7.4}}


def _night(now: datetime) -> dict[str, str]:
    """Return the coming night, from 22:00 to 06:00 UTC; at the end of the calendar, the last one."""
    start_at = datetime.combine(min(now.date(), LAST_EVENING), time(22), UTC)
    return {"start_timestamp": spell_utc(start_at), "end_timestamp": spell_utc(start_at + timedelta(hours=8))}
