"""Faults made from the document: for each operation, a field of its answer that is wrong in one way after another.

A fault of the shape breaks G1c. A value that is stale or another object's breaks the statement that says what an answer
holds, by the table VALUES. The refusal of a missing object gets another status, or is not made. An answer without
fields gets a status that the document does not declare.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from itertools import count
from typing import Any, NamedTuple

from mockaxle.contract.document import load_contract
from mockaxle.contract.references import Schema, referred, resolved
from mockaxle.harness.operations import (
    CALL_BACK,
    CHANGE_SITE,
    DECONSENT,
    ELIGIBILITY,
    ENROL,
    FIND_ASSET,
    HOME_ASSISTANT,
    INITIALISE,
    LINK,
    LIST_ASSETS,
    LIST_SITES,
    METER_BY_MPAN,
    METER_BY_REF,
    OFFBOARD,
    ONBOARD,
    READ_ASSET,
    READ_INTENT,
    READ_SITE,
    REGISTER,
    SEARCH_METERS,
    SEND_READINGS,
    TODAYS_SCHEDULE,
    UNENROL,
)
from tests.mutants.planting import Fault, Rewrite, add, is_tenth, rewriting_answers
from tests.mutants.proxy import Answering, Call, Mock, Reply, Seen

DOCUMENT = load_contract().document
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [one.key for one in load_contract().operations if one.key not in (HOME_ASSISTANT, TODAYS_SCHEDULE)]
EMPTY = {"events", "transactions", "schedule_steps"}
"""Lists without items in every answer about a new site."""

UNTOUCHED = "access_token"
"""The field without which a check cannot begin."""

EACH = "*"
"""In a path, every item of a list."""

Path = tuple[str, ...]


class Field(NamedTuple):
    """A field of an operation's answer. Shape: holder is the component that it belongs to."""

    path: Path
    holder: str
    schema: Schema
    required: bool

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def has_form(self) -> bool:
        return "enum" in self.schema or self.schema.get("format") in ("uuid", "date-time")


def fields_of(operation: str) -> list[Field]:
    """Return the fields of an operation's good answer; none if it is null."""
    verb, _, path = operation.partition(" ")
    good = DOCUMENT["paths"][path][verb.lower()]["responses"].get("200", {})
    return list(_fields(good.get("content", {}).get("application/json", {}).get("schema", {}), ()))


def _fields(schema: Schema, path: Path) -> Iterator[Field]:
    holder, whole = referred(schema.get("allOf", [schema])[0]), resolved(schema, SCHEMAS)
    if whole.get("type") == "array":
        yield from _fields(whole["items"], (*path, EACH))
    for name, inner in whole.get("properties", {}).items():
        yield Field((*path, name), holder, resolved(inner, SCHEMAS), name in whole.get("required", ()))
        yield from _fields(inner, (*path, name))


def holders(said: Any, path: Path) -> Iterator[Any]:
    """Yield the objects in an answer that have the last field of a path."""
    if len(path) == 1:
        if isinstance(said, dict) and path[0] in said:
            yield said
    elif path[0] == EACH:
        for item in said if isinstance(said, list) else ():
            yield from holders(item, path[1:])
    elif isinstance(said, dict):
        yield from holders(said.get(path[0]), path[1:])


def plant(operation: str, kind: str, field: Field, *, statement: str, rewrite: Rewrite, also: tuple[str, ...]) -> None:
    place = ".".join(part for part in field.path if part != EACH)
    of = {operation} | {one for one in OPERATIONS if kind not in WAYS and alike(field, one)}
    name = f"{operation}: {place} {kind}"
    add(Fault(name, statement, kind, also, frozenset(of), rewriting_answers(rewrite)))


def dropped(value: Any, field: Field) -> Any:
    return DROPPED


def null(value: Any, field: Field) -> Any:
    return None


def of_a_wrong_type(value: Any, field: Field) -> Any:
    if isinstance(value, str):
        return {"value": value}
    if isinstance(value, list):
        return {str(number): item for number, item in enumerate(value)}
    return str(value).lower()


def out_of_form(value: Any, field: Field) -> Any:
    """Shape: of a text with a format or with members; other values get a wrong type."""
    if not field.has_form:
        return of_a_wrong_type(value, field)
    if "enum" in field.schema:
        return value.swapcase()
    return f"id-{value[:8]}" if field.schema["format"] == "uuid" else value.replace("T", " at ")


DROPPED = object()
WAYS: Mapping[str, Callable[[Any, Field], Any]] = {
    "dropped": dropped,
    "null": null,
    "of a wrong type": of_a_wrong_type,
    "out of form": out_of_form,
    "sometimes dropped": dropped,
    "sometimes of a wrong type": of_a_wrong_type,
}


