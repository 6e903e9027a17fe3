"""A hook of Schemathesis with values for fields that are plain strings in the document, but restricted by the rules.

Without it, almost every generated schedule, tariff or site would be refused.
"""

from datetime import UTC, datetime, timedelta

import schemathesis
from hypothesis import strategies as st

EVENING = datetime(2026, 1, 20, 17, tzinfo=UTC)
MPANS = ("1000000000012", "1200000000020", "1234567890123", "1400000000039", "1600000000047", "1000000001099")
OFF_PEAK = ("23:30-05:30", "00:00-24:00", "01:00-02:00,13:00-14:30", "22:00-24:00")
TIMEZONES = ("Europe/London", "UTC", "America/New_York", "Asia/Kolkata")
EMAILS = ("ada@example.org", "a@b")
BY_NAME = {
    "mpan": MPANS,
    "off_peak_times": OFF_PEAK,
    "timezone": TIMEZONES,
    "email": EMAILS,
    "user_email": EMAILS,
    "meter_ref": ("0-0000000000000000",),
    "address": ("2 Mall Cottages, London, SW1A 1AA", "7 Canal Row, M1 1AE"),
}


@st.composite
def schedules(draw: st.DrawFn) -> list[dict[str, str]]:
    """Draw blocks that end after they start and do not overlap, with any offset. Source: F8."""
    blocks, at = [], EVENING + timedelta(days=draw(st.integers(-400, 400)))
    offset = draw(st.sampled_from(["Z", "+00:00"]))
    for gap, length in draw(st.lists(st.tuples(st.integers(0, 180), st.integers(1, 600)), max_size=4)):
        start = at + timedelta(minutes=gap)
        at = start + timedelta(minutes=length)
        pair = {"start_timestamp": start, "end_timestamp": at}
        blocks.append({name: instant.isoformat().replace("+00:00", offset) for name, instant in pair.items()})
    return blocks


def by_the_rules(body: object, draw: st.DrawFn) -> object:
    """Replace strings of a body by values that the rules accept; other values are kept."""
    if isinstance(body, list):
        return [by_the_rules(item, draw) for item in body]
    if not isinstance(body, dict):
        return body
    return {name: _field(name, value, draw) for name, value in body.items()}


def _field(name: str, value: object, draw: st.DrawFn) -> object:
    if name == "charging_schedule" and _is_schedule(value):
        return draw(schedules())
    if isinstance(value, str) and name in BY_NAME:
        return draw(st.sampled_from(BY_NAME[name]))
    return by_the_rules(value, draw)


def _is_schedule(value: object) -> bool:
    named = ("start_timestamp", "end_timestamp")
    return isinstance(value, list) and all(
        isinstance(block, dict) and all(isinstance(block.get(name), str) for name in named) for block in value
    )


@st.composite
def mended(draw: st.DrawFn, strategy: st.SearchStrategy[object]) -> object:
    """Adapt most values to the rules; leave the others as drawn from the document."""
    body = draw(strategy)
    return by_the_rules(body, draw) if draw(st.integers(0, 4)) else body


@schemathesis.hook
def before_generate_body(
    context: schemathesis.HookContext, strategy: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    return mended(strategy)


@schemathesis.hook
def before_generate_path_parameters(
    context: schemathesis.HookContext, strategy: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    return mended(strategy)


@schemathesis.hook
def before_generate_query(
    context: schemathesis.HookContext, strategy: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    return mended(strategy)
