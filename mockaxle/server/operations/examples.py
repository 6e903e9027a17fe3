"""Examples of the calls that receivers get. Source: V6."""

from datetime import UTC, datetime, timedelta

from mockaxle.core.charging_profile import set_charging_profile
from mockaxle.core.records import ChargingPlan
from mockaxle.server.call import Call, Handler, Reply, Verbatim
from mockaxle.wire.dispatch import DispatchEvent
from mockaxle.world.entries import BASE_MARK

EVENING = datetime(2026, 4, 14, 22, tzinfo=UTC)
ASSET_ID, EVENT_ID = "5f0c1b9e-3d4a-4c55-9f27-0a6b1de2c7a1", "9b2f6c1d-7e0a-4f5b-8c3d-2a1e0f9d8c7b"
SAMPLE_NIGHT = ChargingPlan(
    number=1,
    start_at=EVENING,
    ready_at=EVENING + timedelta(hours=9),
    charging=((EVENING + timedelta(hours=1.5), EVENING + timedelta(hours=7.5)),),
)
"""Plugged in at 22:00, ready at 07:00, off-peak from 23:30 to 05:30, all in UTC. Source: C6."""


def charging_profile(call: Call[None]) -> Reply:
    style = call.state.reference.settings.style
    return Reply(Verbatim(set_charging_profile(SAMPLE_NIGHT, style=style)), rules=("V6", "C6"))


def dispatch_event(call: Call[None]) -> Reply:
    start, end = EVENING - timedelta(hours=4), EVENING - timedelta(hours=3.5)
    event = DispatchEvent(
        asset_id=ASSET_ID,
        event_id=EVENT_ID,
        issued_timestamp=start - timedelta(hours=1),
        event_timestamp=start,
        market_id="wholesale",
        level_kw=-7.4,
        from_time=start,
        to_time=end,
        update_status_callback=f"{BASE_MARK.decode()}/entities/asset/{ASSET_ID}/callback/{EVENT_ID}",
    )
    return Reply(event, rules=("V6",), has_base=True)


HANDLERS = (
    Handler("GET /examples/ocpp-charging-profile", charging_profile),
    Handler("GET /examples/dispatch-event", dispatch_event),
)
