"""The reasons to refuse a command.

CommandRefused
├── ClockWouldGoBack
├── OffTheCalendar
├── WindowUnknown
├── TooManyWindows
├── TooManyPrices
├── EventUnknown
├── EventEndsBeforeStart
├── TooManyEvents
├── NotPluggedIn
├── CannotBeDispatched
├── NothingToDispatch
├── TooLittleNotice
├── TooManyDispatches
├── NothingToSay
├── ReceiverUnknown
├── ReceiverNameRefused
├── TooManyReceivers
├── TargetRefused
├── MessageUnknown
├── MessageHasNoReceiver
├── ReceiverIsHeld
├── MessageInFlight
├── TooManySends
├── MessageNotClaimable
├── AttemptNotClaimed
├── AwkwardDoesNotFit
├── WithdrawalUnknown
├── WithdrawalNotMovable
├── ClockAdvancing
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
    """A command that cannot be carried out; nothing has changed. Shape: text is the fault and the remedy."""

    advice: ClassVar[str]

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.text = f"{what}. {self.advice}"


class ClockWouldGoBack(CommandRefused):
    advice = "A clock cannot go back while there are sites. Set a later instant, or reset the clock first"


class OffTheCalendar(CommandRefused):
    advice = "Set an instant in the years 1 to 9999"


class WindowUnknown(CommandRefused):
    advice = "GET market lists the windows with their ids"


class TooManyWindows(CommandRefused):
    advice = "Remove one first, or reset the market"


class TooManyPrices(CommandRefused):
    advice = "Clear the prices first, by DELETE market/prices"


class EventUnknown(CommandRefused):
    advice = "GET home-assistant-events lists them with their ids"


class EventEndsBeforeStart(CommandRefused):
    advice = "Set a later end_time or an earlier start_time"


class TooManyEvents(CommandRefused):
    advice = "Withdraw one first"


class CannotBeDispatched(CommandRefused):
    advice = (
        "Name batteries of sites in vpp_limited_control or full_asset_schedule_control, chargers and cars of sites in "
        "the latter, or assets of sites in cm_infrequent_dispatch"
    )


class NothingToDispatch(CommandRefused):
    advice = "Name another site, postcode, method or fraction, or list the assets"


class TooLittleNotice(CommandRefused):
    advice = "Set a later start_time, or short_notice"


class TooManyDispatches(CommandRefused):
    advice = "Reset the state first"


class NotPluggedIn(CommandRefused):
    advice = "Send a plug-in event of the asset first"


class NothingToSay(CommandRefused):
    """A message that would not fit the world. Source: N20."""

    advice = "docs/receiving.md says when each type of message is sent"


class ReceiverUnknown(CommandRefused):
    advice = "GET receivers lists them"


class ReceiverNameRefused(CommandRefused):
    advice = "It has letters, digits, dots, hyphens and underscores, at most 100, and a letter or digit first"


class TooManyReceivers(CommandRefused):
    advice = "DELETE one first"


class TargetRefused(CommandRefused):
    """A URL that the mock does not call. Source: N2."""

    def __init__(self, what: str, advice: str) -> None:
        Exception.__init__(self, what)
        self.text = f"url: {what}. {advice}"


class MessageUnknown(CommandRefused):
    advice = "GET messages lists those that are kept"


class MessageHasNoReceiver(CommandRefused):
    advice = "PUT receivers/NAME first, with a secret; messages made afterwards go there"


class ReceiverIsHeld(CommandRefused):
    advice = "Claim the message by POST messages/{id}/attempts, or PUT its receiver without held"


class MessageInFlight(CommandRefused):
    advice = "Try again when the attempt is answered or reported"


class TooManySends(CommandRefused):
    advice = "Wait until some are answered"


class MessageNotClaimable(CommandRefused):
    advice = "GET messages?claimable=true lists the messages that can be claimed"


class AttemptNotClaimed(CommandRefused):
    advice = "Claim it first, and report it within 60 seconds"


class AwkwardDoesNotFit(CommandRefused):
    advice = (
        "out_of_order and unknown_event need an envelope, unknown_asset a vpp:dispatch:requested or "
        "user:onboarding:complete"
    )


class WithdrawalUnknown(CommandRefused):
    advice = "GET withdrawals lists them with their ids"


class WithdrawalNotMovable(CommandRefused):
    """A move that the table does not allow. Source: B10."""

    advice = "docs/money.md has the table of the moves"


class ClockAdvancing(CommandRefused):
    advice = "GET clock shows advancing_to; try again when it is null"


class FaultUnknown(CommandRefused):
    advice = "GET faults lists the rules with their ids"


class TooManyFaults(CommandRefused):
    advice = "Remove one first, or reset the faults"


class SnapshotUnknown(CommandRefused):
    advice = "GET snapshots lists the names"


class TooManySnapshots(CommandRefused):
    advice = "DELETE one first, or overwrite one by its name"


class EntryNotKept(CommandRefused):
    advice = "GET log lists the entries with their numbers"


class WorldGone(CommandRefused):
    advice = "Log in again, or raise --max-worlds"


class OtherWorld(CommandRefused):
    advice = "Leave its world out, or start the server with this scenario"


class UsernameTaken(CommandRefused):
    advice = "Use another username, or delete that world first"


class TooManyAccounts(CommandRefused):
    advice = "Ask the admin to DELETE a world, or restart with a higher --max-accounts"


class TooManyWorlds(CommandRefused):
    advice = "Ask the admin to DELETE a world, or restart with a higher --max-worlds or with --when-full evict"


class TooManyForks(CommandRefused):
    advice = "Try again later, or ask the admin to fork"

    def __init__(self, limit: int, retry_after_seconds: int) -> None:
        super().__init__(
            f"This address has opened {limit} new worlds within a minute, the limit of --new-worlds-per-minute; the "
            f"next one is possible in {retry_after_seconds} seconds"
        )
        self.retry_after_seconds = retry_after_seconds


class WorldAccountsFull(CommandRefused):
    advice = "Use the existing accounts, or another world"
