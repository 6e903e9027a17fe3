"""Checks of single answers, beyond what a schema can say: relations of values, and texts with a form of their own."""

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from mockaxle.client.bounded_json import bounded_json
from mockaxle.harness.answer import Answer
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.operations import (
    ASSET_PRICES,
    BALANCE,
    BATTERY_SCHEDULE,
    CHECK_ELIGIBILITY,
    COMPONENT_TOKEN,
    DISPATCH_EXAMPLE,
    FLEX_EVENTS,
    METER_BY_ADDRESS,
    METER_BY_ADDRESS_OLDER,
    METER_BY_MPAN,
    METER_BY_MPAN_OLDER,
    METER_BY_REF,
    METER_BY_REF_OLDER,
    PROFILE_EXAMPLE,
    SITE_PRICES,
    TODAYS_SCHEDULE,
    TRANSACTIONS,
    WHO,
    WITHDRAWAL_PAGE,
)
from mockaxle.harness.target import LOG_IN
from mockaxle.harness.watching.checked import Checked
from mockaxle.harness.watching.values import instant

ROLES = frozenset(("entity_read", "entity_write", "rewards", "lookup", "metrics_write", "components"))
PROPOSITIONS = ["full_asset_schedule_control", "limited_pause"]
LONDON, HALF_HOUR = ZoneInfo("Europe/London"), timedelta(minutes=30)
LATEST_EXP = 10**11
"""A later `exp` is in another unit than seconds: this is the year 5138."""

END_OF_DAY = (22, 30)
"""The local time at which the last half-hour of a price curve starts. Source: P1."""

ONLY_ON: Mapping[str, frozenset[str]] = {
    "flex_kwh": frozenset(("flex event",)),
    "end_time": frozenset(("flex event", "flex period", "flex period top-up")),
    "payment_status": frozenset(("withdrawal",)),
}
"""The types of transaction that have a field. Source: W2."""


def single(operation: str, answer: Answer) -> Iterator[Checked]:
    """Yield the cases of a successful answer."""
    check = CHECKS.get(operation)
    if check is not None and answer.status == 200 and isinstance(answer.json, dict):
        yield from check(answer, answer.json)


