"""A clock that stands until a test moves it."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)


class ManualClock:
    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **lapse: float) -> None:
        self.at += timedelta(**lapse)
