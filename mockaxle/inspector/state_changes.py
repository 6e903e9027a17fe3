"""What an entry of the log changed in its world: the fields of records that differ before and after it."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from mockaxle.core.order import Order
from mockaxle.core.records import DispatchMethod, Site
from mockaxle.core.state import State
from mockaxle.core.table import Table
from mockaxle.core.timestamps import spell_utc
from mockaxle.world.value import World

MAX_CHANGES, MAX_TEXT, MAX_ELEMENTS = 200, 200, 20
HIDDEN = frozenset({"place", "postcode_place", "id", "standings"})


class StateChange(NamedTuple):
    """A field of a record before and after, as texts; empty if the record is new or gone."""

    record: str
    field: str
    before: str
    after: str


def state_changes(before: World, after: World) -> tuple[list[StateChange], bool]:
    """Return the first changes, and whether there are more."""
    found = list[StateChange]()
    for change in _changes(before, after):
        if len(found) == MAX_CHANGES:
            return found, True
        found.append(change)
    return found, False


def _changes(before: World, after: World) -> Iterator[StateChange]:
    yield from _of_records("clock", before.clock, after.clock)
    yield from _of_state(before.state, after.state)
    yield from _of_records("faults", before.faults, after.faults)
    yield from _of_records("awkward answers", before.awkwardness, after.awkwardness)
    yield from _differing("tokens", "issued", before.tokens.issued, after.tokens.issued)
    yield from _differing("tokens", "revocations", before.tokens.revocations, after.tokens.revocations)
    names = [", ".join(kept.name for kept in world.snapshots) for world in (before, after)]
    yield from _differing("world", "snapshots", names[0], names[1])


OF_SITES = {
    "sites": "site",
    "transactions": "transactions of site",
    "bank_accounts": "bank account of site",
    "codes": "code of site",
    "linked": "linked devices of site",
}
OF_ASSETS = {
    "assets": "asset",
    "sessions": "session of asset",
    "planned": "planned flexibility of asset",
    "intervals": "readings of asset",
    "registers": "registers of asset",
    "callbacks": "callbacks of asset",
}
"""Tables of a state by the ids of sites and of assets, with the names of their records."""

DERIVED = frozenset(
    {
        *("seed", "minted", "site_ids", "site_order", "neighbours", "occupants", "asset_ids", "asset_order"),
        *("users", "agenda", "finals_at", "open_events", "month_ends_at", "periods"),
    }
)
"""What changes with other records only, or counts them."""


def _of_state(before: State, after: State) -> Iterator[StateChange]:
    for names, order in ((OF_SITES, "site_order"), (OF_ASSETS, "asset_order")):
        ids = tuple(_ids(getattr(before, order), getattr(after, order)))
        for field, name in names.items():
            old, new = getattr(before, field), getattr(after, field)
            if old is not new:
                yield from _of_table(name, old, new, ids=ids)
    for part in fields(before.reference):
        old, new = getattr(before.reference, part.name), getattr(after.reference, part.name)
        if old is not new:
            yield from _of_records(part.name.replace("_", " "), old, new)
    yield from _differing("messages", "number", before.outbox.made, after.outbox.made)
    yield from _differing("messages", "waiting", before.outbox.waiting, after.outbox.waiting)
    yield from _of_records("dispatches", before.dispatches, after.dispatches)
    yield from _differing("e-mails", "number", len(before.emails), len(after.emails))
    yield from _of_withdrawals(before, after)


def _of_withdrawals(before: State, after: State) -> Iterator[StateChange]:
    if before.withdrawals is not after.withdrawals:
        for one in after.withdrawals.all():
            yield from _of_records(f"withdrawal {one.id}", before.withdrawals.by_id.get(one.id), one)


def _ids(before: Order, after: Order) -> Iterable[str]:
    """Return the ids of both, in creation order."""
    old, new = before.page(0, limit=before.live), after.page(0, limit=after.live)
    return dict.fromkeys((*old, *new))


def _of_table(
    name: str, before: Table[str, Any], after: Table[str, Any], *, ids: Iterable[str]
) -> Iterator[StateChange]:
    for id in ids:
        old, new = before.get(id), after.get(id)
        if old is not new:
            yield from _of_records(f"{name} {id}", old, new)


def _of_records(name: str, before: Any, after: Any) -> Iterator[StateChange]:
    if before == after:
        return
    if before is None or after is None:
        yield StateChange(name, "added" if before is None else "removed", _text(before), _text(after))
        return
    old, new = _fields(before), _fields(after)
    for field in dict.fromkeys((*old, *new)):
        yield from _differing(name, field, old.get(field), new.get(field))


def _differing(record: str, field: str, before: Any, after: Any) -> Iterator[StateChange]:
    if before != after:
        yield StateChange(record, field, _text(before), _text(after))


def _fields(record: Any) -> dict[str, Any]:
    """Return a record's fields by name; of a site, its standings by dispatch method."""
    if isinstance(record, Site):
        standings = {f"standing in {method}": record.standing(method).value for method in DispatchMethod}
        return {**{name: value for name, value in record._asdict().items() if name not in HIDDEN}, **standings}
    if hasattr(record, "_asdict"):
        return {name: value for name, value in record._asdict().items() if name not in HIDDEN}
    if is_dataclass(record):
        return {field.name: getattr(record, field.name) for field in fields(record)}
    return {"all": record}


def _text(value: Any) -> str:
    """Write a value in words that the API uses, cut to a line."""
    if value is None:
        return ""
    text = _spelt(value)
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}..."


def _spelt(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return spell_utc(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if hasattr(value, "_asdict") or is_dataclass(value):
        known = {name: one for name, one in _fields(value).items() if one not in (None, ())}
        return ", ".join(f"{name} {_spelt(one)}" for name, one in known.items())
    if isinstance(value, tuple):
        more = f"; and {len(value) - MAX_ELEMENTS} more" if len(value) > MAX_ELEMENTS else ""
        return "; ".join(map(_spelt, value[:MAX_ELEMENTS])) + more
    return str(value)
