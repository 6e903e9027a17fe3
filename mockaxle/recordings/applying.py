"""Replays a recording without a server: the same world must give the same bytes."""

from collections.abc import Iterator
from typing import NamedTuple

from mockaxle.recordings.beginning import load_base
from mockaxle.recordings.jsonl import Recording, RecordingRefused, in_a_line
from mockaxle.recordings.version_1 import operation_of
from mockaxle.world.commands.refusals import CommandRefused
from mockaxle.world.commands.rows import repeat
from mockaxle.world.delivering import DoesNotFollow, deliver, digest_of, message_of
from mockaxle.world.entries import Command, Delivery, Entry, Exchange, Response, Wait, Why
from mockaxle.world.value import Apply, World

MISREAD = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""Errors raised by a world or a command with parts of wrong types."""


Answered = Response | Wait


class Difference(NamedTuple):
    """A difference of a replayed answer. Shape: number of the entry; place as a JSON pointer, or the part that differs.

    `is_reason` if only rules or hints differ, which may change between versions.
    """

    number: int
    call: str
    place: str
    recorded: str
    came: str
    is_reason: bool = False


def replay_here(recording: Recording, apply: Apply) -> Iterator[list[Difference]]:
    """Yield the differences of each entry's answer. Raises: RecordingRefused."""
    world = _begun(recording)
    for line, entry in enumerate(recording.entries, start=2):
        number = recording.dropped + line - 1
        try:
            world, differences = _repeated(world, entry, apply=apply, number=number)
        except MISREAD as error:
            raise RecordingRefused(f"line {line} cannot be replayed: {in_a_line(error)}") from None
        yield differences


def _begun(recording: Recording) -> World:
    if recording.base is None:
        raise RecordingRefused("line 1 has no world to start from; --url replays the calls on a server")
    try:
        return load_base(recording.world, recording.base)
    except MISREAD as error:
        raise RecordingRefused(f"line 1 has no valid world to start from: {in_a_line(error)}") from None


def _repeated(world: World, entry: Entry, *, apply: Apply, number: int) -> tuple[World, list[Difference]]:
    if isinstance(entry, Command):
        return _carried_out(world, entry, number=number)
    if isinstance(entry, Delivery):
        return _delivered(world, entry, number=number)
    if entry.operation != operation_of(entry.request.method, entry.request.path):
        raise ValueError(f"the call does not match its operation {entry.operation!r:.80}")
    served = apply(world, entry)
    recorded = entry.response if isinstance(entry, Exchange) else entry.wait
    call = f"{entry.request.method} {entry.request.path}"
    return served.world, list(_differences(number, call, recorded=recorded, came=served.response))


def _carried_out(world: World, command: Command, *, number: int) -> tuple[World, list[Difference]]:
    """Repeat a command. It may be refused now, for instance if a snapshot from before the recording is missing."""
    try:
        return repeat(world, command).world, []
    except CommandRefused as refused:
        return world, [Difference(number, command.key, "command", "carried out", refused.text)]


def _delivered(world: World, delivery: Delivery, *, number: int) -> tuple[World, list[Difference]]:
    """Repeat a delivery without a call. The body that was sent must be the message's."""
    call = f"delivery {delivery.attempt} of {delivery.message}"
    try:
        sent = digest_of(message_of(world, delivery), delivery.awkward)
        world = deliver(world, delivery)
    except DoesNotFollow as error:
        return world, [Difference(number, call, "delivery", delivery.outcome, str(error))]
    if sent != delivery.sha256:
        return world, [Difference(number, call, "sha256", delivery.sha256, sent)]
    return world, []


def _differences(number: int, call: str, *, recorded: Answered, came: Answered) -> Iterator[Difference]:
    if recorded == came:
        return
    if not (isinstance(recorded, Response) and isinstance(came, Response)):
        yield Difference(number, call, "answer", _in_words(recorded), _in_words(came))
        return
    for name in Response._fields:
        was, now = getattr(recorded, name), getattr(came, name)
        if was != now:
            yield Difference(number, call, name, _shown(was), _shown(now), is_reason=name == "why")


def _in_words(answered: Answered) -> str:
    if isinstance(answered, Wait):
        return f"a wait of {answered.delay_ms} ms by {answered.fault}"
    return f"an answer of status {answered.status}"


def _shown(value: object) -> str:
    if isinstance(value, Why):
        return " ".join((*value.rules, value.hint, *value.awkward))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
