"""The optimiser suite: the pauses of schedules, compared with a model of the market if the server reports it.

Source: F1-F11.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from mockaxle.harness.operations import ONBOARD, PLUG_IN_SCHEDULE
from mockaxle.harness.optimiser.market import Period
from mockaxle.harness.optimiser.refusals import refusals
from mockaxle.harness.optimiser.scheduled_home import SUITE, ScheduledHome
from mockaxle.harness.optimiser.schedules import SentSchedule, around, drawn, later, periods, spelt, usual
from mockaxle.harness.optimiser.sessions import sessions
from mockaxle.harness.properties import Broken, hold
from mockaxle.harness.run import NotTestable, Run
from mockaxle.harness.watching.checked import Checked

TIMES = 12
"""How often a schedule is sent that got a pause."""

HOUR = timedelta(hours=1)


def optimiser(run: Run) -> None:
    """Send the same schedules in every run, then drawn ones, then invalid calls. Raises: NotTestable."""
    if not run.may_write:
        raise NotTestable("it writes: --allow-writes")
    run.needs(ONBOARD, PLUG_IN_SCHEDULE)
    home = ScheduledHome.made(run)
    for number, sent in enumerate(schedules := list(_written(home))):
        run.progress.step(number, len(schedules))
        _twice(home, sent)
    _often(home)
    hold(run, SUITE, drawn=drawn(after=home.ahead), check=lambda sent: _broken(home, sent))
    sessions(home)
    refusals(home)
    run.take_away(run.main, home.site_id)


def _written(home: ScheduledHome) -> Iterator[SentSchedule]:
    """Yield the schedules of every run, and those made for the market; in strict time also in the past."""
    for after in sorted({home.ahead, timedelta(0)}):
        yield from (later(sent, after) for sent in usual())
        yield from (later(sent, after) for sent in around(home.run.settings.windows or (), pause=home.pause))


def _twice(home: ScheduledHome, sent: SentSchedule) -> None:
    first, again = home.send(sent), home.plug_in(sent)
    home.judge.status(again, first.status, of="F10a", title="a schedule cannot be sent again")
    title = "the same schedule gets another answer"
    home.judge.expect(again.json == first.json, again, of="F7a", title=title, expected=first.shown)


def _often(home: ScheduledHome) -> None:
    """Send a schedule again that got a pause, and a longer one, which has more room."""
    if not home.paused and not home.reports_market:
        home.send(_next_night())
    if not home.paused:
        home.run.untested.append(f"{SUITE}: F2c, {_why_not(home)}")
        return
    sent = home.paused[0]
    blocks = periods(sent) or []
    longer = spelt([Period(min(blocks).start - HOUR, max(block.end for block in blocks) + HOUR)])
    for one in (*[sent] * TIMES, longer):
        seen = len(home.paused)
        answer = home.send(one)
        title, of = "a schedule gets a pause at one time and none at another", "F2c" if home.reports_market else "F7a"
        home.judge.expect(len(home.paused) > seen, answer, of=of, title=title, expected="a pause as before")


def _why_not(home: ScheduledHome) -> str:
    if home.reports_market:
        return "since no schedule has room in a flex window of this market"
    return "since the server does not report its market, and no schedule came back with a pause"


def _next_night() -> SentSchedule:
    """Return the afternoon and the night after this one, for a server that pauses only in the near future."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return spelt([Period(today + 40 * HOUR, today + 56 * HOUR)])


def _broken(home: ScheduledHome, sent: SentSchedule) -> Iterator[Broken]:
    """Yield the faults of the answer to a drawn schedule."""
    answer, cases = home.cases(sent)
    again = home.plug_in(sent)
    same = Checked("F7a", again.json == answer.json, "the same schedule gets another answer", answer.shown)
    for of, holds, title, expected in (*cases, same):
        home.judge.looks_at(of)
        if not holds:
            yield Broken(again if of == "F7a" else answer, of, title, expected)