def misshaped(kind: str, field: Field) -> Rewrite:
    def rewrite(said: Any, call: Call, seen: Seen) -> None:
        if kind.startswith("sometimes") and not is_tenth(seen):
            return
        for holder in list(holders(said, field.path)):
            changed = WAYS[kind](holder.pop(field.name), field)
            holder |= {} if changed is DROPPED else {field.name: changed}

    return rewrite


def plant_shapes() -> None:
    """Plant a fault of the shape in each operation. The ways take turns, and so do the fields."""
    turns = count()
    for operation in OPERATIONS:
        reached = [one for one in fields_of(operation) if not EMPTY & set(one.path[:-1]) and one.name != UNTOUCHED]
        required = [one for one in reached if one.required]
        if required:
            turn = next(turns)
            kind = list(WAYS)[turn % len(WAYS)]
            fitting = [one for one in required if one.has_form or kind != "out of form"] or required
            field = fitting[turn * 5 % len(fitting)]
            plant(operation, kind, field, statement="G1c", rewrite=misshaped(kind, field), also=())


class Value(NamedTuple):
    """What a wrong value of a field breaks.

    Shape: the statement, and others that it breaks as well; operations that answer a stale value, and another object's.
    """

    statement: str
    also: tuple[str, ...]
    stale: tuple[str, ...]
    anothers: tuple[str, ...]


CHANGES = ("U14a", "U14b", "U14c")
"""What a value breaks as well that is wrong after a change."""

VALUES: Mapping[tuple[str, str], Value] = {
    ("SiteResponse", "mpan"): Value("U10f", ("U11d", *CHANGES), (READ_SITE,), (REGISTER,)),
    ("SiteResponse", "postcode"): Value("U10f", (*CHANGES, "U12e"), (LIST_SITES, CHANGE_SITE), (READ_SITE,)),
    ("SiteResponse", "address"): Value("U10f", ("U10c", *CHANGES, "U3a"), (READ_SITE,), (OFFBOARD,)),
    ("SiteResponse", "asset_ids"): Value(
        "L13d", ("L6b", "L6e", "L8b", "L9a", "L9b", "U1a", "U14b"), (LIST_SITES,), (CHANGE_SITE,)
    ),
    ("SiteResponse", "markets"): Value("L13b", (), (DECONSENT,), (LIST_SITES,)),
    ("SiteResponse", "dispatch_methods"): Value(
        "L13a",
        ("L0a", "L0e", "L0f", "L0j", "L1a", "L1c", "L1d", "L3a", "L3c", "L4b", "L12a"),
        (LIST_SITES,),
        (CHANGE_SITE,),
    ),
    ("SiteResponse", "tariff"): Value("U14a", ("U14b", "U14c"), (READ_SITE, CHANGE_SITE), ()),
    ("SiteResponse", "gave_boundary_meter_consent_at"): Value(
        "U10f", ("L0q", "U4a", *CHANGES, "Q2a"), (READ_SITE,), ()
    ),
    ("SiteResponse", "id"): Value("U10f", ("L13d",), (), (READ_SITE, CHANGE_SITE)),
    ("AssetResponse", "id"): Value("U13d", (), (), (FIND_ASSET,)),
    ("AssetResponse", "external_id"): Value("U13d", (), (), (LIST_ASSETS,)),
    ("AssetResponse", "site_id"): Value("U13d", (), (), (READ_ASSET,)),
    ("AssetResponse", "type"): Value("U13d", ("U1a",), (), (LIST_ASSETS,)),
    ("AssetResponse", "properties"): Value("U13d", (*CHANGES, "U3a", "U3e"), (READ_ASSET, LIST_ASSETS), (FIND_ASSET,)),
    ("InitialiseSiteResult", "site_id"): Value("U2a", ("U1a", "U1c", "L7a", "U2b"), (), (INITIALISE, ONBOARD)),
    ("InitialiseSiteResult", "site_created"): Value("U2b", ("L7a", "U1c"), (ONBOARD, INITIALISE), ()),
    ("InitialiseAssetResult", "asset_id"): Value("U2a", ("U1a", "U1c", "L13d", "U2b"), (), (ONBOARD,)),
    ("InitialiseAssetResult", "asset_created"): Value("U2b", ("U1c",), (ONBOARD,), ()),
    ("EnrolResponse", "status"): Value("L0c", ("L0a", "L4a", "L1c", "L5a", "L5b"), (ENROL,), ()),
    ("UnenrolResponse", "status"): Value("L0d", ("L4c", "L1d"), (UNENROL,), ()),
    ("Intent", "ready_by"): Value("C4e", (), (READ_INTENT,), (READ_INTENT,)),
    ("ReadingResponse", "end_timestamp"): Value("R1a", (), (), (SEND_READINGS,)),
    ("MeterResponse", "mpan"): Value("Q9b", ("Q8a", "Q9a"), (), (METER_BY_MPAN, METER_BY_REF)),
    ("MeterSearchResponse", "ref"): Value("Q9a", ("Q9b",), (), (SEARCH_METERS,)),
    ("AssetEligibilityDetail", "external_id"): Value("Q3h", (), (), (ELIGIBILITY,)),
}


