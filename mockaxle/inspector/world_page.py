"""The page of a world: its clock, sites, market, faults, snapshots, settings, messages and money."""

from asyncio import to_thread
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any

from starlette.responses import Response

from mockaxle.control.history import numbered
from mockaxle.control.site_views import describe_sites
from mockaxle.control.views import show_clock
from mockaxle.core.market import Occurrence, occurrences
from mockaxle.core.rewards import balance_pence
from mockaxle.core.state import State
from mockaxle.inspector.actions import ACTIONS
from mockaxle.inspector.first_calls import FIRST, seen_in
from mockaxle.inspector.log_rows import log_rows
from mockaxle.inspector.rendering import UK
from mockaxle.inspector.schedule_chart import chart, window_line
from mockaxle.inspector.surroundings import Surroundings
from mockaxle.inspector.visits import WorldVisit
from mockaxle.world.commands.faults import describe_faults
from mockaxle.world.commands.messages import describe_message
from mockaxle.world.commands.receivers import describe_receivers
from mockaxle.world.commands.snapshots import describe_snapshots
from mockaxle.world.entries import Entry
from mockaxle.world.fault_kinds import KINDS
from mockaxle.world.value import World

FIRST_SITES, LAST_ENTRIES, LAST_MESSAGES = 10, 10, 10


async def show_world(surroundings: Surroundings, visit: WorldVisit) -> Response:
    hosted, worlds = visit.hosted, surroundings.worlds
    last = list(islice(reversed(tuple(numbered(hosted.log))), LAST_ENTRIES))
    told = visit.request.query_params.get("done", "")
    clock = show_clock(hosted, worlds.now())
    values = await to_thread(_values, hosted.world, visit.now, last)
    done = ACTIONS[told].done if told in ACTIONS else ""
    first = seen_in(last[::-1]) if told == FIRST else None
    fixed = {"clock": clock, "operations": surroundings.operations, "kinds": [kind.value for kind in KINDS]}
    entries = len(hosted.log)
    return await visit.of_world("world.html", {**values, **fixed, "entries": entries, "done": done, "first": first})


def _values(world: World, now: datetime, last: list[tuple[int, Entry]]) -> dict[str, Any]:
    state = world.state
    windows = todays_windows(state, now)
    day = today(now)
    return {
        "found": describe_sites(state, text="", offset=0, limit=FIRST_SITES),
        "windows": windows,
        "known_windows": _known_windows(state),
        "chart": chart([window_line(windows)], start_at=day[0], end_at=day[1]) if windows else None,
        "faults": describe_faults(world.faults)["faults"],
        "snapshots": describe_snapshots(world)["snapshots"],
        "settings": state.reference.settings.data(),
        "receivers": describe_receivers(state)["receivers"],
        "messages": _messages(state),
        "money": _money(state),
        "rows": log_rows(last),
    }


def today(now: datetime) -> tuple[datetime, datetime]:
    """Return the beginning and end of the day in UK time; nothing of a day at the ends of the calendar."""
    try:
        local = now.astimezone(UK)
        starts = [datetime.combine(local.date() + timedelta(days=days), time(), UK) for days in (0, 1)]
        return starts[0].astimezone(UTC), starts[1].astimezone(UTC)
    except OverflowError:
        return now, now


def todays_windows(state: State, now: datetime) -> tuple[Occurrence, ...]:
    start_at, end_at = today(now)
    return occurrences(state.reference.market, start_at, end_at=end_at)


def _known_windows(state: State) -> list[dict[str, Any]]:
    market = state.reference.market
    daily = [
        {
            "id": w.id,
            "when": f"daily {w.from_time:%H:%M} to {w.to_time:%H:%M}, {w.timezone}",
            "price": w.price_gbp_per_mwh,
        }
        for w in market.daily
    ]
    single = [
        {"id": w.id, "when": f"{w.from_at:%Y-%m-%d %H:%M} to {w.to_at:%H:%M} UTC", "price": w.price_gbp_per_mwh}
        for w in market.single
    ]
    return [*daily, *single]


def _messages(state: State) -> dict[str, Any]:
    kept = list(state.outbox.after(max(0, state.outbox.made - LAST_MESSAGES)))
    counts = {"made": state.outbox.made, "waiting": state.outbox.waiting, "open": state.outbox.open_count}
    return {**counts, "last": [describe_message(message) for message in reversed(kept)]}


def _money(state: State) -> dict[str, Any]:
    """Sum up the balances of all sites, and count withdrawals by state."""
    ids = state.site_order.page(0, limit=state.site_order.live)
    balances = sum(balance_pence(state, site_id) for site_id in ids if site_id in state.transactions)
    by_status = Counter(one.status.value for one in state.withdrawals.all())
    return {"balance_pence": balances, "withdrawals": dict(by_status), "emails": len(state.emails)}
