"""The inspector's pages as HTML: templates, the spelling of times and money, and the headers of every page."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from mockaxle.core.local_time import LONDON
from mockaxle.core.timestamps import spell_utc

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
UK = ZoneInfo(LONDON)
DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
UNSEEN = (*range(32), *range(127, 160), *DIRECTIONS, *range(0xD800, 0xE000))
ESCAPES = {code: f"\\u{code:04x}" for code in UNSEEN if chr(code) not in "\n\t"}
"""Control characters, those that turn the direction of a text, and halves of characters, as they are shown."""

MAX_SHOWN, MAX_DEPTH = 100_000, 32
DEPTHS = {"[": 1, "{": 1, "]": -1, "}": -1}


def page(template: str, values: Mapping[str, Any], *, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_environment().get_template(template).render(values), status, HEADERS)


def uk_time(at: datetime | str) -> Markup:
    """Write an instant in UK time, with UTC on hover."""
    instant = _instant(at)
    utc = f"{instant:%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(spell_utc(instant), utc, uk_text(instant))


def uk_text(at: datetime | str) -> str:
    """Write an instant in UK time, in whole seconds if they are not zero: 20 Jan 2026, 22:00."""
    local = in_uk(_instant(at))
    return f"{day_text(local)}, {_clock(local)}"


def both_times(start_at: datetime, end_at: datetime) -> str:
    """Write a time in UTC, beside UK time: 20 Jan 2026, 01:00 to 01:30 UTC (01:00 to 01:30 UK time)."""
    start, end = in_uk(start_at), in_uk(end_at)
    is_same = (start.date(), end.date()) == (start_at.date(), end_at.date()) and start.date() == end.date()
    uk = f"{_clock(start)} to {_clock(end)}" if is_same else _period(start, end)
    return f"{_period(start_at, end_at)} UTC ({uk} UK time)"


def _period(start: datetime, end: datetime) -> str:
    """Write a time with its day; with both days if it ends on another one."""
    later = "" if start.date() == end.date() else f"{day_text(end)}, "
    return f"{day_text(start)}, {_clock(start)} to {later}{_clock(end)}"


def day_text(at: datetime) -> str:
    return f"{at.day} {at:%b} {at.year:04}"


def _clock(at: datetime) -> str:
    """Write a time of day, in whole seconds if they are not zero."""
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def in_uk(at: datetime) -> datetime:
    """Return an instant in UK time; at the ends of the calendar, where there is none, in UTC."""
    try:
        return at.astimezone(UK)
    except OverflowError:
        return at


def pounds(pence: int) -> str:
    """Write an amount: £1.23, -£0.17."""
    return f"{'-' if pence < 0 else ''}£{abs(pence) / 100:,.2f}"


def pretty(body: str | dict[str, str]) -> str:
    """Write a logged body: JSON in lines, another text as it is, bytes in base64.

    Long texts are cut and not read, since that holds other threads.
    """
    text = body if isinstance(body, str) else f"base64: {body['base64']}"
    if len(text) <= MAX_SHOWN and is_flat(text):
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    if len(text) <= MAX_SHOWN:
        return text
    return f"{text[:MAX_SHOWN]}\n... and {len(text) - MAX_SHOWN:,} more characters"


def is_flat(text: str) -> bool:
    """Tell whether JSON is nested so little that its lines stay short. Brackets in strings count, too."""
    depth = accumulate(DEPTHS.get(letter, 0) for letter in text)
    return max(depth, default=0) <= MAX_DEPTH


def visible_text(value: Any) -> Any:
    """Make characters visible that have no look of their own."""
    return value.translate(ESCAPES) if isinstance(value, str) and not isinstance(value, Markup) else value


def _instant(at: datetime | str) -> datetime:
    return (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(UTC)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("mockaxle.inspector", "templates"),
        autoescape=True,
        finalize=visible_text,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters.update(uk_time=uk_time, uk_text=uk_text, pounds=pounds, pretty=pretty)
    return made
