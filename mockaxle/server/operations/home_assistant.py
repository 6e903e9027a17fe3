"""The Home Assistant event over HTTP. Source: G4, H1, H2, N17."""

from datetime import timedelta

from mockaxle.core.home_assistant import current_event, last_event, with_heartbeat
from mockaxle.server.call import NULL, Call, Handler, Reply, Verbatim
from mockaxle.wire.home_assistant import HomeAssistantEvent


def get_event(call: Call[None]) -> Reply:
    known, quirks = call.state.reference.home_assistant, call.state.reference.settings.home_assistant_quirks
    event = current_event(known, now=call.now, lingers=timedelta(minutes=quirks.cleared_after_minutes))
    found = event or last_event(known, now=call.now)
    if found is None:
        return Reply(NULL, rules=("H2",))
    if quirks.heartbeat and found is not known.withdrawn:
        found = with_heartbeat(found, now=call.now)
    body = HomeAssistantEvent(
        start_time=event.start_at if event else None,
        end_time=event.end_at if event else None,
        import_export=event.import_export if event else None,
        updated_at=found.updated_at,
        opted_out=found.opted_out,
    )
    return Reply(Verbatim(body), rules=("H3" if event else "H2",))


HANDLERS = (Handler("GET /vpp/home-assistant/event", get_event),)
