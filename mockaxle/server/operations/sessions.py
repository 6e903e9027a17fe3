"""Events of a charging session over HTTP; each answers null (C1)."""

from typing import Any

from mockaxle.core import dispatch, records, sessions
from mockaxle.core.dispatches import Callback
from mockaxle.core.rule_errors import AssetUnknown, EventIncomplete
from mockaxle.core.sessions import PlugIn
from mockaxle.core.state import Outcome, asset_named
from mockaxle.core.tariffs import OffPeak, read_off_peak
from mockaxle.core.timestamps import whole_second
from mockaxle.server.call import NULL, Call, Handler, Reply, reply
from mockaxle.wire.sessions import (
    AssetEventRequest,
    AssetEventType,
    ChargeNowDeletedEventRequest,
    ChargeNowEventRequest,
    ChargingMode,
    EventResponse,
    Intent,
    IntentEventRequest,
    IntentResponse,
    PlugInEventRequest,
    PlugOutEventRequest,
    Tariff,
    TariffUpdateEventRequest,
)


def plug_in(call: Call[PlugInEventRequest]) -> Reply:
    return _done(_plug_in(call, call.body), "C1")


def plug_out(call: Call[PlugOutEventRequest]) -> Reply:
    return _done(sessions.plug_out(call.state, call.values["asset_id"], now=call.now), "C10")


def update_intent(call: Call[IntentEventRequest]) -> Reply:
    return _done(_update_intent(call, call.body.intent), "C4")


def charge_now(call: Call[ChargeNowEventRequest]) -> Reply:
    asset_id = call.values["asset_id"]
    return _done(sessions.charge_now(call.state, asset_id, end_at=call.body.end_at, now=call.now), "C10")


def delete_charge_now(call: Call[ChargeNowDeletedEventRequest]) -> Reply:
    return _done(sessions.delete_charge_now(call.state, call.values["asset_id"], now=call.now), "C10")


def update_tariff(call: Call[TariffUpdateEventRequest]) -> Reply:
    asset_id = call.values["asset_id"]
    sessions.session_of(call.state, asset_id)
    outcome = sessions.update_tariff(call.state, asset_id, off_peak=_off_peak(call.body.tariff), now=call.now)
    return _done(outcome, "C3")


def any_event(call: Call[AssetEventRequest]) -> Reply:
    """One body for five events; fields that an event does not need are ignored. Source: C1."""
    body, state, asset_id = call.body, call.state, call.values["asset_id"]
    sessions.session_of(state, asset_id)
    if body.event_type is AssetEventType.PLUG_IN:
        outcome = _plug_in(call, body)
    elif body.event_type is AssetEventType.PLUG_OUT:
        outcome = sessions.plug_out(state, asset_id, now=call.now)
    elif body.event_type is AssetEventType.INTENT_UPDATE:
        if body.intent is None:
            raise EventIncomplete(body.event_type, "intent")
        outcome = _update_intent(call, body.intent)
    elif body.event_type is AssetEventType.CHARGE_NOW:
        if body.end_at is None:
            raise EventIncomplete(body.event_type, "end_at")
        outcome = sessions.charge_now(state, asset_id, end_at=body.end_at, now=call.now)
    else:
        outcome = sessions.delete_charge_now(state, asset_id, now=call.now)
    return _done(outcome, "C1")


def get_intent(call: Call[None]) -> Reply:
    intent, received_at = sessions.latest_intent(call.state, call.values["asset_id"])
    shown = Intent(
        energy_required_kwh=intent.energy_required_kwh,
        ready_by=intent.ready_by,
        ready_by_local_time=intent.ready_by_local_time,
        energy_estimated=intent.energy_estimated,
        may_charge_peak=intent.may_charge_peak,
        charging_mode=ChargingMode(intent.charging_mode),
    )
    return Reply(IntentResponse(intent=shown, received_at=received_at), rules=("C4",))


def answer_dispatch(call: Call[EventResponse]) -> Reply:
    asset_id: str = call.values["asset_id"]
    if call.values["asset_id_is_external"]:
        named = asset_named(call.state, asset_id) or asset_named(call.state, asset_id.upper())
        if named is None:
            raise AssetUnknown(asset_id)
        asset_id = named.id
    said = Callback(str(call.values["event_id"]), call.body.status, call.body.timestamp, whole_second(call.now))
    return _done(dispatch.answer_dispatch(call.state, asset_id, said=said), "C9")


def _plug_in(call: Call[Any], body: PlugInEventRequest | AssetEventRequest) -> Outcome[None]:
    asset_id = call.values["asset_id"]
    sessions.session_of(call.state, asset_id)
    said = PlugIn(
        intent=_intent(body.intent) if body.intent else None,
        rate_kw=body.vehicle.charging_rate_kw if body.vehicle else None,
        off_peak=_off_peak(body.tariff) if body.tariff else None,
    )
    return sessions.plug_in(call.state, asset_id, said=said, now=call.now)


def _update_intent(call: Call[Any], intent: Intent) -> Outcome[None]:
    return sessions.update_intent(call.state, call.values["asset_id"], intent=_intent(intent), now=call.now)


def _intent(sent: Intent) -> records.Intent:
    return records.Intent(**dict(sent))


def _off_peak(tariff: Tariff) -> OffPeak:
    """Raises: TariffInvalid."""
    return read_off_peak(tariff.off_peak_times, tariff.timezone, tariff_type=tariff.tariff_type)


def _done(outcome: Outcome[None], rule: str) -> Reply:
    return reply(outcome, NULL, rules=(rule,))


HANDLERS = (
    Handler("POST /entities/asset/{asset_id}/event/plug-in", plug_in, PlugInEventRequest),
    Handler("POST /entities/asset/{asset_id}/event/plug-out", plug_out, PlugOutEventRequest),
    Handler("POST /entities/asset/{asset_id}/event/intent", update_intent, IntentEventRequest),
    Handler("POST /entities/asset/{asset_id}/event/charge-now", charge_now, ChargeNowEventRequest),
    Handler(
        "POST /entities/asset/{asset_id}/event/charge-now-deleted", delete_charge_now, ChargeNowDeletedEventRequest
    ),
    Handler("POST /entities/asset/{asset_id}/event/tariff-update", update_tariff, TariffUpdateEventRequest),
    Handler("POST /entities/asset/{asset_id}/event", any_event, AssetEventRequest),
    Handler("GET /entities/asset/{asset_id}/intent", get_intent),
    Handler("POST /entities/asset/{asset_id}/callback/{event_id}", answer_dispatch, EventResponse),
)
