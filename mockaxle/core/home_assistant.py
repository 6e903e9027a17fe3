"""What the Home Assistant integration is told: the next or the running event. Source: H1-H3."""

from collections.abc import Sequence
from datetime import datetime

from mockaxle.core.reference import HomeAssistantEvent


def current_event(events: Sequence[HomeAssistantEvent], *, now: datetime) -> HomeAssistantEvent | None:
    """The first that has not ended, else the last that has; None where there never was one."""
    to_come = [event for event in events if event.end_at > now]
    if to_come:
        return min(to_come, key=lambda event: event.start_at)
    return max(events, key=lambda event: event.end_at, default=None)
