"""When things happened: what later answers need to know of the past."""

from collections.abc import Iterable
from datetime import datetime

from mockaxle.core.events import AssetCreated, Event, SiteEnrolled
from mockaxle.core.records import DispatchMethod
from mockaxle.core.state import State
from mockaxle.core.timestamps import whole_second


def remember(state: State, events: Iterable[Event], *, now: datetime) -> State:
    """The state that knows when assets were created (V5) and sites entered limited_pause (W5)."""
    for event in events:
        if isinstance(event, AssetCreated):
            state = state._replace(created_at=state.created_at.put(event.asset_id, whole_second(now)))
        elif isinstance(event, SiteEnrolled) and event.method == DispatchMethod.LIMITED_PAUSE:
            state = state._replace(pausing_since=state.pausing_since.put(event.site_id, now))
    return state