def alike(known: Field, operation: str) -> list[Field]:
    """Return the fields of an operation's answer that are the same field of the same component."""
    return [one for one in fields_of(operation) if (one.holder, one.name) == (known.holder, known.name)]


def identity(holder: Any, call: Call) -> Any:
    """Return what tells an object from others of its kind."""
    named = [
        holder[name] for name in ("id", "asset_id", "site_id", "mpan", "address") if isinstance(holder.get(name), str)
    ]
    sent = call.json if isinstance(call.json, dict) else {}
    own = [*call.ids.values(), sent.get("mpan"), call.query]
    return next(iter(filter(None, named + own)), None)


def stale(known: Field, operation: str) -> Rewrite:
    """Give the value that was first read of the object, by any operation that answers it."""

    def rewrite(said: Any, call: Call, seen: Seen) -> None:
        for field in alike(known, call.operation):
            for holder in holders(said, field.path):
                first = seen.setdefault(identity(holder, call), deepcopy(holder[field.name]))
                holder[field.name] = deepcopy(first) if call.operation == operation else holder[field.name]

    return rewrite


def anothers(known: Field, operation: str, *, sometimes: bool) -> Rewrite:
    """Give the last value that was read of another object, by any operation that answers it."""

    def rewrite(said: Any, call: Call, seen: Seen) -> None:
        values: dict[Any, Any] = seen.setdefault("values", {})
        is_due = call.operation == operation and (not sometimes or is_tenth(seen))
        for field in alike(known, call.operation):
            for holder in holders(said, field.path):
                own, value = identity(holder, call), holder[field.name]
                others = [other for one, other in values.items() if one != own and other != value]
                values[own] = deepcopy(value)
                holder[field.name] = deepcopy(others[-1]) if others and is_due else value

    return rewrite


def plant_values() -> None:
    """Plant what VALUES lists. Every fourth value of another object comes in one answer in ten."""
    turns = count()
    for (holder, name), value in VALUES.items():
        for operation in value.stale:
            field = _field(operation, holder, name)
            rewrite = stale(field, operation)
            plant(operation, "stale", field, statement=value.statement, rewrite=rewrite, also=value.also)
        for operation in value.anothers:
            field, sometimes = _field(operation, holder, name), next(turns) % 4 == 3
            rewrite, kind = anothers(field, operation, sometimes=sometimes), "another's"
            kind = f"sometimes {kind}" if sometimes else kind
            plant(operation, kind, field, statement=value.statement, rewrite=rewrite, also=value.also)


def _field(operation: str, holder: str, name: str) -> Field:
    return next(one for one in fields_of(operation) if (one.holder, one.name) == (holder, name))


STATUSES = (400, 403, 410, 422)
MISSING = ("E4a", "L6a", "L6b", "L6d", "F9b", "V5b", "C4f", "C9c", "G1b")
"""Further statements on missing objects."""


def misjudged(status: int) -> Answering:
    async def answer(call: Call, mock: Mock) -> Reply:
        reply = await mock(call)
        return reply.refusing(status, [] if status == 422 else "no") if reply.status == 404 else reply

    return answer


async def accepted(call: Call, mock: Mock) -> Reply:
    """Answer for a missing object as for the last one that was there."""
    reply = await mock(call)
    if reply.is_good:
        mock.seen["good"] = reply
    return mock.seen["good"] if reply.status == 404 else reply


def plant_refusals() -> None:
    """Plant faults in what is answered for a missing site or asset: another status and an acceptance in turn.

    Every second operation gets one.
    """
    by_id = [one for one in OPERATIONS if ("{site_id}" in one or "{asset_id}" in one) and one not in (LINK, CALL_BACK)]
    for turn, operation in enumerate(by_id[::2]):
        status = STATUSES[turn // 2 % len(STATUSES)]
        kind, answer = ("accepted", accepted) if turn % 2 else ("other status", misjudged(status))
        name = f"{operation}: missing object {kind}" + ("" if turn % 2 else f" {status}")
        add(Fault(name, "E4b", kind, MISSING, frozenset((operation,)), answer))


async def undeclared(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return replace(reply, status=202) if reply.is_good else reply


def plant_statuses() -> None:
    """Plant an undeclared status in each operation whose answers have no required field."""
    for operation in OPERATIONS:
        if not any(field.required for field in fields_of(operation)):
            name = f"{operation}: undeclared status 202"
            add(Fault(name, "G1b", "undeclared status", (), frozenset((operation,)), undeclared))


plant_shapes()
plant_values()
plant_refusals()
plant_statuses()
