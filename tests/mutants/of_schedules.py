"""Faults of charging schedules: part F."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from mockaxle.harness.operations import PLUG_IN_SCHEDULE
from tests.mutants.planting import fault, in_answers, is_tenth, misjudging, rewriting
from tests.mutants.proxy import Call, Mock, Reply, Seen, refusal

START, END = "start_timestamp", "end_timestamp"
CAME, SENT = "modified_charging_schedule", "charging_schedule"
HALF_HOUR = timedelta(minutes=30)
Block = dict[str, str]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.upper().replace("Z", "+00:00"))


def later(text: str, lapse: timedelta) -> str:
    return (instant(text) + lapse).isoformat()


def length(block: Block) -> timedelta:
    return instant(block[END]) - instant(block[START])


def paused_at(blocks: list[Block], sent: list[Block]) -> int | None:
    """The place of the block before the pause, None if the schedule came back unchanged."""
    if len(blocks) == len(sent):
        return None
    return next(n for n, (came, was) in enumerate(zip(blocks, sent, strict=False)) if came != was)


def split(block: Block) -> list[Block]:
    """Two blocks with half an hour between them, in the middle of a block."""
    middle = instant(block[START]) + length(block) / 2
    at = middle.replace(minute=middle.minute // 30 * 30, second=0, microsecond=0)
    return [{START: block[START], END: at.isoformat()}, {START: (at + HALF_HOUR).isoformat(), END: block[END]}]


def with_pause(name: str, statement: str, *also: str, starts: timedelta, ends: timedelta) -> None:
    """Register a fault that moves the two ends of a pause."""

    def rewrite(said: Any, call: Call, seen: Seen) -> None:
        blocks = said[CAME]
        place = paused_at(blocks, call.json[SENT])
        if place is not None:
            blocks[place][END] = later(blocks[place][END], starts)
            blocks[place + 1][START] = later(blocks[place + 1][START], ends)

    rewriting(name, statement, PLUG_IN_SCHEDULE, rewrite=rewrite, also=also)


NOTHING = timedelta()
with_pause("a_pause_is_15_minutes_long", "F2b", "F5a", starts=NOTHING, ends=-HALF_HOUR / 2)
with_pause("a_pause_is_31_minutes_long", "F2b", "F5a", starts=NOTHING, ends=HALF_HOUR / 30)
with_pause("a_pause_starts_at_ten_past", "F5a", "F2c", starts=HALF_HOUR / 3, ends=HALF_HOUR / 3)
with_pause("a_pause_is_outside_every_window", "F5a", "F2c", starts=HALF_HOUR * 4, ends=HALF_HOUR * 4)


def rewriting_schedules(statement: str, *also: str) -> Callable[[Callable[[list[Block], list[Block], Seen], Any]], Any]:
    """Register a function that returns another schedule. Shape: it gets the one that came and the one sent."""

    def register(change: Callable[[list[Block], list[Block], Seen], Any]) -> Any:
        def rewrite(said: Any, call: Call, seen: Seen) -> None:
            said[CAME] = change(said[CAME], call.json[SENT], seen)

        rewriting(change.__name__, statement, PLUG_IN_SCHEDULE, rewrite=rewrite, also=also)
        return change

    return register


@rewriting_schedules("F2d")
def a_pause_in_the_evening_comes_at_night(came: list[Block], sent: list[Block], seen: Seen) -> list[Block]:
    """The default market pays more in the evening than at 01:00 UTC."""
    place = paused_at(came, sent)
    if place is None:
        return came
    start, end = came[place][START], came[place + 1][END]
    night = f"{end[:10]}T01:00:00+00:00"
    fits = start[:10] < end[:10] and end[11:16] > "02:00" and came[place][END][11:13] in ("17", "18")
    parts = [{START: start, END: night}, {START: night.replace("01:00", "01:30", 1), END: end}]
    return [*came[:place], *parts, *came[place + 2 :]] if fits else came


@rewriting_schedules("F2a", "F2b")
def a_schedule_gets_two_pauses(came: list[Block], sent: list[Block], seen: Seen) -> list[Block]:
    long = length(came[-1]) >= HALF_HOUR * 4 and paused_at(came, sent) is not None
    return [*came[:-1], *split(came[-1])] if long else came


@rewriting_schedules("F2a", "F2b", "F5a")
def every_long_block_is_paused(came: list[Block], sent: list[Block], seen: Seen) -> list[Block]:
    return [part for block in sent for part in (split(block) if length(block) >= HALF_HOUR * 4 else [block])]


@rewriting_schedules("F2c", "F5b")
def no_schedule_is_paused(came: list[Block], sent: list[Block], seen: Seen) -> list[Block]:
    return sent


@rewriting_schedules("F2c", "F5b", "F7a", "F10a")
def a_schedule_is_sometimes_not_paused(came: list[Block], sent: list[Block], seen: Seen) -> list[Block]:
    return sent if is_tenth(seen) else came


@rewriting_schedules("F3a", "F2a")
def an_unchanged_schedule_loses_its_last_block(came: list[Block], sent: list[Block], seen: Seen) -> list[Block]:
    return came[:-1] if came == sent and len(came) > 1 else came


@rewriting_schedules("F3a", "F2a", "F2b", "F5a", "F5c")
def a_schedule_without_an_opportunity_is_paused(came: list[Block], sent: list[Block], seen: Seen) -> list[Block]:
    return [*split(came[0]), *came[1:]] if came == sent and length(came[0]) >= HALF_HOUR * 3 else came


@rewriting_schedules("F1a", "F5c", "F3b")
def a_schedule_comes_back_without_offsets(came: list[Block], sent: list[Block], seen: Seen) -> list[Block]:
    return [{name: text[:19] for name, text in block.items()} for block in came]


@fault("F1a", PLUG_IN_SCHEDULE)
async def a_schedule_of_many_blocks_is_refused(call: Call, mock: Mock) -> Reply:
    return refusal(422, []) if len(call.json[SENT]) > 5 else await mock(call)


misjudging("a_site_without_limited_pause_is_404", "F9a", PLUG_IN_SCHEDULE, status=403, to=404)
misjudging("an_unknown_charger_is_403", "F9b", PLUG_IN_SCHEDULE, status=404, to=403, also=("E4b", "L6b"))


async def _unchanged(call: Call, mock: Mock, status: int) -> Reply:
    reply = await mock(call)
    return reply.saying({CAME: call.json[SENT]}, 200) if reply.status == status else reply


@fault("F9a", PLUG_IN_SCHEDULE)
async def a_site_without_limited_pause_gets_its_schedule(call: Call, mock: Mock) -> Reply:
    return await _unchanged(call, mock, 403)


@fault("F9b", PLUG_IN_SCHEDULE, also=("E4b", "L6b"))
async def an_unknown_charger_gets_its_schedule(call: Call, mock: Mock) -> Reply:
    return await _unchanged(call, mock, 404)


@fault("F10a", PLUG_IN_SCHEDULE)
async def a_schedule_is_taken_once(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    again = (call.ids["asset_id"], call.body) in mock.seen
    mock.seen[call.ids["asset_id"], call.body] = True
    return reply.refusing(409) if again and reply.is_good else reply


@in_answers("F10b", PLUG_IN_SCHEDULE, also=("F1a", "F2a", "F2b", "F3a", "F3b", "F10a"))
def a_new_schedule_gets_the_first_plan(said: Any, call: Call, seen: Seen) -> None:
    said[CAME] = seen.setdefault(call.ids["asset_id"], said[CAME])


@in_answers("F10b", PLUG_IN_SCHEDULE, also=("F2c", "F7a", "F10a", "F5b"))
def a_second_schedule_is_not_planned(said: Any, call: Call, seen: Seen) -> None:
    if call.ids["asset_id"] in seen:
        said[CAME] = call.json[SENT]
    seen[call.ids["asset_id"]] = True


@in_answers("F7a", PLUG_IN_SCHEDULE, also=("F10a", "F2a", "F2b", "F5a", "F5b"))
def the_same_schedule_gets_another_pause(said: Any, call: Call, seen: Seen) -> None:
    """Where the pause has room, it is half an hour later the second time."""
    place, again = paused_at(said[CAME], call.json[SENT]), call.body in seen
    seen[call.body] = True
    if again and place is not None and length(said[CAME][place + 1]) > HALF_HOUR * 2:
        said[CAME][place][END] = later(said[CAME][place][END], HALF_HOUR)
        said[CAME][place + 1][START] = later(said[CAME][place + 1][START], HALF_HOUR)
