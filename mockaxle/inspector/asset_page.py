"""The page of an asset: the last schedule and its answer on one time axis, its plan, and earlier schedules."""

from asyncio import to_thread
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.responses import Response

from mockaxle.control.history import numbered
from mockaxle.core.market import Market, occurrences
from mockaxle.core.records import Asset
from mockaxle.core.sessions import plan_in_force, why_unplanned
from mockaxle.core.state import State
from mockaxle.core.tariffs import Span
from mockaxle.core.timestamps import read_timestamp
from mockaxle.inspector.log_rows import refusal_text
from mockaxle.inspector.rendering import both_times
from mockaxle.inspector.schedule_chart import Line, chart, pauses_of, plain_line, window_line
from mockaxle.inspector.surroundings import Surroundings
from mockaxle.inspector.visits import WorldVisit
from mockaxle.world.commands.done import Past
from mockaxle.world.commands.refusals import CommandRefused
from mockaxle.world.entries import Command, Entry, Exchange
from mockaxle.world.json_bodies import object_in

SCHEDULED = "POST /entities/asset/{asset_id}/event/plug-in-schedule"
MARKET_CHANGING = ("market", "scenario", "reset", "restore", "rewind")
MAX_EARLIER, MAX_PAUSES = 50, 20


class SentSchedule(NamedTuple):
    """A schedule of an asset and its answer.

    Shape: pauses are the times that did not come back; pause_texts tell them in UTC, beside UK time.
    """

    number: int
    at: datetime
    status: int
    sent: tuple[Span, ...]
    returned: tuple[Span, ...]
    reason: str
    rules: tuple[str, ...]
    pauses: tuple[Span, ...]
    pause_texts: tuple[str, ...]


async def show_asset(surroundings: Surroundings, visit: WorldVisit) -> Response:
    asset_id, state = visit.request.path_params["asset_id"], visit.hosted.world.state
    asset = state.assets.get(asset_id)
    if asset is None:
        text = "There is no such asset in this world. The log may still have its calls."
        back = f"{visit.path}/log?text={quote(asset_id)}"
        return await visit.of_world("refused.html", {"title": "No such asset", "text": text, "back": back}, status=404)
    entries, past = tuple(numbered(visit.hosted.log)), surroundings.worlds.past(visit.hosted)
    values = await to_thread(_values, state, asset, entries, now=visit.now, past=past)
    return await visit.of_world("asset.html", values)


def _values(
    state: State, asset: Asset, entries: Sequence[tuple[int, Entry]], *, now: datetime, past: Past
) -> dict[str, Any]:
    found = list(islice(_schedules(asset.id, entries), MAX_EARLIER + 1))
    session, plan = state.sessions.get(asset.id), plan_in_force(state, asset.id, now=now)
    last = found[0] if found else None
    drawn = None
    if last is not None and last.sent:
        drawn = _chart_of(last, _market_at(last.number, entries, state.reference.market, past=past))
    plan_chart = None
    if plan is not None:
        ends = (plan.start_at, plan.ready_at)
        windows = window_line(occurrences(state.reference.market, ends[0], end_at=ends[1]))
        plan_chart = chart([plain_line("plan", "plan", spans=plan.charging), windows], start_at=ends[0], end_at=ends[1])
    return {
        "asset": asset,
        "session": session,
        "plan": plan,
        "plan_chart": plan_chart,
        "why_unplanned": None if plan else why_unplanned(state, asset.id),
        "last": last,
        "chart": drawn,
        "earlier": found[1:],
    }


def _chart_of(last: SentSchedule, market: Market) -> Any:
    start, end = min(one[0] for one in last.sent), max(one[1] for one in last.sent)
    lines = [plain_line("sent", "sent", spans=last.sent), plain_line("returned", "returned", spans=last.returned)]
    if last.pauses:
        lines.append(Line("pause", "pause", [(*span, "") for span in last.pauses]))
    windows = occurrences(market, start, end_at=end) if (end - start).days < 7 else ()
    return chart([*lines, window_line(windows)], start_at=start, end_at=end)


def _market_at(number: int, entries: Sequence[tuple[int, Entry]], present: Market, *, past: Past) -> Market:
    """Return the market at an entry: the present one, unless a command has changed it since."""
    later = (entry for place, entry in entries[::-1] if place > number)
    if not any(isinstance(entry, Command) and any(word in entry.key for word in MARKET_CHANGING) for entry in later):
        return present
    try:
        return past(number).world.state.reference.market
    except CommandRefused:
        return present


def _schedules(asset_id: str, entries: Sequence[tuple[int, Entry]]) -> Iterator[SentSchedule]:
    """Yield the schedules of an asset in the log, newest first."""
    for number, entry in reversed(entries):
        if isinstance(entry, Exchange) and entry.operation == SCHEDULED and asset_id in entry.request.path.lower():
            sent = _spans(entry.request.body, "charging_schedule")
            returned = _spans(entry.response.body, "modified_charging_schedule")
            rules, status = tuple(entry.response.why.rules), entry.response.status
            pauses = pauses_of(sent, returned)[:MAX_PAUSES] if status == 200 else ()
            texts = tuple(both_times(*span) for span in pauses)
            yield SentSchedule(number, entry.at, status, sent, returned, _reason(entry), rules, pauses, texts)


def _reason(exchange: Exchange) -> str:
    """Return the hint, or what a refusal says."""
    said = [refusal_text(exchange) if exchange.response.status != 200 else "", exchange.response.why.hint]
    return ". ".join(text for text in said if text)


def _spans(body: bytes, field: str) -> tuple[Span, ...]:
    blocks = object_in(body).get(field)
    found = (_span(block) for block in blocks) if isinstance(blocks, list) else ()
    return tuple(span for span in found if span is not None)


def _span(block: Any) -> Span | None:
    if not isinstance(block, dict):
        return None
    texts = (block.get("start_timestamp"), block.get("end_timestamp"))
    ends = [read_timestamp(text) for text in texts if isinstance(text, str)]
    start, end = ends if len(ends) == 2 else (None, None)
    return (start.at, end.at) if start and end and start.at < end.at else None
