"""The Home Assistant event over HTTP. Source: G4, H1, H2."""

from mockaxle.core.home_assistant import current_event
from mockaxle.server.call import NULL, Call, Handler, Reply, Verbatim
from mockaxle.wire.home_assistant import HomeAssistantEvent


def get_event(call: Call[None]) -> Reply:
    found = current_event(call.state.reference.home_assistant_events, now=call.now)
    if found is None:
        return Reply(NULL, rules=("H2",))
    is_over = found.end_at <= call.now
    body = HomeAssistantEvent(
        start_time=None if is_over else found.start_at,
        end_time=None if is_over else found.end_at,
        import_export=None if is_over else found.import_export,
        updated_at=found.updated_at,
        opted_out=found.opted_out,
    )
    return Reply(Verbatim(body), rules=("H2" if is_over else "H3",))


HANDLERS = (Handler("GET /vpp/home-assistant/event", get_event),)
