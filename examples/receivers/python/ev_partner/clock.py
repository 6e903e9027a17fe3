"""The machine's clock."""

import asyncio
from datetime import UTC, datetime

LONGEST_SLEEP_SECONDS = 3600.0


def now() -> datetime:
    return datetime.now(UTC)


async def sleep_until(at: datetime) -> None:
    """Return at an instant. Timers run on another clock, so that a long sleep is taken in parts."""
    while (left := (at - now()).total_seconds()) > 0:
        await asyncio.sleep(min(left, LONGEST_SLEEP_SECONDS))
