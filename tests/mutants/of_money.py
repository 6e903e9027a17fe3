"""Faults of readings, prices, rewards and the Home Assistant event: parts R, P, W and H."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from mockaxle.harness.operations import (
    ASSET_PRICES,
    BALANCE,
    FLEX_EVENTS,
    HOME_ASSISTANT,
    READ_ASSET,
    READ_SITE,
    SEND_READINGS,
    SITE_PRICES,
    TRANSACTIONS,
    WITHDRAWAL_PAGE,
)
from tests.mutants.planting import fault, in_answers, misjudging, rewriting
from tests.mutants.proxy import Call, Mock, Reply, Seen, refusal

CURVES = (SITE_PRICES, ASSET_PRICES)
PRICES, PRICE, START = "half_hourly_traded_prices", "price_gbp_per_mwh", "start_timestamp"
HALF_HOUR = timedelta(minutes=30)
SOMEONE = "6f1c2a54-8b1e-4c38-9a53-0f6e2a1d7b90"


@in_answers("R1d", SEND_READINGS)
def results_are_in_reverse(said: Any, call: Call, seen: Seen) -> None:
    said["responses"] = said["responses"][::-1]


@in_answers("R1a", SEND_READINGS)
def accepted_readings_only_get_a_result(said: Any, call: Call, seen: Seen) -> None:
    said["responses"] = [one for one in said["responses"] if one["accepted"]]


@fault("R1b", SEND_READINGS)
async def packed_readings_are_refused(call: Call, mock: Mock) -> Reply:
    return refusal(400) if call.header(b"content-encoding") else await mock(call)


@fault("R1c", SEND_READINGS)
async def no_readings_are_refused(call: Call, mock: Mock) -> Reply:
    return refusal(422, []) if call.json["readings"] == [] else await mock(call)


def judged(
    name: str, statement: str, fits: Callable[[Any], bool], *, accepted: bool, also: tuple[str, ...] = ()
) -> None:
    """Register a fault in the verdict on some readings. Shape: `fits` gets the reading as sent."""

    def rewrite(said: Any, call: Call, seen: Seen) -> None:
        for one, sent in zip(said["responses"], call.json["readings"], strict=True):
            if fits(sent):
                one["accepted"] = accepted
                one.pop("error", None)
                one |= {} if accepted else {"error": "out of range"}

    rewriting(name, statement, SEND_READINGS, rewrite=rewrite, also=also)


def negative(label: str) -> Callable[[Any], bool]:
    return lambda sent: sent["label"] == label and sent["value"] < 0


OUT_OF_RANGE = ("R2e",)
for _name, _label in (
    ("a_negative_solar_power_is_accepted", "solar_power_kw"),
    ("a_negative_stored_energy_is_accepted", "battery_stored_energy_kwh"),
    ("a_negative_consumption_is_accepted", "charger_consumption_energy_kwh"),
):
    judged(_name, "R2a", negative(_label), accepted=True, also=OUT_OF_RANGE)

CHARGE = "battery_state_of_charge_pct"
judged(
    "a_charge_above_100_is_accepted",
    "R2b",
    lambda sent: sent["label"] == CHARGE and sent["value"] > 100,
    accepted=True,
    also=OUT_OF_RANGE,
)
judged("a_negative_charge_is_accepted", "R2b", negative(CHARGE), accepted=True, also=OUT_OF_RANGE)
judged(
    "every_register_is_accepted", "R2c", lambda sent: "_lifetime_" in sent["label"], accepted=True, also=OUT_OF_RANGE
)
judged(
    "a_full_battery_is_rejected", "R2f", lambda sent: sent["value"] == 100 and sent["label"] == CHARGE, accepted=False
)
judged("a_value_of_0_is_rejected", "R2f", lambda sent: sent["value"] == 0, accepted=False)
judged(
    "a_battery_that_discharges_is_rejected",
    "R2f",
    negative("battery_inverter_import_kw"),
    accepted=False,
    also=("R1a",),
)


def repriced(statement: str, *also: str) -> Callable[[Callable[[list[Any]], list[Any]]], Any]:
    """Register a function that returns another list of half-hours with prices."""

    def register(change: Callable[[list[Any]], list[Any]]) -> Any:
        def rewrite(said: Any, call: Call, seen: Seen) -> None:
            said[PRICES] = change(said[PRICES])

        rewriting(change.__name__, statement, *CURVES, rewrite=rewrite, also=also)
        return change

    return register


def earlier(text: str, lapse: timedelta) -> str:
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - lapse).isoformat()


@repriced("P1a")
def a_curve_begins_two_hours_late(prices: list[Any]) -> list[Any]:
    return prices[4:]


@repriced("P1a")
def a_curve_begins_two_hours_ago(prices: list[Any]) -> list[Any]:
    return [{**one, START: earlier(one[START], HALF_HOUR * 4)} for one in prices[:4]] + prices


@repriced("P1a")
def a_curve_lacks_its_last_half_hour(prices: list[Any]) -> list[Any]:
    return prices[:-1]


@repriced("P1a")
def a_curve_lacks_a_half_hour(prices: list[Any]) -> list[Any]:
    return prices[:1] + prices[2:]


@repriced("P1a")
def a_curve_is_in_reverse(prices: list[Any]) -> list[Any]:
    return prices[::-1]


@repriced("P1a")
def a_curve_is_hourly(prices: list[Any]) -> list[Any]:
    return prices[::2]


@repriced("P1a")
def a_curve_is_off_the_half_hour(prices: list[Any]) -> list[Any]:
    return [{**one, START: earlier(one[START], HALF_HOUR / 3)} for one in prices]


@repriced("P1a")
def a_half_hour_has_two_prices(prices: list[Any]) -> list[Any]:
    return prices[:1] + prices


@repriced("P1b")
def a_price_has_three_decimals(prices: list[Any]) -> list[Any]:
    return [{**one, PRICE: round(one[PRICE] + 0.005, 3)} for one in prices]


@repriced("P1b")
def the_last_price_has_four_decimals(prices: list[Any]) -> list[Any]:
    return [*prices[:-1], {**prices[-1], PRICE: round(prices[-1][PRICE] + 0.0001, 4)}] if prices else prices


@fault("P1g", SITE_PRICES)
async def prices_need_a_dispatch_method(call: Call, mock: Mock) -> Reply:
    site = await mock.quietly(call.to(READ_SITE, **call.ids))
    reply = await mock(call)
    is_out = reply.is_good and not site.json.get("dispatch_methods")
    return reply.saying({PRICES: []}) if is_out else reply


@fault("P1h", SITE_PRICES)
async def a_heat_pump_does_not_count(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if not reply.is_good:
        return reply
    site = await mock.quietly(call.to(READ_SITE, **call.ids))
    assets = [await mock.quietly(call.to(READ_ASSET, asset_id=id)) for id in site.json["asset_ids"]]
    return reply.saying({PRICES: []}) if {one.json["type"] for one in assets} == {"heat pump"} else reply


@in_answers("W1a", BALANCE)
def a_balance_is_not_earned(said: Any, call: Call, seen: Seen) -> None:
    said["current_balance_pence"] += 500


@in_answers("W1a", BALANCE)
def earnings_are_not_in_the_balance(said: Any, call: Call, seen: Seen) -> None:
    said["total_earnings_pence"] += 500


@in_answers("W1b", BALANCE)
def an_empty_balance_can_be_withdrawn(said: Any, call: Call, seen: Seen) -> None:
    said["can_withdraw"] = True


@in_answers("W1b", BALANCE, also=("W1a",))
def a_balance_above_the_threshold_stays(said: Any, call: Call, seen: Seen) -> None:
    """As of a site that has earned twice the threshold."""
    earned = 2 * said["minimum_withdrawal_threshold_pence"]
    said |= {"current_balance_pence": earned, "total_earnings_pence": earned, "can_withdraw": False}


@in_answers("W1c", TRANSACTIONS)
def a_wait_is_named_without_being_set(said: Any, call: Call, seen: Seen) -> None:
    said["days_until_minimum_wait_time_met"] = 3


def transacted(name: str, type: str, **more: Any) -> None:
    """Register a fault that lists a transaction with a field that its type does not have."""

    def rewrite(said: Any, call: Call, seen: Seen) -> None:
        bare = {"transaction_type": type, "transaction_id": SOMEONE, "credit_pence": -1 if type == "withdrawal" else 1}
        said["transactions"] = [*said["transactions"], {**bare, **more}]

    rewriting(name, "W2a", TRANSACTIONS, rewrite=rewrite, also=("W1a",))


transacted("a_withdrawal_has_energy", "withdrawal", payment_status="posted", flex_kwh=-1.5)
transacted("a_bonus_has_a_payment_status", "signup bonus", payment_status="posted")
transacted("a_goodwill_credit_has_an_end", "goodwill credit", end_time="2026-01-20T17:30:00+00:00")


@in_answers("W3a", WITHDRAWAL_PAGE)
def a_withdrawal_page_has_another_path(said: Any, call: Call, seen: Seen) -> None:
    said["balance_withdrawal_url"] = said["balance_withdrawal_url"].replace("/auth/ext/", "/withdraw/")


@in_answers("W3a", WITHDRAWAL_PAGE)
def a_withdrawal_page_has_no_jwt(said: Any, call: Call, seen: Seen) -> None:
    said["balance_withdrawal_url"] = said["balance_withdrawal_url"].partition("/ext/")[0] + "/ext/opaque"


def expiring(name: str, *, valid: timedelta) -> None:
    """Register a fault that gives withdrawal URLs another time until they expire."""

    def rewrite(said: Any, call: Call, seen: Seen) -> None:
        said["url_expiry_timestamp"] = earlier(said["url_expiry_timestamp"], timedelta(minutes=60) - valid)

    rewriting(name, "W3b", WITHDRAWAL_PAGE, rewrite=rewrite)


expiring("a_withdrawal_page_is_valid_for_half_an_hour", valid=HALF_HOUR)
expiring("a_withdrawal_page_is_valid_for_a_day", valid=timedelta(days=1))


@fault("W3d", WITHDRAWAL_PAGE)
async def a_withdrawal_page_needs_no_redirect(call: Call, mock: Mock) -> Reply:
    return await mock(call if "redirect_uri" in call.asked else call.asking(redirect_uri="https://app.example"))


@fault("W3c", WITHDRAWAL_PAGE)
async def a_redirect_is_a_url(call: Call, mock: Mock) -> Reply:
    return await mock(call) if "://" in call.asked["redirect_uri"] else refusal(422, [])


@in_answers("W4a", FLEX_EVENTS)
def a_flex_event_is_still_to_come(said: Any, call: Call, seen: Seen) -> None:
    times = {"start_at": "2999-01-20T17:00:00+00:00", "end_at": "2999-01-20T17:30:00+00:00"}
    said["events"] = [*said["events"], {**times, "estimated_gross_revenue_gbp": 0.33}]


misjudging("a_home_assistant_event_is_401", "H1a", HOME_ASSISTANT, status=403, to=401, also=("A4a", "G5b"))
misjudging("a_home_assistant_event_is_404", "H1a", HOME_ASSISTANT, status=403, to=404, also=("A4a", "G4a"))
for status in (204, 400, 409, 410, 422, 503):
    misjudging(f"a_home_assistant_event_is_{status}", "H1a", HOME_ASSISTANT, status=403, to=status, also=("A4a", "G1b"))


@fault("H1a", HOME_ASSISTANT, also=("A4a",))
async def an_organisation_has_no_home_assistant_event(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.saying(None, 200) if reply.status == 403 else reply


@fault("H1a", HOME_ASSISTANT, also=("A4a",))
async def an_organisation_has_a_home_assistant_event(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    times = {"start_time": "2026-01-20T17:00:00+00:00", "end_time": "2026-01-20T17:30:00+00:00"}
    said = {**times, "import_export": "import", "updated_at": times["start_time"], "opted_out": False}
    return reply.saying(said, 200) if reply.status == 403 else reply
