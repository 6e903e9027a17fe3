"""Meter look-ups by postcode, ref, address or MPAN, as at the meter-data provider. Source: Q7-Q10, E6."""

import re
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from mockaxle.core.property import begins_with_number_or_name, check_digit, parted, postcode_key, street_key
from mockaxle.core.reference import Meter, MeterAnswer
from mockaxle.core.rule_errors import (
    AddressIncomplete,
    MpanInvalid,
    MpanNotConnected,
    NoMeter,
    ProviderFailed,
    ProviderTimedOut,
)
from mockaxle.core.sites import check_mpan
from mockaxle.core.state import State

_REF = re.compile(r"([0-9]{1,9})-([0-9a-f]{16})", re.ASCII)
DIGITS = 13


class EligibleMarket(StrEnum):
    """Source: Q8."""

    CM = "cm"
    DNO = "dno"
    WHOLESALE = "wholesale"


class Address(NamedTuple):
    """The address of a meter. Shape: ref is opaque."""

    ref: str
    address: str


def search(state: State, postcode: str, *, building: str | None = None) -> tuple[Address, ...]:
    """Return the addresses of a postcode, only those with the words of `building` if it is given.

    Raises: ProviderFailed, ProviderTimedOut if a meter there triggers them. Source: Q7, Q9, E6.
    """
    _check_provider(state.reference.provider, postcode)
    listed = [(n, m) for n, m in enumerate(state.reference.meters) if m.address is not None and m.postcode is not None]
    there = [(n, meter) for n, meter in listed if postcode_key(meter.postcode or "") == postcode_key(postcode)]
    for _, meter in there:
        _check_provider(meter.answer, postcode)
    words = set(street_key(building or "").split())
    found = [(n, m.address or "") for n, m in there if words <= set(_words(m.address or ""))]
    return tuple(Address(_ref(state, number), address) for number, address in found)


def by_ref(state: State, ref: str) -> Meter:
    """Raises: NoMeter, also if the provider fails. Source: Q9, E6."""
    match = _REF.fullmatch(ref)
    meters = tuple(state.reference.meters)
    number = int(match[1]) if match else len(meters)
    if number >= len(meters) or _ref(state, number) != ref:
        raise NoMeter(f"ref {ref!r:.40}")
    try:
        _check_provider(state.reference.provider, f"ref {ref}")
        return _answered(meters[number], f"ref {ref}")
    except (ProviderFailed, ProviderTimedOut) as failed:
        raise NoMeter(failed.what, "the meter-data provider fails") from None


def by_address(state: State, address: str) -> Meter:
    """Return the meter of an address with its postcode.

    Raises: AddressIncomplete, NoMeter, ProviderFailed, ProviderTimedOut. Source: Q9, Q11.
    """
    street, postcode = parted(address)
    if not postcode:
        raise AddressIncomplete(address, "holds no UK postcode")
    if not begins_with_number_or_name(address):
        raise AddressIncomplete(address, "does not begin with a number or name")
    _check_provider(state.reference.provider, repr(address))
    found = [meter for meter in state.reference.meters if _is_at(meter, street, postcode=postcode)]
    if len(found) > 1:
        raise NoMeter(repr(address), "more than one meter is at this address")
    if not found:
        raise NoMeter(repr(address))
    return _answered(found[0], repr(address))


def by_mpan(state: State, mpan: str) -> Meter:
    """Return the meter of an MPAN. An unlisted MPAN belongs to an ordinary home.

    Raises: InvalidMpan, NoMeter, ProviderFailed, ProviderTimedOut. Source: Q7, U8.
    """
    check_mpan(mpan, field=("mpan",))
    _check_provider(state.reference.provider, f"MPAN {mpan}")
    return _answered(state.reference.meter(mpan), f"MPAN {mpan}")


def validate(state: State, mpan: str) -> None:
    """Check for a well-formed MPAN of a connected import meter. Raises: MpanInvalid, MpanNotConnected. Source: Q10."""
    reasons = tuple(_faults(mpan))
    if reasons:
        raise MpanInvalid(reasons)
    meter = state.reference.meter(mpan)
    if meter.is_export or meter.answer is MeterAnswer.NOT_FOUND:
        raise MpanNotConnected(mpan)


def markets_of(meter: Meter) -> tuple[EligibleMarket, ...]:
    """Return the markets for a meter's flexibility: none for business and export meters, wholesale only if half-hourly.

    Source: Q8.
    """
    if not meter.domestic or meter.is_export:
        return ()
    return tuple(m for m in EligibleMarket if m is not EligibleMarket.WHOLESALE or meter.half_hourly_settled)


def _answered(meter: Meter, what: str) -> Meter:
    _check_provider(meter.answer, what)
    if meter.answer is MeterAnswer.NOT_FOUND:
        raise NoMeter(what)
    if meter.answer is MeterAnswer.AMBIGUOUS:
        raise NoMeter(what, "more than one meter is at this address")
    return meter


def _check_provider(answer: MeterAnswer | None, what: str) -> None:
    if answer is MeterAnswer.PROVIDER_DOWN:
        raise ProviderFailed(what)
    if answer is MeterAnswer.PROVIDER_TIMEOUT:
        raise ProviderTimedOut(what)


def _ref(state: State, number: int) -> str:
    """Make a ref: the meter's number in the listing, and a proof that the search issued it."""
    proof = blake2b(f"meter {number}".encode(), key=state.seed[:64], digest_size=8).hexdigest()
    return f"{number}-{proof}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(street_key(text.replace(",", " ")).split())


def _is_at(meter: Meter, street: str, *, postcode: str) -> bool:
    """Tell whether a meter is listed at an address. A meter listed without a postcode matches any."""
    if meter.address is None or postcode_key(meter.postcode or postcode) != postcode:
        return False
    listed, within = parted(meter.address)
    return listed == street and within in ("", postcode)


def _faults(mpan: str) -> list[str]:
    found = []
    if len(mpan) != DIGITS:
        found.append(f"MPAN must have {DIGITS} digits, this has {len(mpan)} characters")
    if not (mpan.isascii() and mpan.isdigit()):
        found.append("MPAN must consist of digits only")
    if not found and check_digit(mpan[:-1]) != mpan[-1]:
        found.append(f"The check digit must be {check_digit(mpan[:-1])}, not {mpan[-1]}")
    return found
