"""Instants by the server's clock, compared with each other: a check knows no time but what answers tell.

An intent says when it was received, and a withdrawal URL when it expires. Source: C4, W3, P1, V5, G3.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import INTENT, SMART_CHARGING
from mockaxle.harness.operations import (
    ASSET_PRICES,
    BATTERY_SCHEDULE,
    EVENT,
    FLEX_EVENTS,
    READ_INTENT,
    SITE_PRICES,
    TODAYS_SCHEDULE,
    WITHDRAWAL_PAGE,
)
from mockaxle.harness.products.households import Household, device, household
from mockaxle.harness.run import Judge, NotTestable
from mockaxle.harness.watching.single_answers import HALF_HOUR, LONDON
from mockaxle.harness.watching.values import instant

SLACK, VALID = timedelta(seconds=5), timedelta(minutes=60)
"""How far apart the clocks of one service may be, and how long a withdrawal URL is valid."""

LAST_HALF_HOUR_ENDS, TOMORROW_FROM = time(23), time(14)
"""Local times of price curves. Source: P1."""


class ServerSpan(NamedTuple):
    """Two instants by the server's clock, before and after some calls."""

    since: datetime
    until: datetime

    def holds(self, at: datetime | None) -> bool:
        return at is not None and self.since - SLACK <= at <= self.until + SLACK

    @property
    def moments(self) -> tuple[datetime, ...]:
        return self.since - SLACK, self.since, self.until, self.until + SLACK


def instants(judge: Judge) -> None:
    """Read what depends on the time, between two intents that say it. Raises: NotTestable."""
    run = judge.run
    run.needs(f"{EVENT}/intent", READ_INTENT)
    with household(
        run, device(run, "driver"), device(run, "stored", type="battery"), proposition=SMART_CHARGING
    ) as home:
        since, answers = _received(judge, home), list(_readings(judge, home))
        span = ServerSpan(_instant_of(since), _instant_of(_received(judge, home)))
    page = next((one for one in answers if one.operation == WITHDRAWAL_PAGE), None)
    if page is not None:
        span = _judge_expiry(judge, page, span=span, intent=since)
    for answer in answers:
        _judge(judge, answer, span=span)


def _received(judge: Judge, home: Household) -> Answer:
    judge.run.main.call(f"{EVENT}/intent", {"intent": INTENT}, asset_id=home.asset_ids[0])
    return judge.run.main.call(READ_INTENT, asset_id=home.asset_ids[0])


def _instant_of(intent: Answer) -> datetime:
    """Raises: NotTestable."""
    found = instant(intent.value("received_at"))
    if found is None:
        raise NotTestable(f"no intent says when it was received: {intent.shown}")
    return found


def _readings(judge: Judge, home: Household) -> Iterator[Answer]:
    """Read everything that depends on the time."""
    account, keys = judge.run.main, judge.run.keys
    if WITHDRAWAL_PAGE in keys:
        yield account.call(WITHDRAWAL_PAGE, query={"redirect_uri": "https://app.example"}, site_id=home.site_id)
    for operation in (SITE_PRICES, FLEX_EVENTS):
        if operation in keys:
            yield account.call(operation, site_id=home.site_id)
    for operation in (ASSET_PRICES, TODAYS_SCHEDULE, BATTERY_SCHEDULE):
        if operation in keys:
            yield account.call(operation, asset_id=home.asset_ids[1])


def _judge_expiry(judge: Judge, page: Answer, *, span: ServerSpan, intent: Answer) -> ServerSpan:
    """Compare a URL's expiry with the instants of intents. Return the span that the machine's clock speaks for."""
    expiry = instant(page.value("url_expiry_timestamp"))
    made_at = None if expiry is None else expiry - VALID
    agree = span.holds(made_at)
    wrong = "C4e" if not agree and _is_by_machine(page, made_at) and not _is_by_machine(page, span.since) else "W3b"
    answer, title = (page, "a withdrawal URL is not valid for 60 minutes from now")
    if wrong == "C4e":
        answer, title = intent, "received_at is not the instant at which the intent came"
    judge.expect(agree, answer, of=wrong, title=title, expected=f"{span.since.isoformat()} and 60 minutes")
    return ServerSpan(made_at, made_at) if wrong == "C4e" and made_at is not None else span


def _is_by_machine(answer: Answer, at: datetime | None) -> bool:
    """Tell whether an instant is that of the answer, by the clock of the machine that sent it."""
    try:
        sent_at = parsedate_to_datetime(answer.headers.get("date", ""))
        return at is not None and sent_at.tzinfo is not None and abs(at - sent_at) <= SLACK
    except (ValueError, OverflowError):
        return False


def _judge(judge: Judge, answer: Answer, *, span: ServerSpan) -> None:
    """Judge an answer by the time at which it was made."""
    if answer.operation in (SITE_PRICES, ASSET_PRICES):
        starts = [instant(one.get("start_timestamp")) for one in answer.objects_at("half_hourly_traded_prices")]
        title = "a price curve does not begin now, or does not end where it should"
        right = not starts or any(starts == _half_hours(now) for now in span.moments)
        first, *_, last = _half_hours(span.until)
        judge.expect(right, answer, of="P1a", title=title, expected=f"{first.isoformat()} to {last.isoformat()}")
    elif answer.operation == BATTERY_SCHEDULE:
        updated_at, title = instant(answer.value("schedule_last_updated")), "a schedule was updated in the future"
        past = updated_at is None or updated_at <= span.until + SLACK
        judge.expect(past, answer, of="V5a", title=title, expected=f"at most {span.until.isoformat()}")
    elif answer.operation == FLEX_EVENTS:
        ends, title = [instant(one.get("end_at")) for one in answer.objects_at("events")], "a flex event is not past"
        past = all(end is None or end <= span.until + SLACK for end in ends)
        judge.expect(past, answer, of="W4a", title=title, expected=f"ends until {span.until.isoformat()}")
    elif answer.operation == TODAYS_SCHEDULE:
        starts = [instant(one.get("start_timestamp")) for one in answer.objects_at("periods")]
        days, today = {_day(one) for one in starts if one is not None}, {_day(now) for now in span.moments}
        title = "today's schedule is of another day"
        judge.expect(days <= today, answer, of="G3b", title=title, expected=f"{span.until:%Y-%m-%d}")


def _day(at: datetime) -> object:
    return at.astimezone(LONDON).date()


def _half_hours(now: datetime) -> list[datetime]:
    """Return the half-hours of a price curve. Source: P1."""
    local = now.astimezone(LONDON)
    day = local.date() + timedelta(days=local.time() >= TOMORROW_FROM)
    end = datetime.combine(day, LAST_HALF_HOUR_ENDS, LONDON).astimezone(UTC)
    start = now.astimezone(UTC).replace(minute=now.astimezone(UTC).minute // 30 * 30, second=0, microsecond=0)
    return [start + number * HALF_HOUR for number in range((end - start) // HALF_HOUR)]
