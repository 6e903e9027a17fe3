"""Upserts: missing fields are filled in; differing fields are kept, with a warning. Source: U3."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple


class Upserted(NamedTuple):
    """The result of an upsert of a site or an asset. Shape: fields and warnings are empty on creation. Source: U2."""

    id: str
    created: bool
    fields_updated: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Field(NamedTuple):
    """A field of a request: its name, and the record's attributes with the values sent for them."""

    name: str
    values: Mapping[str, Any]


def compare(record: object, fields: tuple[Field, ...]) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]:
    """Return the attributes to fill, the names of the fields filled, and a warning for each field that differs.

    Values are compared as given; the caller has normalised their spelling (G10, U9).
    """
    filled: dict[str, Any] = {}
    updated: list[str] = []
    warnings: list[str] = []
    for field in fields:
        sent = {name: value for name, value in field.values.items() if value is not None}
        missing = {name: value for name, value in sent.items() if getattr(record, name) is None}
        filled |= missing
        if missing:
            updated.append(field.name)
        if any(getattr(record, name) != value for name, value in sent.items() if name not in missing):
            warnings.append(f"{field.name} differs from the stored value, which is kept")
    return filled, tuple(updated), tuple(warnings)


def sent(change: Any) -> dict[str, Any]:
    """Return the fields of a change that are not None. Source: U14."""
    named = ((field.name, getattr(change, field.name)) for field in fields(change))
    return {name: value for name, value in named if value is not None}
