"""What the watch sees in answers of products, by small lies: single answers, echoes, eligibility and readings."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any, cast

import httpx
import pytest

from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.operations import (
    BALANCE,
    BATTERY_SCHEDULE,
    CHECK_ELIGIBILITY,
    DISPATCH_EXAMPLE,
    ELIGIBILITY,
    EVENT,
    FLEX_EVENTS,
    INITIALISE,
    METER_BY_MPAN,
    PROFILE_EXAMPLE,
    READ_INTENT,
    SEND_READINGS,
    SITE_PRICES,
    TODAYS_SCHEDULE,
    TRANSACTIONS,
    WHO,
    WITHDRAWAL_PAGE,
)
from mockaxle.harness.target import LOG_IN
from mockaxle.harness.watching.checked import Checked
from mockaxle.harness.watching.echoes import echoed
from mockaxle.harness.watching.eligibility import eligible
from mockaxle.harness.watching.memory import Memory
from mockaxle.harness.watching.single_answers import single
from mockaxle.harness.watching.verdicts import verdicts
from mockaxle.world.entries import Exchange

SITE, CHARGER, BATTERY = "site-1", "charger-1", "battery-1"
AS_JSON = httpx.Headers({"content-type": "application/json"})
NIGHT = "2026-01-20T22:{:02}:00+00:00"


def answered(operation: str, json: Any, status: int = 200) -> Answer:
    return Answer(operation, status, AS_JSON, "", json, cast(Exchange, None), "")


def called(operation: str, body: Any = None, *, is_full: bool = True, **ids: str) -> MadeCall:
    return MadeCall("checked", operation, ids, {}, body, {}, is_full)


def broken(cases: Iterable[Checked]) -> set[str]:
    return {case.of for case in cases if not case.holds}


def token(claims: str) -> dict[str, Any]:
    middle = urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    return {"access_token": f"e30.{middle}.sig", "token_type": "bearer"}


def curve(*starts: str, price: float = 90.0) -> dict[str, Any]:
    prices = [{"start_timestamp": f"2026-01-20T{start}:00+00:00", "price_gbp_per_mwh": price} for start in starts]
    return {"half_hourly_traded_prices": prices}


def transactions(**fields: Any) -> dict[str, Any]:
    return {"site_id": SITE, "transactions": [{"transaction_id": "t", "credit_pence": 5, **fields}]}


def period(start: int, end: int) -> dict[str, str]:
    return {"start_timestamp": NIGHT.format(start), "end_timestamp": NIGHT.format(end), "action": "PAUSE"}


def plan(*limits: float, **fields: Any) -> dict[str, Any]:
    periods = [{"startPeriod": number * 1800, "limit": limit} for number, limit in enumerate(limits)]
    times = {"startSchedule": NIGHT.format(0), "duration": 32400}
    schedule = {**times, "chargingRateUnit": "W", "chargingSchedulePeriod": periods}
    kinds = {"stackLevel": 1100, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Absolute"}
    return {"connectorId": 1, "csChargingProfiles": {**kinds, "chargingSchedule": {**schedule, **fields}}}


INFO = {"current_balance_pence": 500, "total_earnings_pence": 700, "minimum_withdrawal_threshold_pence": 1000}
BELOW = {**INFO, "withdrawal_min_wait_days": 0, "can_withdraw": False}
PAGE = "https://pay.example/auth/ext/"


@pytest.mark.parametrize(
    ("operation", "right"),
    [
        (LOG_IN, token('{"exp":1800000000}')),
        (WHO, {"username": "checked", "roles": ["entity_read", "rewards"]}),
        (TODAYS_SCHEDULE, {"periods": [period(0, 30), period(30, 45)]}),
        (BATTERY_SCHEDULE, {"schedule_steps": [period(0, 30)]}),
        (SITE_PRICES, curve("21:30", "22:00", "22:30")),
        (SITE_PRICES, curve()),
        (BALANCE, BELOW),
        (BALANCE, {**BELOW, "current_balance_pence": 2000, "total_earnings_pence": 2000, "can_withdraw": True}),
        (TRANSACTIONS, transactions(transaction_type="flex event", flex_kwh=-3.7, end_time=NIGHT.format(0))),
        (TRANSACTIONS, transactions(transaction_type="withdrawal", credit_pence=-5, payment_status="posted")),
        (FLEX_EVENTS, {"events": [{"start_at": NIGHT.format(0), "end_at": NIGHT.format(30)}]}),
        (WITHDRAWAL_PAGE, {"balance_withdrawal_url": f"{PAGE}a.b.c"}),
        (PROFILE_EXAMPLE, plan(0.0, 99999.0, 0.0)),
        (DISPATCH_EXAMPLE, {"from_time": NIGHT.format(0), "to_time": NIGHT.format(30), "market_id": "wholesale"}),
        (METER_BY_MPAN, {"mpan": "1000000000012", "half_hourly_settled": True, "eligible_markets": ["wholesale"]}),
    ],
)
def test_a_right_answer_breaks_nothing(operation: str, right: Any) -> None:
    cases = list(single(operation, answered(operation, right)))
    assert cases
    assert broken(cases) == set()


@pytest.mark.parametrize(
    ("operation", "lie", "statement"),
    [
        (LOG_IN, {**token('{"exp":1800000000}'), "expires_in": 3600}, "A1c"),
        (LOG_IN, {"access_token": "opaque"}, "A11a"),
        (LOG_IN, token('{"iat":1800000000}'), "A11b"),
        (LOG_IN, token('{"exp":"2027-01-15"}'), "A11b"),
        (LOG_IN, token('{"exp":1800000000000}'), "A11b"),
        (LOG_IN, token('{"exp":1800000000,"iat":1800000000}'), "A11b"),
        (WHO, {"username": "checked", "roles": ["admin"]}, "A5b"),
        (WHO, {"username": "checked", "roles": ["rewards", "rewards"]}, "A5b"),
        (TODAYS_SCHEDULE, {"periods": [period(30, 45), period(0, 30)]}, "G3b"),
        (TODAYS_SCHEDULE, {"periods": [period(30, 0)]}, "G3b"),
        (BATTERY_SCHEDULE, {"schedule_steps": [period(30, 0)]}, "V5a"),
        (SITE_PRICES, curve("21:00", "22:30"), "P1a"),
        (SITE_PRICES, curve("22:00"), "P1a"),
        (SITE_PRICES, curve("22:30", price=90.005), "P1b"),
        (BALANCE, {**BELOW, "current_balance_pence": 900}, "W1a"),
        (BALANCE, {**BELOW, "can_withdraw": True}, "W1b"),
        (TRANSACTIONS, transactions(transaction_type="withdrawal", flex_kwh=1), "W2a"),
        (TRANSACTIONS, transactions(transaction_type="withdrawal"), "W2b"),
        (FLEX_EVENTS, {"events": [{"start_at": NIGHT.format(30), "end_at": NIGHT.format(0)}]}, "W4a"),
        (WITHDRAWAL_PAGE, {"balance_withdrawal_url": f"{PAGE}opaque"}, "W3a"),
        (PROFILE_EXAMPLE, plan(0.0, 7400.0), "C6a"),
        (PROFILE_EXAMPLE, plan(0.0, 0.0, 99999.0), "C6a"),
        (PROFILE_EXAMPLE, plan(0.0, 99999.0, minChargingRate=6.0), "C6a"),
        (PROFILE_EXAMPLE, plan(0.0, 99999.0, duration=1800), "C6a"),
        (PROFILE_EXAMPLE, plan(0.0, 99999.0, startSchedule=None), "C6a"),
        (PROFILE_EXAMPLE, plan(), "V6a"),
        (DISPATCH_EXAMPLE, {"from_time": NIGHT.format(30), "to_time": NIGHT.format(0)}, "V6a"),
        (DISPATCH_EXAMPLE, {"from_time": NIGHT.format(0), "to_time": NIGHT.format(30), "market_id": " "}, "V6a"),
        (METER_BY_MPAN, {"mpan": "100000000001"}, "Q8a"),
        (CHECK_ELIGIBILITY, {"propositions": [{"proposition": "limited_pause"}]}, "Q5c"),
    ],
)
def test_a_lie_in_one_answer_breaks_its_statement(operation: str, lie: Any, statement: str) -> None:
    assert statement in broken(single(operation, answered(operation, lie)))


INTENT = {"energy_required_kwh": 20, "ready_by": "2026-01-21T07:00:00Z", "ready_by_local_time": "06:30"}
FOUND = {**INTENT, "ready_by": "2026-02-03T07:00:00+00:00", "ready_by_local_time": "06:30:00"}


def intent_read(found: Mapping[str, Any], *sent: tuple[str, Mapping[str, Any]]) -> set[str]:
    memory = Memory()
    for path, body in sent:
        list(echoed(memory, called(EVENT + path, body, asset_id=CHARGER), answer=answered(EVENT + path, None)))
    read = called(READ_INTENT, asset_id=CHARGER)
    return broken(echoed(memory, read, answer=answered(READ_INTENT, {"intent": found})))


def test_an_intent_that_is_read_is_the_last_one_sent_on_any_date() -> None:
    other = {"intent": {**INTENT, "energy_required_kwh": 5}}
    last = ("", {"event_type": "intent_update", "intent": INTENT})
    ignored = ("", {"event_type": "plug_out", **other})
    assert intent_read(FOUND, ("/plug-in", other), last, ignored) == set()


@pytest.mark.parametrize(
    ("lie", "statement"),
    [
        ({"energy_required_kwh": 21}, "C4e"),
        ({"ready_by": "2026-01-21T08:00:00Z"}, "C4e"),
        ({"ready_by_local_time": "07:00:00"}, "C4e"),
        ({"may_charge_peak": True}, "C4d"),
        ({"charging_mode": "minimise_charging_time"}, "C4d"),
    ],
)
def test_a_lie_about_an_intent_breaks_its_statement(lie: Mapping[str, Any], statement: str) -> None:
    assert intent_read({**FOUND, **lie}, ("/intent", {"intent": INTENT})) == {statement}


@pytest.mark.parametrize(("days", "left", "expected"), [(0, None, set()), (0, 3, {"W1c"}), (30, 3, set())])
def test_days_are_left_only_where_a_wait_is_configured(days: int, left: int | None, expected: set[str]) -> None:
    memory = Memory()
    info = answered(BALANCE, {**BELOW, "withdrawal_min_wait_days": days})
    list(echoed(memory, called(BALANCE, site_id=SITE), answer=info))
    said: Any = {"site_id": SITE, "transactions": [], "days_until_minimum_wait_time_met": left}
    listed = answered(TRANSACTIONS, said)
    assert broken(echoed(memory, called(TRANSACTIONS, site_id=SITE), answer=listed)) == expected


def known_home(*methods: str, **asset: Any) -> Memory:
    memory = Memory()
    site = memory.create("site", SITE, of="U10f")
    site.fields |= {"gave_boundary_meter_consent_at": NIGHT.format(0), "asset_ids": [CHARGER]}
    site.fields["dispatch_methods"] = list(methods)
    charger = memory.create("asset", CHARGER, of="U13d")
    details = {"external_id": "own", "type": "charger", "asset_model": None, "installation_date": None, **asset}
    charger.fields |= {**details, "site_id": SITE}
    return memory


def eligibility(
    *issues: str,
    eligible: bool,
    settled: bool = True,
    consent: bool = True,
    named: tuple[str, ...] = (),
    id: str = CHARGER,
) -> dict[str, Any]:
    verdict = {"proposition": "limited_pause", "is_eligible": eligible, "issues": list(issues)}
    return {
        "site_id": SITE,
        "eligible_propositions": list(named),
        "site_properties": {"is_half_hourly_settled": settled, "has_meter_consent": consent},
        "assets": [{"asset_id": id, "external_id": "own", "propositions": [verdict]}],
    }


NOT_SET, NOT_FOUND, NO_DATE = "asset_model_not_set", "asset_model_not_found", "asset_installation_date_not_set"


@pytest.mark.parametrize(
    ("asset", "right"),
    [
        ({}, eligibility(eligible=True, named=("limited_pause",))),
        ({}, eligibility(NOT_SET, NO_DATE, eligible=False, settled=False)),
        ({"asset_model": "x"}, eligibility(NOT_FOUND, eligible=True)),
        ({"asset_model": "x", "installation_date": "2025-11-03"}, eligibility(eligible=True, settled=False)),
        ({"asset_model": "x"}, eligibility("asset_model_enrol_eligibility_override", eligible=True, settled=False)),
        ({"type": "battery"}, eligibility(eligible=False)),
        ({}, eligibility("non_domestic_site", eligible=False)),
    ],
)
def test_right_verdicts_on_eligibility_break_nothing(asset: Mapping[str, Any], right: Any) -> None:
    cases = list(eligible(known_home(**asset), called(ELIGIBILITY, site_id=SITE), answer=answered(ELIGIBILITY, right)))
    assert len(cases) > 3
    assert broken(cases) == set()


@pytest.mark.parametrize(
    ("asset", "lie", "statement"),
    [
        ({}, eligibility(eligible=False), "Q1a"),
        ({}, eligibility(NO_DATE, eligible=False, settled=False), "Q3a"),
        ({}, eligibility(NOT_SET, eligible=True), "Q3a"),
        ({"asset_model": "x"}, eligibility(NOT_SET, eligible=False, settled=False), "Q3a"),
        ({}, eligibility(NOT_SET, NOT_FOUND, eligible=False, settled=False), "Q3b"),
        ({"installation_date": "2025-11-03"}, eligibility(NOT_SET, NO_DATE, eligible=False, settled=False), "Q3d"),
        ({}, eligibility(NOT_SET, eligible=True, settled=False), "Q1b"),
        ({"type": "battery"}, eligibility(eligible=True), "Q4a"),
        ({}, eligibility("non_domestic_site", eligible=True), "Q1c"),
        ({}, eligibility(eligible=True, consent=False), "Q3g"),
        ({}, eligibility(eligible=True, named=("full_asset_schedule_control",)), "Q3g"),
        ({}, eligibility(eligible=True, id="another"), "Q3h"),
    ],
)
def test_a_lie_about_eligibility_breaks_its_statement(asset: Mapping[str, Any], lie: Any, statement: str) -> None:
    found = eligible(known_home(**asset), called(ELIGIBILITY, site_id=SITE), answer=answered(ELIGIBILITY, lie))
    assert broken(found) == {statement}


def test_a_second_asset_of_an_upsert_is_no_fault_of_the_eligibility() -> None:
    memory, another = known_home(), eligibility(eligible=True, id="another")
    made = {"site": {"site_id": SITE}, "assets": [{"asset_id": "another"}], "eligibility": another}
    assert broken(eligible(memory, called(INITIALISE), answer=answered(INITIALISE, made))) == set()
    assert broken(eligible(memory, called(ELIGIBILITY, site_id=SITE), answer=answered(ELIGIBILITY, another))) == set()


def verdict(
    memory: Memory, label: str, value: float, *, accepted: bool, at: int = 0, end: int = 30, is_full: bool = True
) -> set[str]:
    """What one reading breaks that is answered by a verdict."""
    ends = {"start_timestamp": NIGHT.format(at), "end_timestamp": NIGHT.format(end)}
    sent = {"asset_id": CHARGER, "label": label, "value": value, **ends}
    said = {"responses": [{"accepted": accepted, **({} if accepted else {"error": "no"})}]}
    call = called(SEND_READINGS, {"readings": [sent]}, is_full=is_full)
    return broken(verdicts(memory, call, answer=answered(SEND_READINGS, said)))


@pytest.mark.parametrize(
    ("label", "value", "right", "statement"),
    [
        ("solar_power_kw", 0, True, "R2f"),
        ("solar_power_kw", -0.001, False, "R2a"),
        ("boundary_import_kw", -5, True, "R2f"),
        ("battery_state_of_charge_pct", 100, True, "R2f"),
        ("battery_state_of_charge_pct", 101, False, "R2b"),
        ("battery_state_of_charge_pct", -1, False, "R2b"),
        ("boundary_lifetime_import_energy_kwh", 0, True, "R2f"),
        ("boundary_lifetime_import_energy_kwh", -1, False, "R2a"),
    ],
)
def test_a_reading_is_accepted_by_its_range(label: str, value: float, right: bool, statement: str) -> None:
    assert verdict(known_home("limited_pause"), label, value, accepted=right) == set()
    assert verdict(known_home("limited_pause"), label, value, accepted=not right) == {statement}
    assert verdict(Memory(), label, value, accepted=not right) == set(), "an asset of others is not predicted"
    assert verdict(known_home(), label, value, accepted=not right, is_full=False) == set()


def test_a_register_never_decreases() -> None:
    memory, label = known_home(), "charger_lifetime_consumption_energy_kwh"
    assert verdict(memory, label, 100, accepted=True, end=20) == set()
    assert verdict(memory, label, 90, accepted=True, end=30) == {"R2c"}
    memory = known_home()
    assert verdict(memory, label, 100, accepted=True, end=20) == set()
    assert verdict(memory, label, 110, accepted=True, end=30) == set()
    assert verdict(memory, label, 120, accepted=True, end=25) == {"R2e"}, "it is above a later one"
    assert verdict(memory, label, 130, accepted=False, end=40) == {"R2f"}


def test_results_in_another_order_are_compared_with_their_own_readings() -> None:
    """The order is a decision of the mock, since a result repeats what names its reading."""
    ends = {"start_timestamp": NIGHT.format(0), "end_timestamp": NIGHT.format(30)}
    names = [{"asset_id": CHARGER, "label": "solar_power_kw", **ends}, {"asset_id": CHARGER, "label": "x_kw", **ends}]
    sent = [{**name, "value": value} for name, value in zip(names, (-1, 1), strict=True)]
    said = {"responses": [{**names[1], "accepted": True}, {**names[0], "accepted": False, "error": "below 0"}]}
    call, answer = called(SEND_READINGS, {"readings": sent}), answered(SEND_READINGS, said)
    memory = known_home("limited_pause")
    assert broken(verdicts(memory, call, answer=answer)) == set()
    assert broken(echoed(memory, call, answer=answer)) == {"R1d"}
    other = answered(SEND_READINGS, {"responses": [said["responses"][1], {**names[1], "asset_id": SITE}]})
    assert broken(echoed(memory, call, answer=other)) == {"R1a"}


def test_a_reading_is_accepted_whatever_the_state_of_its_site() -> None:
    assert verdict(known_home(), "solar_power_kw", 1, accepted=False) == {"R3a"}


def test_a_reading_of_an_odd_length_is_not_predicted_by_the_document() -> None:
    for accepted in (True, False):
        assert verdict(known_home(), "charger_consumption_energy_kwh", 1, accepted=accepted, end=45) == set()
    assert verdict(known_home(), "solar_power_kw", 1, accepted=True, end=0) == {"R2e"}
