"""Why a look-up of a meter or an MPAN is refused; leaves of the tree that errors.py draws."""

from dataclasses import dataclass

from mockaxle.core.errors import Refusal


class MeterLookup(Refusal):
    """The meter-data provider does not answer with one meter."""


@dataclass(eq=False)
class MeterMissing(MeterLookup):
    """Shape: reason completes the sentence."""

    says = "No meter for {what:.60}: {reason}"
    advice = "Try a meter of the scenario, such as MPAN 1000000000012; `mockaxle magic` prints them."
    what: str
    reason: str = "not found"


class NoMeter(MeterMissing):
    rule = "Q7"


class NoMeterOlder(MeterMissing):
    """The same on a call that knows no 202."""

    rule = "Q9"


@dataclass(eq=False)
class AddressIncomplete(MeterLookup):
    """Shape: lack completes the sentence."""

    rule = "Q11"
    says = "Address {address!r:.60} {lack}"
    advice = "Send the whole address, a number or name first, with its postcode: 2 Mall Cottages, London, SW1A 1AA."
    address: str
    lack: str


@dataclass(eq=False)
class ProviderFailed(MeterLookup):
    rule = "E6"
    says = "The meter-data provider failed for {what:.60}"
    advice = "Try again later, as with any provider; here the scenario makes this meter fail always."
    what: str


@dataclass(eq=False)
class ProviderTimedOut(MeterLookup):
    rule = "E6"
    says = "The meter-data provider timed out for {what:.60}"
    advice = "Try again later, as with any provider; here the scenario makes this meter time out always."
    what: str


@dataclass(eq=False)
class MpanInvalid(Refusal):
    """Shape: every reason, in words."""

    rule = "Q10"
    advice = "Send 13 digits of which the last checks the others, such as 1000000000012."
    reasons: tuple[str, ...]

    @property
    def text(self) -> str:
        return "; ".join(self.reasons)


@dataclass(eq=False)
class MpanNotConnected(Refusal):
    rule = "Q10"
    says = "MPAN {mpan} is no connected import meter"
    advice = "Use the MPAN of an import meter that is connected, such as 1000000000012."
    mpan: str
