"""Commands on the events of the Home Assistant integration. Source: H1."""

from typing import Any, Literal

from pydantic import StrictBool

from mockaxle.core.home_assistant import HomeAssistantEvent, HomeAssistantEvents
from mockaxle.core.limits import MAX_HOME_ASSISTANT_EVENTS
from mockaxle.core.timestamps import spell_utc, whole_second
from mockaxle.scenarios.fields import Instant, Section
from mockaxle.world.commands.done import Done, Moment, with_reference
from mockaxle.world.commands.refusals import EventEndsBeforeStart, EventUnknown, TooManyEvents
from mockaxle.world.value import World


class PublishEvent(Section):
    """An event that has not ended."""

    start_time: Instant
    end_time: Instant
    import_export: Literal["import", "export"]


class ChangeEvent(Section):
    """The fields of an event to change; null is not allowed."""

    start_time: Instant | None = None
    end_time: Instant | None = None
    import_export: Literal["import", "export"] | None = None
    opted_out: StrictBool | None = None


def publish_event(world: World, body: PublishEvent, moment: Moment) -> Done:
    """Add an event, and answer it. Raises: TooManyEvents, EventEndsBeforeStart."""
    number, updated_at = world.state.reference.home_assistant.made + 1, whole_second(moment.at)
    event = HomeAssistantEvent(f"ha{number}", body.start_time, body.end_time, body.import_export, updated_at)
    return Done(with_event(world, event), describe_event(event))


def with_event(world: World, event: HomeAssistantEvent) -> World:
    """Add an event. Raises: TooManyEvents, EventEndsBeforeStart."""
    known = world.state.reference.home_assistant
    if len(known.events) >= MAX_HOME_ASSISTANT_EVENTS:
        raise TooManyEvents(f"The world has {MAX_HOME_ASSISTANT_EVENTS} Home Assistant events already")
    _check_order(event)
    return with_reference(world, home_assistant=known._replace(events=(*known.events, event), made=known.made + 1))


def change_event(world: World, body: ChangeEvent, moment: Moment) -> Done:
    """Change the fields named of an event, and answer it. Raises: EventUnknown, EventEndsBeforeStart."""
    known = world.state.reference.home_assistant
    before = _find(known, moment.path["id"])
    event = HomeAssistantEvent(
        before.id,
        body.start_time or before.start_at,
        body.end_time or before.end_at,
        body.import_export or before.import_export,
        before.updated_at,
        before.opted_out if body.opted_out is None else body.opted_out,
    )
    _check_order(event)
    if event != before:
        event = event._replace(updated_at=whole_second(moment.at))
    events = tuple(event if one is before else one for one in known.events)
    return Done(with_reference(world, home_assistant=known._replace(events=events)), describe_event(event))


def withdraw_event(world: World, body: None, moment: Moment) -> Done:
    """Remove an event, and answer it. Raises: EventUnknown.

    An event that was already shown leaves the second shape of "no event" (H2).
    """
    known = world.state.reference.home_assistant
    found = _find(known, moment.path["id"])
    event = found._replace(updated_at=whole_second(moment.at))
    withdrawn = event if found.updated_at <= moment.at else known.withdrawn
    events = tuple(one for one in known.events if one is not found)
    known = known._replace(events=events, withdrawn=withdrawn)
    return Done(with_reference(world, home_assistant=known), describe_event(event))


def describe_event(event: HomeAssistantEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "start_time": spell_utc(event.start_at),
        "end_time": spell_utc(event.end_at),
        "import_export": event.import_export,
        "updated_at": spell_utc(event.updated_at),
        "opted_out": event.opted_out,
    }


def describe_events(known: HomeAssistantEvents) -> dict[str, Any]:
    return {"events": [describe_event(event) for event in known.events]}


def _check_order(event: HomeAssistantEvent) -> None:
    """Raises: EventEndsBeforeStart."""
    if event.end_at <= event.start_at:
        start, end = spell_utc(event.start_at), spell_utc(event.end_at)
        raise EventEndsBeforeStart(f"end_time: {end} is not after start_time, {start}")


def _find(known: HomeAssistantEvents, id: str) -> HomeAssistantEvent:
    """Raises: EventUnknown."""
    found = next((event for event in known.events if event.id == id), None)
    if found is None:
        raise EventUnknown(f"There is no Home Assistant event {id!r:.60}")
    return found
