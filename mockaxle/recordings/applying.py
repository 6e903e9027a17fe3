"""Replays a recording on a mock of its own, without a server: the same world must give the same bytes."""

from collections.abc import Iterator
from typing import NamedTuple

from mockaxle.commands.carrying import carry_out
from mockaxle.commands.refusals import CommandRefused
from mockaxle.exchange import Command, Response
from mockaxle.recording import Recording, RecordingRefused
from mockaxle.recordings.beginning import load_base
from mockaxle.world import Apply, World


class Difference(NamedTuple):
    """Where a replayed answer is another. Shape: number of the entry; place as a JSON pointer, or what differs."""

    number: int
    call: str
    place: str
    recorded: str
    came: str


def replay_here(recording: Recording, apply: Apply) -> Iterator[list[Difference]]:
    """For each entry the differences of its answer, byte for byte. Raises: RecordingRefused."""
    world = _begun(recording)
    for number, entry in enumerate(recording.entries, start=recording.dropped + 1):
        if isinstance(entry, Command):
            world, differences = _carried_out(world, entry, number=number)
            yield differences
        else:
            world, response = apply(world, entry)
            call = f"{entry.request.method} {entry.request.path}"
            yield list(_differences(number, call, recorded=entry.response, came=response))


def _begun(recording: Recording) -> World:
    if recording.base is None:
        raise RecordingRefused("it tells no world to begin with, so it is replayed on a server: --url")
    try:
        return load_base(recording.world, recording.base)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise RecordingRefused(f"line 1 tells no world to begin with: {error!r:.200}") from None


def _carried_out(world: World, command: Command, *, number: int) -> tuple[World, list[Difference]]:
    """A command that was carried out may be refused now: a snapshot from before the recording is not there."""
    try:
        return carry_out(world, command)[0], []
    except CommandRefused as refused:
        return world, [Difference(number, command.name, "command", "carried out", refused.text)]
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise RecordingRefused(f"entry {number} is no command of this mockaxle: {error!r:.100}") from None


def _differences(number: int, call: str, *, recorded: Response, came: Response) -> Iterator[Difference]:
    if recorded == came:
        return
    for name in Response._fields:
        was, now = getattr(recorded, name), getattr(came, name)
        if was != now:
            yield Difference(number, call, name, _shown(was), _shown(now))


def _shown(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
