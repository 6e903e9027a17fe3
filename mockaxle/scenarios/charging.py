"""Charging sessions in scenarios: built from their sections, and dumped."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from mockaxle.core.records import Asset, ChargingPlan, Intent, Session
from mockaxle.core.sessions import plan_of
from mockaxle.core.state import State
from mockaxle.core.tariffs import OffPeak, read_off_peak
from mockaxle.core.timestamps import spell_utc, whole_second
from mockaxle.scenarios.sections import IntentSection, OffPeakSection, PlanSection, SessionSection


def begun_session(state: State, asset: Asset, *, section: SessionSection, now: datetime) -> Session:
    """Build the session of an asset in the state. A missing plan is made."""
    session = Session(
        plugged_in_at=section.plugged_in_at,
        present_since=section.present_since,
        rate_kw=section.charging_rate_kw,
        intent=_intent(section.intent) if section.intent else None,
        intent_at=(section.intent_received_at or whole_second(now)) if section.intent else None,
        intent_stands=section.intent_stands and section.intent is not None,
        charge_now_at=section.charge_now_at,
        charge_now_until=section.charge_now_until,
        off_peak=_off_peak(section.tariff) if section.tariff else None,
        plan=_plan(section.plan) if section.plan else None,
        plans=section.plans or 0,
    )
    if section.plans is not None:
        return session
    made = plan_of(state, asset, session=session, now=now)
    return session if made is None else replace(session, plan=made, plans=made.number)


def dumped_session(session: Session) -> dict[str, Any]:
    """Dump a session as its section, in JSON data."""
    return without_none(
        {
            "plugged_in_at": session.plugged_in_at and spell_utc(session.plugged_in_at),
            "present_since": session.present_since and spell_utc(session.present_since),
            "charging_rate_kw": session.rate_kw,
            "intent": _dumped_intent(session.intent) if session.intent else None,
            "intent_received_at": session.intent_at and spell_utc(session.intent_at),
            "intent_stands": session.intent_stands,
            "charge_now_at": session.charge_now_at and spell_utc(session.charge_now_at),
            "charge_now_until": session.charge_now_until and spell_utc(session.charge_now_until),
            "tariff": _dumped_tariff(session.off_peak) if session.off_peak else None,
            "plan": _dumped_plan(session.plan) if session.plan else None,
            "plans": session.plans,
        }
    )


def without_none(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def _intent(section: IntentSection) -> Intent:
    return Intent(**{**dict(section), "charging_mode": section.charging_mode.value})


def _off_peak(section: OffPeakSection) -> OffPeak:
    return read_off_peak(section.off_peak_times, section.timezone, tariff_type=section.tariff_type)


def _plan(section: PlanSection) -> ChargingPlan:
    return ChargingPlan(section.number, section.start_at, section.ready_at, section.charging)


def _dumped_intent(intent: Intent) -> dict[str, Any]:
    local = intent.ready_by_local_time
    return without_none(
        {
            "energy_required_kwh": intent.energy_required_kwh,
            "ready_by": spell_utc(intent.ready_by),
            "ready_by_local_time": local.isoformat() if local is not None else None,
            "energy_estimated": intent.energy_estimated,
            "may_charge_peak": intent.may_charge_peak,
            "charging_mode": intent.charging_mode,
        }
    )


def _dumped_tariff(off_peak: OffPeak) -> dict[str, Any]:
    kind = off_peak.tariff_type and off_peak.tariff_type.value
    return without_none({"off_peak_times": off_peak.text, "timezone": off_peak.timezone, "tariff_type": kind})


def _dumped_plan(plan: ChargingPlan) -> dict[str, Any]:
    return {
        "number": plan.number,
        "start_at": spell_utc(plan.start_at),
        "ready_at": spell_utc(plan.ready_at),
        "charging": [[spell_utc(start), spell_utc(end)] for start, end in plan.charging],
    }
