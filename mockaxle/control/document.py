"""Control's own OpenAPI document, made from its endpoints; SDKs never see it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter

from mockaxle.control.health import PREFIX

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Described:
    """An endpoint as the document describes it. Shape: path below the prefix, in Starlette's form.

    The example is of a body, where it takes one, and works as it stands in a new world.
    """

    path: str
    verb: str
    summary: str
    body: TypeAdapter[Any] | None = None
    query: type[BaseModel] | None = None
    media: tuple[str, ...] = (JSON,)
    example: Mapping[str, Any] | None = None


SCHEMES = {
    "password": {"type": "oauth2", "flows": {"password": {"tokenUrl": "/auth/token-form", "scopes": {}}}},
    "token": {"type": "http", "scheme": "bearer"},
}
SUBJECTS = {
    "": "world",
    "reset": "world",
    "fork": "snapshots",
    "rewind": "snapshots",
    "recording": "log",
    "verify": "log",
    "worlds": "server",
    "unmatched": "server",
    "journal": "server",
}
"""The subject of a path whose first part is not its name."""

PLACES: Mapping[str, str] = {"name": "evening", "number": "1", "world": "demo"}
"""Examples of the values in a path."""

IDS: Mapping[str, str] = {"market": "night", "faults": "f1", "home-assistant-events": "ha1"}
"""What an id is called in each subject."""


def document(endpoints: Iterable[Described]) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {}
    for endpoint in endpoints:
        path = re.sub(r"{(\w+):\w+}", r"{\1}", PREFIX + endpoint.path)
        paths.setdefault(path, {})[endpoint.verb.lower()] = _operation(path, endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Control of mockaxle",
            "version": "1",
            "description": "What a test may do that Axle cannot. Authorize with the account of the world.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SCHEMES},
        "security": [{"password": []}, {"token": []}],
    }


def _operation(path: str, endpoint: Described, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {"summary": endpoint.summary, "responses": {"200": {"description": "Done."}}}
    own = endpoint.path.removeprefix("/world") if not endpoint.path.startswith("/worlds") else endpoint.path
    first = own.split("/")[1] if own else ""
    operation["tags"] = [SUBJECTS.get(first, first)]
    asked = endpoint.query.model_json_schema()["properties"].items() if endpoint.query else ()
    parameters = [_place(name, first) for name in re.findall(r"{(\w+)}", path)]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in asked]
    if parameters:
        operation["parameters"] = parameters
    if endpoint.example is not None:
        operation["requestBody"] = {"content": _content(endpoint, endpoint.example, schemas)}
    return operation


def _place(name: str, subject: str) -> dict[str, Any]:
    parameter = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    example = IDS.get(subject) if name == "id" else PLACES.get(name)
    return parameter if example is None else {**parameter, "example": example}


def _content(endpoint: Described, example: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    if endpoint.body is not None:
        schema = endpoint.body.json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
    return {media: {"schema": schema, **({"example": example} if media == JSON else {})} for media in endpoint.media}
