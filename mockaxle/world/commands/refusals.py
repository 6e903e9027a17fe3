"""Why a command cannot be carried out.

CommandRefused
├── ClockWouldGoBack
├── OffTheCalendar
├── WindowUnknown
├── TooManyWindows
├── TooManyPrices
├── EventUnknown
├── EventEndsBeforeStart
├── TooManyEvents
├── FaultUnknown
├── TooManyFaults
├── SnapshotUnknown
├── TooManySnapshots
├── EntryNotKept
├── WorldGone
├── OtherWorld
├── UsernameTaken
├── TooManyAccounts
├── TooManyWorlds
├── TooManyForks
└── WorldAccountsFull
"""

from typing import ClassVar


class CommandRefused(Exception):
    """A command that cannot be carried out; nothing has changed. Shape: text is what is wrong and what would do."""

    advice: ClassVar[str]

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.text = f"{what}. {self.advice}"


class ClockWouldGoBack(CommandRefused):
    advice = "Where there are sites, a clock only goes on: choose a later instant, or reset the clock first"


class OffTheCalendar(CommandRefused):
    advice = "Choose an instant in the years 1 to 9999"


class WindowUnknown(CommandRefused):
    advice = "GET market lists the windows with their ids"


class TooManyWindows(CommandRefused):
    advice = "Remove one first, or reset the market"


class TooManyPrices(CommandRefused):
    advice = "DELETE them first"


class EventUnknown(CommandRefused):
    advice = "GET home-assistant-events lists them with their ids"


class EventEndsBeforeStart(CommandRefused):
    advice = "Choose a later end_time or an earlier start_time"


class TooManyEvents(CommandRefused):
    advice = "Withdraw one first"


class FaultUnknown(CommandRefused):
    advice = "GET faults lists the rules with their ids"


class TooManyFaults(CommandRefused):
    advice = "Remove one first, or reset the faults"


class SnapshotUnknown(CommandRefused):
    advice = "GET snapshots lists those there are"


class TooManySnapshots(CommandRefused):
    advice = "DELETE one first, or take one under a name that is taken"


class EntryNotKept(CommandRefused):
    advice = "GET log lists the entries with their numbers"


class WorldGone(CommandRefused):
    advice = "Log in again; --max-worlds keeps more"


class OtherWorld(CommandRefused):
    advice = "Leave its world out, or serve the scenario from the server's start on"


class UsernameTaken(CommandRefused):
    advice = "Choose another, or delete that world first"


class TooManyAccounts(CommandRefused):
    advice = "Have the admin DELETE a world, or restart with a higher --max-accounts"


class TooManyWorlds(CommandRefused):
    advice = "Have the admin DELETE a world, or restart with a higher --max-worlds or with --when-full evict"


class TooManyForks(CommandRefused):
    advice = "Try again later, or have the admin fork"

    def __init__(self, limit: int, retry_after_seconds: int) -> None:
        super().__init__(
            f"{limit} new worlds within a minute from one address are the limit of --new-worlds-per-minute; a fork in "
            f"{retry_after_seconds} seconds is within it"
        )
        self.retry_after_seconds = retry_after_seconds


class WorldAccountsFull(CommandRefused):
    advice = "Use those there are, or another world"
