"""Meters and MPANs over HTTP."""

from collections.abc import Callable

from mockaxle.core import meters
from mockaxle.core.reference import Meter
from mockaxle.core.rule_errors import NoMeter, NoMeterOlder, ProviderFailed, ProviderTimedOut
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.wire.meters import (
    MeterByAddressRequest,
    MeterByMPANRequest,
    MeterResponse,
    MeterSearchResponse,
    MPANValidationRequest,
    MPANValidationResponse,
)


def search(call: Call[None]) -> Reply:
    found = meters.search(call.state, call.values["postcode"], building=call.values["building_identifier"])
    return Reply([MeterSearchResponse(ref=one.ref, address=one.address) for one in found], rules=("Q9",))


def by_ref(call: Call[None]) -> Reply:
    return _reply(_without_202(lambda: meters.by_ref(call.state, call.values["meter_ref"])))


def by_address(call: Call[MeterByAddressRequest]) -> Reply:
    return _reply(meters.by_address(call.state, call.body.address))


def by_mpan(call: Call[MeterByMPANRequest]) -> Reply:
    """Answer a time-out of the provider, but no other failure. Source: E6."""
    try:
        return _reply(meters.by_mpan(call.state, call.body.mpan))
    except ProviderFailed as failed:
        raise ProviderTimedOut(failed.what) from None


def by_address_older(call: Call[None]) -> Reply:
    return _reply(_without_202(lambda: meters.by_address(call.state, call.values["address"])))


def by_mpan_older(call: Call[None]) -> Reply:
    return _reply(_without_202(lambda: meters.by_mpan(call.state, call.values["mpan"])))


def validate_mpan(call: Call[MPANValidationRequest]) -> Reply:
    meters.validate(call.state, call.body.mpan)
    return Reply(MPANValidationResponse(isValid=True), rules=("Q10",))


def _without_202(look_up: Callable[[], Meter]) -> Meter:
    """Raises: NoMeterOlder instead of NoMeter. Source: Q9."""
    try:
        return look_up()
    except NoMeter as missing:
        raise NoMeterOlder(missing.what, missing.reason) from None


def _reply(meter: Meter) -> Reply:
    """Source: Q8."""
    body = MeterResponse(
        mpan=meter.mpan,
        half_hourly_settled=meter.half_hourly_settled,
        supplier_mpid=meter.supplier_mpid,
        supplier_name=meter.supplier_name,
        eligible_markets=list(meters.markets_of(meter)),
    )
    return Reply(body, rules=("Q8",))


HANDLERS = (
    Handler("GET /meter/search", search),
    Handler("GET /meter/by-ref/{meter_ref}", by_ref),
    Handler("POST /meter/by-address", by_address, MeterByAddressRequest),
    Handler("POST /meter/by-mpan", by_mpan, MeterByMPANRequest),
    Handler("GET /meter/", by_address_older),
    Handler("GET /meter/{meter_ref}/mpan", by_ref),
    Handler("GET /meter/{mpan}", by_mpan_older),
    Handler("POST /validation/mpan", validate_mpan, MPANValidationRequest),
)
