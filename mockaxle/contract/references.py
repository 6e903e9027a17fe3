"""Resolves the references of an OpenAPI document."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
NOTHING: Schema = {}


def referred(schema: Schema) -> str:
    """Return the name of the component that a schema refers to; empty if it refers to none."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def resolved(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """Resolve a schema that is a reference, or whose only part or only non-null part is one."""
    parts = schema.get("allOf") or [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    only: Schema = parts[0] if len(parts) == 1 else schema
    return schemas[referred(only)] if "$ref" in only else only
