"""Flex events of the Home Assistant integration: the current or next one, and the last one. Source: H1-H3."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from mockaxle.core.clock import MICROSECOND


class HomeAssistantEvent(NamedTuple):
    """A flex event as the Home Assistant integration sees it. It is hidden before updated_at. Shape: aware UTC.

    Source: H1.
    """

    id: str
    start_at: datetime
    end_at: datetime
    import_export: Literal["import", "export"]
    updated_at: datetime
    opted_out: bool = False


class HomeAssistantEvents(NamedTuple):
    """A world's events in creation order. `withdrawn` is the last one withdrawn; `made` counts the ids."""

    events: tuple[HomeAssistantEvent, ...] = ()
    withdrawn: HomeAssistantEvent | None = None
    made: int = 0


def current_event(
    known: HomeAssistantEvents, *, now: datetime, lingers: timedelta = timedelta()
) -> HomeAssistantEvent | None:
    """Return the running event, else the next one, else one that lingers after its end; None if there is none.

    Source: H3, N17.
    """
    shown = [event for event in known.events if event.updated_at <= now < event.end_at + lingers]
    to_come = (event for event in shown if now < event.end_at)
    lingering = max(shown, key=lambda event: event.end_at, default=None)
    return min(to_come, key=lambda event: event.start_at, default=lingering)


def with_heartbeat(event: HomeAssistantEvent, *, now: datetime) -> HomeAssistantEvent:
    """Move `updated_at` to the present minute during an event, and leave it at its last one afterwards. Source: N17."""
    if now < event.start_at:
        return event
    minute = min(now, event.end_at - MICROSECOND).replace(second=0, microsecond=0)
    return event._replace(updated_at=max(event.updated_at, minute))


def last_event(known: HomeAssistantEvents, *, now: datetime) -> HomeAssistantEvent | None:
    """Return the event that ended or was withdrawn last; None if there was none. Source: H2."""
    over = [(event.end_at, event) for event in known.events if event.updated_at <= now and event.end_at <= now]
    if known.withdrawn is not None and known.withdrawn.updated_at <= now:
        over.append((known.withdrawn.updated_at, known.withdrawn))
    return max(over, key=lambda pair: pair[0], default=(now, None))[1]
