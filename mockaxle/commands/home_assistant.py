"""Commands on the events of the Home Assistant integration. Source: H1."""

from dataclasses import replace
from typing import Any

from mockaxle.commands.done import Done, at, with_reference
from mockaxle.commands.refusals import EventEndsBeforeStart, EventUnknown, TooManyEvents
from mockaxle.core.home_assistant import HomeAssistantEvent, HomeAssistantEvents
from mockaxle.core.timestamps import spell_utc, whole_second
from mockaxle.exchange import Command
from mockaxle.limits import MAX_HOME_ASSISTANT_EVENTS
from mockaxle.world import World


def publish_event(world: World, command: Command) -> Done:
    """Add an event; arguments: start_time, end_time, import_export. Answers it. Raises: TooManyEvents."""
    known, arguments = world.state.reference.home_assistant, command.arguments
    if len(known.events) >= MAX_HOME_ASSISTANT_EVENTS:
        raise TooManyEvents(f"The world has {MAX_HOME_ASSISTANT_EVENTS} Home Assistant events already")
    ends, made = (at(arguments["start_time"]), at(arguments["end_time"])), known.made + 1
    event = HomeAssistantEvent(f"ha{made}", *ends, arguments["import_export"], whole_second(command.at))
    _check_order(event)
    return _with(world, replace(known, events=(*known.events, event), made=made)), describe_event(event)


def change_event(world: World, command: Command) -> Done:
    """Change what is named of an event; arguments: id, and any of its fields.

    Raises: EventUnknown, EventEndsBeforeStart.
    """
    known, changes = world.state.reference.home_assistant, command.arguments
    before = _find(known, changes["id"])
    event = HomeAssistantEvent(
        before.id,
        at(changes["start_time"]) if "start_time" in changes else before.start_at,
        at(changes["end_time"]) if "end_time" in changes else before.end_at,
        changes.get("import_export", before.import_export),
        before.updated_at,
        changes.get("opted_out", before.opted_out),
    )
    _check_order(event)
    if event != before:
        event = replace(event, updated_at=whole_second(command.at))
    events = tuple(event if one is before else one for one in known.events)
    return _with(world, replace(known, events=events)), describe_event(event)


def withdraw_event(world: World, command: Command) -> Done:
    """Remove an event; arguments: id. Answers it. Raises: EventUnknown.

    One that was shown already leaves the second shape of "no event" (H2).
    """
    known = world.state.reference.home_assistant
    found = _find(known, command.arguments["id"])
    event = replace(found, updated_at=whole_second(command.at))
    withdrawn = event if found.updated_at <= command.at else known.withdrawn
    events = tuple(one for one in known.events if one is not found)
    return _with(world, replace(known, events=events, withdrawn=withdrawn)), describe_event(event)


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


def _with(world: World, known: HomeAssistantEvents) -> World:
    return with_reference(world, home_assistant=known)


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
