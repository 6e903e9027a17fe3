"""The optimiser suite: properties of any server's schedules, for any market. Source: F1-F10."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.auth import NOBODY
from mockaxle.harness.bodies import NIGHT, onboarding
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.operations import ONBOARD, PLUG_IN_SCHEDULE, UNENROL
from mockaxle.harness.properties import Broken, hold
from mockaxle.harness.run import Judge, NotTestable, Run

SUITE = "optimiser"
OFFSETS = (timedelta(0), timedelta(hours=1), timedelta(hours=-5), timedelta(hours=5, minutes=45))
DAYS = tuple(datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (
    "2026-01-20T16:00", "2026-03-28T18:00", "2026-06-27T20:00", "2026-10-24T20:00", "2026-12-31T17:00",
))  # fmt: skip
"""Evenings: ordinary ones, and those before clock changes."""

Block = tuple[datetime, datetime]


def optimiser(run: Run) -> None:
    """Send generated schedules and check the answers, then send invalid ones. Raises: NotTestable."""
    if not run.may_write:
        raise NotTestable("it writes: --allow-writes")
    run.needs(ONBOARD, PLUG_IN_SCHEDULE)
    judge = run.judge(SUITE)
    made = run.main.call(ONBOARD, onboarding(run, run.homes.next(), name="optimised"))
    site_id, asset_id = made.value("site", "site_id"), made.value("assets", 0, "asset_id")
    if not isinstance(site_id, str) or not isinstance(asset_id, str):
        raise NotTestable(f"no home could be onboarded: {made.shown}")
    hold(run, SUITE, drawn=schedules(), check=lambda sent: _check(run.main, asset_id, sent))
    judge.looks_at("F1", "F2", "F3", "F5")
    _refusals(judge, site_id, asset_id)
    run.take_away(run.main, site_id)


@st.composite
def schedules(draw: st.DrawFn) -> list[dict[str, str]]:
    """Draw schedules with many blocks, odd offsets, clock changes, blocks of a minute and sessions of two days."""
    at, blocks = draw(st.sampled_from(DAYS)) + timedelta(minutes=draw(st.integers(0, 300))), []
    zone = timezone(draw(st.sampled_from(OFFSETS)))
    lengths = st.one_of(st.just(1), st.integers(2, 90), st.integers(91, 720), st.just(2880))
    for gap, length in draw(
        st.lists(st.tuples(st.sampled_from((0, 1, 30, 45, 200)), lengths), min_size=1, max_size=12)
    ):
        start = at + timedelta(minutes=gap)
        at = start + timedelta(minutes=length)
        pair = {"start_timestamp": start, "end_timestamp": at}
        spelt = {name: instant.astimezone(zone).isoformat() for name, instant in pair.items()}
        blocks.append({n: text.replace("+00:00", "Z") for n, text in spelt.items()} if draw(st.booleans()) else spelt)
    return blocks


def _check(account: CheckedAccount, asset_id: str, sent: list[dict[str, str]]) -> Iterator[Broken]:
    """Yield the faults of the answer to one schedule."""
    answer = account.call(PLUG_IN_SCHEDULE, {"charging_schedule": sent}, asset_id=asset_id)
    if answer.status != 200:
        yield Broken(answer, "F1", "D", "a valid schedule is refused", "200")
        return
    came = answer.value("modified_charging_schedule")
    try:
        blocks = [_read(block) for block in came]
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
        yield Broken(
            answer, "F1", "D", "an answer is not a schedule", "modified_charging_schedule with blocks of instants"
        )
        return
    yield from _Comparison(answer, sent, came, [_read(block) for block in sent], blocks).broken()


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A schedule as sent and as returned, in both spelling and instants."""

    answer: Answer
    sent: Sequence[dict[str, str]]
    came: Sequence[JsonObject]
    before: list[Block]
    after: list[Block]

    def broken(self) -> Iterator[Broken]:
        if self.before == self.after:
            same = list(self.sent) == [{name: block.get(name) for name in ENDS} for block in self.came]
            if not same:
                yield self._says("F3", "M", "an unchanged schedule is spelt differently", "exactly the same strings")
            return
        place = next(
            (n for n, pair in enumerate(zip(self.before, self.after, strict=False)) if pair[0] != pair[1]), None
        )
        place = min(len(self.before), len(self.after)) if place is None else place
        yield from self._about(place)

    def _about(self, place: int) -> Iterator[Broken]:
        """Yield the faults from the first changed block on."""
        rest_before, rest_after = self.before[place + 1 :], self.after[place + 2 :]
        parts = self.after[place : place + 2]
        if place >= len(self.before) or len(parts) < 2:
            yield self._says("F2", "D", "a schedule loses or gains a block", "at most one pause inside a block")
            return
        (start, pause), (resume, end) = parts
        block = self.before[place]
        if (start, end) != block and len(self.after) == len(self.before) + 1:
            title = "a pause moves an end of its block"
            yield self._says("F5", "M", title, f"{block[0].isoformat()} to {block[1].isoformat()}, paused inside")
        elif rest_before != rest_after:
            more = len(self.after) > len(self.before) + 1
            title = "a schedule gets more than one pause" if more else "a block without the pause is changed"
            yield self._says("F2", "D", title, "one pause at most, all other blocks as sent")
        elif not start < pause < resume < end:
            yield self._says("F2", "D", "a pause is not inside its block", "charging before it and after it")
        else:
            yield from self._spelling(place)

    def _spelling(self, place: int) -> Iterator[Broken]:
        came = [{name: block.get(name) for name in ENDS} for block in self.came]
        ends = (came[place]["start_timestamp"], came[place + 1]["end_timestamp"])
        kept = came[:place] + came[place + 2 :] == [*self.sent[:place], *self.sent[place + 1 :]]
        if not kept or ends != (self.sent[place]["start_timestamp"], self.sent[place]["end_timestamp"]):
            yield self._says("F5", "M", "a timestamp outside the pause is spelt differently", "the same strings")

    def _says(self, rule: str, grade: str, title: str, expected: str) -> Broken:
        return Broken(self.answer, rule, grade, title, expected)


