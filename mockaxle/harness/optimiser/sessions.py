"""Charging sessions, as far as they decide on a pause: the energy that a driver wants, and a charge-now.

Source: F6, F11.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.operations import EVENT
from mockaxle.harness.optimiser.market import HALF_HOUR, Period, best, paid_within, total
from mockaxle.harness.optimiser.scheduled_home import SUITE, ScheduledHome
from mockaxle.harness.optimiser.schedules import later, periods, read, spelt

CHARGE_NOW, INTENT, PLUG_OUT = f"{EVENT}/charge-now", f"{EVENT}/intent", f"{EVENT}/plug-out"
LONG = "2026-01-20T12:00:00Z/2026-01-22T12:00:00Z"
POWER_KW, TENTH_KWH = Decimal("7.4"), Decimal("0.1")
"""The power of the chargers that a check creates, and a small energy."""

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def sessions(home: ScheduledHome) -> None:
    """Send schedules during a session. Where the market is not known, this is not tested."""
    missing = [one for one in (INTENT, CHARGE_NOW, PLUG_OUT) if one not in home.run.keys]
    blocks = periods(later(read(LONG), home.ahead)) or []
    found = None if missing or _has_faults(home) else _expected(home, blocks, None)
    if found is None:
        home.run.untested.append(f"{SUITE}: F6c and F11a, since {_why_not(home, missing)}")
        return
    _energies(home, blocks, pause=found)
    _charge_now(home, blocks, pause=found)


def _why_not(home: ScheduledHome, missing: list[str]) -> str:
    if missing:
        return f"the profile has no {', '.join(missing)}"
    if _has_faults(home):
        return "pauses are wrong without a session too"
    return "no schedule has room in a flex window" if home.reports_market else "the server does not report its market"


def _has_faults(home: ScheduledHome) -> bool:
    return any(finding.suite == SUITE for finding in home.run.findings)


def _energies(home: ScheduledHome, blocks: list[Period], *, pause: Period) -> None:
    """Want as much energy as the schedule has room for beside its pause, then more; then little in a short one."""
    most = POWER_KW * Decimal((total(blocks) - pause.length) // MINUTE) / 60
    short = [Period(pause.start - HALF_HOUR, pause.end + HALF_HOUR)]
    for energy_kwh, schedule, expected in (
        (most, blocks, pause),
        (most + TENTH_KWH, blocks, None),
        (TENTH_KWH, short, pause),
    ):
        intent: JsonObject = {"energy_required_kwh": float(energy_kwh), "ready_by": "2026-01-21T07:00:00Z"}
        home.run.main.call(INTENT, {"intent": intent}, asset_id=home.asset_id)
        title = "the energy that is wanted does not decide whether a schedule is paused"
        _judge(home, schedule, expected, of="F6c", title=title)
    home.run.main.call(PLUG_OUT, {}, asset_id=home.asset_id)
    _judge(home, short, None, of="F6c", title="an intent counts after the plug-out")


def _charge_now(home: ScheduledHome, blocks: list[Period], *, pause: Period) -> None:
    """Charge at once until the pause has begun; then end that by a plug-out."""
    until = pause.start + MINUTE
    home.run.main.call(CHARGE_NOW, {"end_at": until.isoformat()}, asset_id=home.asset_id)
    title = "a pause starts while a charge-now is in force, or none comes after it"
    _judge(home, blocks, _expected(home, blocks, until), of="F11a", title=title)
    home.run.main.call(PLUG_OUT, {}, asset_id=home.asset_id)
    _judge(home, blocks, pause, of="F11a", title="a charge-now counts after the plug-out")


def _expected(home: ScheduledHome, blocks: list[Period], not_before: datetime | None) -> Period | None:
    span = Period(min(blocks).start, max(block.end for block in blocks))
    paid = paid_within(home.run.settings.windows or (), span)
    return best(blocks, paid, pause=home.pause, not_before=not_before)


def _judge(home: ScheduledHome, blocks: list[Period], expected: Period | None, *, of: str, title: str) -> None:
    """Check whether a schedule of one block gets a pause, and that it does not begin earlier than expected."""
    answer = home.plug_in(spelt(blocks))
    came = periods(answer.value("modified_charging_schedule")) or []
    begins = came[0].end if len(came) > 1 else None
    right = begins is not None and begins >= expected.start if expected else begins is None
    says = f"a pause, not before {expected.start.isoformat()}" if expected else "no pause"
    home.judge.expect(right, answer, of=of, title=title, expected=says)
