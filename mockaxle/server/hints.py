"""Hints: how to fix a malformed request, and likely mistakes in an accepted one.

Hints may quote keys, an MPAN and the document, but no other value that was sent, since it may be a secret.
Source: E5, G9, U8.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from mockaxle.contract.document import FORM, Operation
from mockaxle.contract.references import Schema
from mockaxle.contract.request_schemas import JSON, RequestSchemas, UnknownKey, pointer
from mockaxle.core.errors import FieldFault, Malformed, Refusal
from mockaxle.core.limits import MAX_SEARCHED_BODY
from mockaxle.core.property import MPAN, check_digit
from mockaxle.core.timestamps import read_timestamp
from mockaxle.wire.shape import Component
from mockaxle.world.json_bodies import sent_in

MISSING, DATETIME, BROKEN = "value_error.missing", "value_error.datetime", "json_invalid"
INSTANT = "an instant with an offset, such as 2026-01-20T22:00:00Z"
WORDS = {
    "array": "a list",
    "boolean": "true or false",
    "date": "a date, such as 2026-01-20",
    "date-time": INSTANT,
    "integer": "a whole number",
    "number": "a number",
    "string": "a string",
    "time": "a time, such as 23:30",
    "uuid": "a UUID",
}
"""The value that a schema accepts, by its format or else its type."""

MAX_NAMED, MAX_COMPARED = 3, 100
"""Number of unknown keys that a hint names, and of those compared with missing ones."""

ABSENT = object()
_FORM_BEGINS = re.compile(rb"[\w.%+-]+=")


class Hints:
    """Hints from the document."""

    def __init__(self, schemas: RequestSchemas) -> None:
        self._schemas = schemas

    def of_refusal(self, refusal: Refusal, operation: Operation, *, body: bytes, ignored: str) -> str:
        """Describe the remedy and the ignored keys."""
        specific = self._of_malformed(refusal, operation, body) if isinstance(refusal, Malformed) else ""
        return f"{specific or refusal.remedy} {ignored}".rstrip()

    def ignored(self, operation: Operation, body: bytes) -> str:
        """List the unknown keys of a body, the first ones with the nearest known keys."""
        found = list(self._schemas.unknown_keys(operation.key, sent_in(body)))
        named = [_with_nearest(one) for one in found[:MAX_NAMED]]
        more = [f"{len(found) - MAX_NAMED} more"] if len(found) > MAX_NAMED else []
        return f"Ignored, since unknown: {_listed(named + more)}." if found else ""

    def _of_malformed(self, malformed: Malformed, operation: Operation, body: bytes) -> str:
        """Hint at a misspelt key, else at the first fault; empty if the refusal has better advice."""
        first = malformed.faults[0]
        if malformed.hint or (malformed.advice != Malformed.advice and first.type != DATETIME):
            return malformed.hint
        if first.type == BROKEN:
            return _of_broken_json(first, body)
        sent = sent_in(body) if len(body) <= MAX_SEARCHED_BODY else None
        return self._misspelt(malformed.faults, operation, sent) or self._misplaced(first, operation, sent)

    def _misspelt(self, faults: Sequence[FieldFault], operation: Operation, sent: Any) -> str:
        """Hint at an unknown key that resembles a missing one."""
        missing = {fault.loc for fault in faults if fault.type == MISSING}
        holders = {loc[:-1] for loc in missing}
        unknown = (one for one in self._schemas.unknown_keys(operation.key, sent) if ("body", *one.holder) in holders)
        for one in islice(unknown, MAX_COMPARED):
            nearest = one.nearest
            if nearest is not None and ("body", *one.holder, nearest) in missing:
                return f"{one.place} is unknown; did you mean `{nearest}`?"
        return ""

    def _misplaced(self, fault: FieldFault, operation: Operation, sent: Any) -> str:
        """Hint at the place of a fault, and the value that it needs."""
        where, *loc = fault.loc
        wanted = _wanted(self._schema(operation, where, loc))
        if not loc:
            return f"Send {wanted} as the body, as JSON."
        if fault.type == DATETIME or str(loc[-1]).endswith("_timestamp"):  # a mere string in the document (F8)
            wanted = INSTANT
        name = pointer(*loc) if where == "body" else f"{loc[0]} in the {where}"
        if fault.msg.startswith("ensure"):
            return f"Change {name}: {fault.msg}."
        if fault.type == MISSING:
            return f"Send {name}: {wanted}."
        value = _value_at(loc, sent) if where == "body" else ABSENT
        if fault.type == DATETIME and _lacks_offset(value):
            return f"{name} has no offset: add Z or +00:00."
        return f"{name} must be {wanted}{self._not_null(operation, loc) if value is None else ''}."

    def _not_null(self, operation: Operation, loc: Sequence[str | int]) -> str:
        is_required = loc[-1] in self._schemas.at(operation.key, loc[:-1]).get("required", ())
        return ", not null" if is_required else ", not null: leave it out"

    def _schema(self, operation: Operation, where: str | int, loc: Sequence[str | int]) -> Schema:
        if where == "body":
            return self._schemas.at(operation.key, loc)
        return next(one.schema for one in operation.parameters if (one.where, one.name) == (where, loc[0]))


def mistyped(sent: Component) -> str:
    """Hint at an MPAN whose check digit is wrong, although it is accepted. Source: U8."""
    fields = vars(sent)
    mpan = (vars(fields["site"]) if "site" in fields else fields).get("mpan")
    if mpan is None or not MPAN.fullmatch(mpan):
        return ""
    digit = check_digit(mpan[:-1])
    return "" if digit == mpan[-1] else f"MPAN {mpan} may be mistyped: its check digit should be {digit}."


def as_json(body: bytes, *, is_form: bool) -> str:
    """Hint how to send JSON, for a body without its content type."""
    if _is_like_json(body):
        return f"Send this JSON with the header Content-Type: {JSON}."
    return f"Send JSON with the header Content-Type: {JSON}{', not a form' if is_form else ''}."


def as_form(body: bytes, *, required: Sequence[str]) -> str:
    """Hint how to send a form, for a body that is not one."""
    instead = ", not JSON," if _is_like_json(body) else ""
    return f"Send {_listed(required)} as a form{instead} with the header Content-Type: {FORM}."


def of_field(fault: FieldFault, fields: Mapping[str, str]) -> str:
    """Hint at a wrong field of a form."""
    name = str(fault.loc[-1])
    if fault.type == MISSING:
        return f"Send {name} in the form."
    if fault.type == DATETIME:
        said = "has no offset: add Z or +00:00" if _lacks_offset(fields[name]) else f"must be {INSTANT}"
        return f"{name} in the form {said}."
    return f"Change {name} in the form: {fault.msg}."


def _with_nearest(unknown: UnknownKey) -> str:
    nearest = unknown.nearest
    return unknown.place + (f" (did you mean `{nearest}`?)" if nearest else "")


def _of_broken_json(fault: FieldFault, body: bytes) -> str:
    if _FORM_BEGINS.match(body):
        return as_json(body, is_form=True)
    offset = fault.loc[-1]
    return f"The JSON {'ends too early' if offset == len(body) else 'is invalid'} at byte {offset} of the body."


def _is_like_json(body: bytes) -> bool:
    return body.lstrip()[:1] in (b"{", b"[")


def _lacks_offset(value: object) -> bool:
    return isinstance(value, str) and read_timestamp(f"{value}Z") is not None


def _value_at(loc: Sequence[str | int], sent: Any) -> Any:
    """Return the value sent at a place, or ABSENT."""
    for part in loc:
        try:
            sent = sent[part]
        except (LookupError, TypeError):
            return ABSENT
    return sent


def _wanted(schema: Schema) -> str:
    """Describe the value that a schema accepts."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if schema.get("type") == "object":
        required = schema.get("required", ())
        return f"an object with {_listed(required)}" if required else "an object"
    words = WORDS.get(schema.get("format", schema.get("type")), "what /openapi.json describes")
    if "maximum" in schema:
        return f"{words} from {schema['minimum']} to {schema['maximum']}"
    return f"{words} of at least {schema['minimum']}" if "minimum" in schema else words


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