def _token(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    is_log_in = answer.operation == LOG_IN
    if is_log_in:
        further = sorted({"refresh_token", "expires_in"} & found.keys())
        yield Checked("A1c", not further, f"a log-in answers {', '.join(further)}", "no such field")
        bearer = str(found.get("token_type")).lower() == "bearer"
        yield Checked("A1f", bearer, "token_type is not bearer", "bearer")
    claims = _claims(found.get("access_token"))
    yield Checked("A11a", claims is not None, "a token is not a JWT", "three parts, the second of them JSON")
    in_seconds = _is_in_seconds(claims or {})
    yield Checked("A11b", in_seconds, "a token has no exp in seconds", "exp, a number of seconds since 1970, after iat")


def _is_in_seconds(claims: JsonObject) -> bool:
    expires, issued = claims.get("exp"), claims.get("iat")
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        return False
    return (issued if isinstance(issued, int | float) else 0) < expires < LATEST_EXP


def _claims(token: Json) -> JsonObject | None:
    parts = str(token).split(".")
    try:
        claims = bounded_json(urlsafe_b64decode(parts[1] + "==")) if len(parts) == 3 else None
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def _user(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    unknown = answer.texts_at("roles") - ROLES
    yield Checked("A5b", not unknown, "a role is not one of the six", f"of {', '.join(sorted(ROLES))}")
    once = len(answer.list_at("roles")) == len(answer.texts_at("roles"))
    yield Checked("A5b", once, "a role is listed twice", "each role once")


def _todays_schedule(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    starts = [instant(one.get("start_timestamp")) for one in answer.objects_at("periods")]
    known = [one for one in starts if one is not None]
    days = {one.astimezone(LONDON).date() for one in known}
    ordered = all(one < other for one, other in pairwise(known)) and all(map(_is_forward, answer.objects_at("periods")))
    is_right = len(days) <= 1 and ordered
    yield Checked(
        "G3b", is_right, "the periods are not in order, or of several days", "the periods of one day in order"
    )


def _steps(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    is_right = all(_is_forward(one) for one in answer.objects_at("schedule_steps"))
    yield Checked("V5a", is_right, "a step of a battery ends before it starts", "end_timestamp after start_timestamp")


def _is_forward(period: JsonObject) -> bool:
    start, end = instant(period.get("start_timestamp")), instant(period.get("end_timestamp"))
    return start is not None and end is not None and start < end


def _prices(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    prices = answer.objects_at("half_hourly_traded_prices")
    starts = [one for price in prices if (one := instant(price.get("start_timestamp"))) is not None]
    step = all(other - one == HALF_HOUR for one, other in pairwise(starts))
    on_grid = all(one.astimezone(UTC).minute in (0, 30) and not (one.second or one.microsecond) for one in starts)
    ends = not starts or _local(starts[-1]) == END_OF_DAY
    long = len(starts) <= 68
    title = "a price curve does not have every half-hour until 23:00 UK time, today or tomorrow"
    yield Checked("P1a", step and on_grid and ends and long, title, "half-hours without a gap, the last from 22:30")
    values = [one.get("price_gbp_per_mwh") for one in prices]
    rounded = all(isinstance(one, bool) or not isinstance(one, int | float) or one == round(one, 2) for one in values)
    yield Checked("P1b", rounded, "a price has more than two decimals", "two decimals at most")


def _local(at: datetime) -> tuple[int, int]:
    local = at.astimezone(LONDON)
    return local.hour, local.minute


def _balance(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    names = ("current_balance_pence", "total_earnings_pence", "minimum_withdrawal_threshold_pence")
    current, earned, minimum = (found.get(name) for name in names)
    if not isinstance(current, int) or not isinstance(earned, int) or not isinstance(minimum, int):
        return  # the document says what is wrong
    yield Checked("W1a", current <= earned, "the balance is more than the earnings", f"{earned} at most")
    can, wait = found.get("can_withdraw"), found.get("withdrawal_min_wait_days")
    reached = current >= minimum
    yield Checked("W1b", can is not True or reached, "can_withdraw is true below the threshold", "false")
    must = reached and current > 0 and not wait
    yield Checked("W1b", can is not False or not must, "can_withdraw is false for no reason", "true")


def _transactions(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    for one in answer.objects_at("transactions"):
        kind = one.get("transaction_type")
        wrong = [name for name, types in ONLY_ON.items() if one.get(name) is not None and str(kind) not in types]
        yield Checked("W2a", not wrong, "a transaction has a field of another type", f"no {', '.join(wrong)}")
        if kind == "withdrawal":
            pence = one.get("credit_pence")
            negative = not isinstance(pence, int) or pence < 0
            yield Checked("W2b", negative, "a withdrawal is not negative", "credit_pence below 0")


def _flex_events(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    pairs = [(instant(one.get("start_at")), instant(one.get("end_at"))) for one in answer.objects_at("events")]
    is_right = all(start is not None and end is not None and start < end for start, end in pairs)
    yield Checked("W4a", is_right, "a flex event ends before it starts", "end_at after start_at")


def _withdrawal(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    url = str(found.get("balance_withdrawal_url"))
    path, _, token = url.partition("/auth/ext/")
    is_right = path.startswith(("http://", "https://")) and len(token.partition("?")[0].split(".")) == 3
    yield Checked("W3a", is_right, "a withdrawal URL has another form", "a URL that ends in /auth/ext/ and a JWT")


def _profile(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    keys = ("csChargingProfiles", "chargingSchedule")
    periods = answer.objects_at(*keys, "chargingSchedulePeriod")
    facts = [answer.value(keys[0], name) for name in ("stackLevel", "chargingProfilePurpose", "chargingProfileKind")]
    right = [*facts, answer.value(*keys, "chargingRateUnit")] == [1100, "TxProfile", "Absolute", "W"]
    limits = [one.get("limit") for one in periods]
    switching = all(one in (0, 99999) for one in limits) and all(one != other for one, other in pairwise(limits))
    phases = all(one.get("numberPhases") in (None, 1) for one in periods)
    least = answer.value(*keys, "minChargingRate") in (None, 0)
    expected = "stackLevel 1100, TxProfile, Absolute, W, one phase, limits of 0 or 99999 in turn from second 0 on"
    spans = _spans(periods, answer.value(*keys, "duration"))
    begins = instant(answer.value(*keys, "startSchedule")) is not None
    is_right = right and switching and phases and least and spans and begins
    yield Checked("C6a", is_right, "a charging profile differs from the documented form", expected)
    yield Checked("V6a", bool(periods), "the sample of a charging profile is empty", "periods")


def _spans(periods: list[JsonObject], duration: Json) -> bool:
    """Tell whether periods follow each other from second 0 to the end."""
    starts = [one.get("startPeriod") for one in periods]
    numbers = [one for one in (*starts, duration) if isinstance(one, int)]
    rising = all(one < other for one, other in pairwise(numbers))
    return len(numbers) == len(starts) + 1 and numbers[0] == 0 and rising


def _dispatch(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    start, end = instant(found.get("from_time")), instant(found.get("to_time"))
    is_right = start is not None and end is not None and start < end
    yield Checked("V6a", is_right, "the sample of a dispatch ends before it starts", "to_time after from_time")
    empty = [name for name, value in found.items() if isinstance(value, str) and not value.strip()]
    yield Checked("V6a", not empty, "the sample of a dispatch has an empty text", "every field filled in")


def _meter(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    wholesale = "wholesale" in answer.texts_at("eligible_markets")
    is_right = not wholesale or found.get("half_hourly_settled") in (None, True)
    yield Checked("Q8b", is_right, "a meter that is not half-hourly settled has the wholesale market", "no wholesale")
    mpan = str(found.get("mpan"))
    is_mpan = len(mpan) == 13 and mpan.isascii() and mpan.isdigit()
    yield Checked("Q8a", is_mpan, "the mpan of a meter is not 13 digits", "13 digits")


def _eligible(answer: Answer, found: JsonObject) -> Iterator[Checked]:
    listed = [one.get("proposition") for one in answer.objects_at("propositions")]
    both = sorted(map(str, listed)) == PROPOSITIONS
    yield Checked("Q5c", both, "check-eligibility does not answer both propositions once", ", ".join(PROPOSITIONS))


METERS = (
    METER_BY_ADDRESS,
    METER_BY_ADDRESS_OLDER,
    METER_BY_MPAN,
    METER_BY_MPAN_OLDER,
    METER_BY_REF,
    METER_BY_REF_OLDER,
)
CHECKS: Mapping[str, Callable[[Answer, JsonObject], Iterator[Checked]]] = {
    LOG_IN: _token,
    COMPONENT_TOKEN: _token,
    WHO: _user,
    TODAYS_SCHEDULE: _todays_schedule,
    BATTERY_SCHEDULE: _steps,
    SITE_PRICES: _prices,
    ASSET_PRICES: _prices,
    BALANCE: _balance,
    TRANSACTIONS: _transactions,
    FLEX_EVENTS: _flex_events,
    WITHDRAWAL_PAGE: _withdrawal,
    PROFILE_EXAMPLE: _profile,
    DISPATCH_EXAMPLE: _dispatch,
    CHECK_ELIGIBILITY: _eligible,
    **dict.fromkeys(METERS, _meter),
}
