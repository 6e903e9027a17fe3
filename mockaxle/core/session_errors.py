"""Why an event of a charging session is refused; leaves of the tree that errors.py draws."""

from dataclasses import dataclass

from mockaxle.core.errors import Refusal


@dataclass(eq=False)
class TariffInvalid(Refusal):
    rule = "C3"
    says = "The tariff is not taken: {reason}"
    advice = "Send off_peak_times such as 23:30-05:30,13:00-14:00 and an IANA timezone such as Europe/London."
    reason: str


@dataclass(eq=False)
class EventIncomplete(Refusal):
    rule = "C1"
    says = "An event of type {event_type} needs {missing}"
    advice = "Send {missing} along with the event_type."
    event_type: str
    missing: str


@dataclass(eq=False)
class NoIntent(Refusal):
    rule = "C4"
    says = "Asset {asset_id} has no intent"
    advice = "Send one with the plug-in event, or with the intent event."
    asset_id: str