ENDS = ("start_timestamp", "end_timestamp")


def _read(block: Any) -> Block:
    """Raises: TypeError, KeyError, ValueError, AttributeError, OverflowError."""
    start, end = (datetime.fromisoformat(block[name].upper().replace("Z", "+00:00")) for name in ENDS)
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("an instant without an offset")
    return start.astimezone(UTC), end.astimezone(UTC)


def _refusals(judge: Judge, site_id: str, asset_id: str) -> None:
    run = judge.run
    body = {"charging_schedule": NIGHT}
    first, again = (run.main.call(PLUG_IN_SCHEDULE, body, asset_id=asset_id) for _ in range(2))
    judge.status(again, first.status, rule="F10", grade="D", title="a schedule cannot be sent again")
    unknown = run.main.call(PLUG_IN_SCHEDULE, body, asset_id=NOBODY)
    judge.status(unknown, 404, rule="F9", grade="D", title="an unknown charger accepts a schedule")
    backwards = [{"start_timestamp": NIGHT[0]["end_timestamp"], "end_timestamp": NIGHT[0]["start_timestamp"]}]
    wrong = run.main.call(PLUG_IN_SCHEDULE, {"charging_schedule": backwards}, asset_id=asset_id)
    judge.status(wrong, 422, rule="F8", grade="M", title="a block that ends before it starts is accepted")
    if UNENROL in run.keys:
        run.main.call(UNENROL, {"proposition": "limited_pause"}, site_id=site_id)
        stopped = run.main.call(PLUG_IN_SCHEDULE, body, asset_id=asset_id)
        judge.status(stopped, 403, rule="F9", grade="D", title="a site that left limited_pause accepts a schedule")
