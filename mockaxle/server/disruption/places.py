"""The places in a JSON body, each with its schema in the document."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from mockaxle.contract.references import NOTHING, Schema, resolved


class Place(NamedTuple):
    """Shape: holder is the object or list, key the key or index in it; name is the nearest key above.

    `optional` if the place may be absent, `nullable` if it may be null, `open` if it accepts further keys.
    """

    holder: Any
    key: Any
    value: Any
    name: str
    schema: Schema
    optional: bool
    nullable: bool
    open: bool


def places(body: Any, schema: Schema, *, schemas: Schema, nullable: bool) -> Iterator[Place]:
    """Yield every place of a body, the outermost first. With `nullable`, optional places may be null."""
    top = [body]
    yield from _place(top, 0, "", schema=schema, schemas=schemas, optional=False, nulls=nullable)


def _place(
    holder: Any, key: Any, name: str, *, schema: Schema, schemas: Schema, optional: bool, nulls: bool
) -> Iterator[Place]:
    value, has_null = holder[key], _takes_null(schema)
    schema = resolved(schema, schemas)
    takes_more = schema.get("additionalProperties") is not False
    yield Place(holder, key, value, name, schema, optional, has_null or (nulls and optional), takes_more)
    if isinstance(value, dict):
        known, required = schema.get("properties", NOTHING), schema.get("required", ())
        for inner in list(value):
            lacking = inner in known and inner not in required
            described = known.get(inner, NOTHING)
            yield from _place(value, inner, inner, schema=described, schemas=schemas, optional=lacking, nulls=nulls)
    elif isinstance(value, list):
        items = schema.get("items", NOTHING)
        for number in range(len(value)):
            yield from _place(value, number, name, schema=items, schemas=schemas, optional=False, nulls=nulls)


def _takes_null(schema: Schema) -> bool:
    return any(one.get("type") == "null" for one in schema.get("anyOf", ()))
