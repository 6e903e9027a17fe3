"""The judgement of the answer to a schedule: each fault breaks its statement, and a right answer breaks none."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from mockaxle.harness.answer import Answer
from mockaxle.harness.optimiser.answers import ScheduleSent, judged
from mockaxle.harness.optimiser.market import Forecast, Paid, Period
from mockaxle.harness.optimiser.schedules import SentSchedule, periods, read
from mockaxle.world.entries import Exchange, Principal, Request, Response

NOW = datetime(2026, 1, 20, tzinfo=UTC)
EXCHANGE = Exchange(NOW, NOW, Principal("a", "a", None), "POST /x", Request("POST", "/x"), Response(200))
NIGHT, DAY = "2026-01-20T22:00:00Z/2026-01-21T06:00:00Z", "2026-01-21T08:00:00Z/2026-01-21T16:00:00Z"
PAUSED = "2026-01-20T22:00:00Z/2026-01-21T01:00:00Z, 2026-01-21T01:30:00Z/2026-01-21T06:00:00Z"
AT_ONE = Period(*(datetime(2026, 1, 21, 1, minute, tzinfo=UTC) for minute in (0, 30)))
AT_TWO = Period(AT_ONE.start + timedelta(hours=1), AT_ONE.end + timedelta(hours=1))
WINDOW = Paid(Period(AT_ONE.start, datetime(2026, 1, 21, 3, tzinfo=UTC)), Decimal(90))
PAUSE, NO_PAUSE, UNKNOWN = Forecast(AT_ONE, "F2c", (WINDOW,), is_dearest=True), Forecast(None, "F3a"), None
DEARER_AT_TWO = Forecast(AT_TWO, "F2c", (WINDOW, Paid(AT_TWO, Decimal(180))), is_dearest=True)


def broken(sent: str, came: Any, expected: Forecast | None, *, earlier: str = "") -> set[str]:
    """The statements that an answer breaks. Shape: what came is a schedule as a text, or any JSON with a status."""
    status, body = came if isinstance(came, tuple) else (200, {"modified_charging_schedule": schedule(came)})
    answer = Answer("POST /x", status, httpx.Headers(), "", body, EXCHANGE, "")
    blocks = periods(schedule(sent))
    assert blocks is not None
    known = ScheduleSent(schedule(sent), blocks, timedelta(minutes=30), expected, periods(schedule(earlier)) or [])
    return {one.of for one in judged(known, answer) if not one.holds}


def schedule(text: str) -> SentSchedule:
    return read(text) if text else []


@pytest.mark.parametrize(
    ("sent", "came", "expected"),
    [
        (NIGHT, PAUSED, PAUSE),
        (NIGHT, PAUSED, UNKNOWN),
        (NIGHT, NIGHT, UNKNOWN),
        (DAY, DAY, NO_PAUSE),
        (f"{DAY}, {NIGHT}", f"{DAY}, {PAUSED}", PAUSE),
        ("", "", Forecast(None, "F7b")),
    ],
)
def test_a_right_answer_breaks_nothing(sent: str, came: str, expected: Forecast | None) -> None:
    assert broken(sent, came, expected) == set()


@pytest.mark.parametrize(
    ("came", "statements"),
    [
        (PAUSED.replace("01:30", "01:29"), {"F2b"}),
        (PAUSED.replace("01:30", "01:31"), {"F2b"}),
        (PAUSED.replace("01:30", "02:00"), {"F2b"}),
        (PAUSED.replace("01:00", "01:10").replace("01:30", "01:40"), {"F5a"}),
        (PAUSED.replace("01:00", "02:00").replace("01:30", "02:30"), {"F5b"}),
        (PAUSED.replace("01:00", "03:00").replace("01:30", "03:30"), {"F5a"}),
        (PAUSED.replace("21T01:00", "20T22:00").replace("21T01:30", "20T22:30"), {"F5a"}),
        (PAUSED.replace("01:30:00Z", "01:30:00+00:00"), {"F5c"}),
        (PAUSED.replace("06:00:00Z", "06:30:00Z"), {"F5c"}),
        (PAUSED.replace("Z/2026-01-21T06", "Z/2026-01-21T03:00:00Z, 2026-01-21T03:30:00Z/2026-01-21T06"), {"F2a"}),
        ("2026-01-20T22:30:00Z/2026-01-21T06:00:00Z", {"F5a"}),
        ("2026-01-20T22:15:00Z/2026-01-21T06:00:00Z", {"F2a"}),
        ("2026-01-20T21:00:00Z/2026-01-21T06:00:00Z", {"F2a"}),
        (", ".join(reversed(PAUSED.split(", "))), {"F2a"}),
        (NIGHT, {"F2c"}),
        ("", {"F2a"}),
        ((200, {"modified_charging_schedule": [{}]}), {"F1a"}),
        ((200, None), {"F1a"}),
        ((422, {"detail": "no"}), {"F1a"}),
    ],
)
def test_a_fault_of_a_paused_night_breaks_its_statement(came: Any, statements: set[str]) -> None:
    assert broken(NIGHT, came, PAUSE) == statements


@pytest.mark.parametrize(
    ("sent", "came", "expected", "statements"),
    [
        (NIGHT, PAUSED, NO_PAUSE, {"F3a"}),
        (NIGHT, PAUSED, Forecast(None, "F6b"), {"F6b"}),
        (NIGHT, PAUSED, DEARER_AT_TWO, {"F2d"}),
        (NIGHT, PAUSED, DEARER_AT_TWO._replace(is_dearest=False), {"F5b"}),
        (DAY, DAY.replace("08:00", "08:10"), NO_PAUSE, {"F3a"}),
        (DAY, DAY.replace("Z", "+00:00"), NO_PAUSE, {"F3b"}),
        (f"{NIGHT}, {DAY}", f"{DAY}, {NIGHT}", UNKNOWN, {"F3a"}),
        (f"{DAY}, {NIGHT}", f"{NIGHT}, {DAY}", UNKNOWN, {"F8b"}),
        (f"{NIGHT}, {DAY}", NIGHT, UNKNOWN, {"F2a"}),
        (f"{DAY}, {NIGHT}", (422, None), UNKNOWN, {"F8b"}),
        (NIGHT.replace("T", "t"), (422, None), UNKNOWN, {"F8d"}),
        ("", NIGHT, Forecast(None, "F7b"), {"F7b"}),
        ("", (422, None), UNKNOWN, {"F7b"}),
    ],
)
def test_a_fault_of_another_schedule_breaks_its_statement(
    sent: str, came: Any, expected: Forecast | None, statements: set[str]
) -> None:
    assert broken(sent, came, expected) == statements


def test_the_plan_of_the_schedule_sent_before_is_not_planned_afresh() -> None:
    assert broken(DAY, PAUSED, UNKNOWN, earlier=NIGHT) == {"F10b"}
    assert broken(DAY, NIGHT, UNKNOWN, earlier=NIGHT) == {"F10b"}
