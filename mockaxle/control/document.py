"""Control's own OpenAPI document, made from its endpoints."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mockaxle.control.answer import ControlAnswer
from mockaxle.control.answers import ANSWERS, REFERENCE, REFUSALS, SUCCESSES, RefusedCall, answer_schema
from mockaxle.control.endpoint import Endpoint
from mockaxle.control.health import PREFIX
from mockaxle.world.commands.row import JSON

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
"""Subjects of paths whose first part does not name them."""

PLACES: Mapping[str, str] = {
    "name": "evening",
    "number": "1",
    "world": "demo",
    "transaction_id": "00000000-0000-4000-8000-000000000000",
}
"""Examples of the values in a path."""

IDS: Mapping[str, str] = {"market": "night", "faults": "f1", "home-assistant-events": "ha1"}
"""The word for an id in each subject."""


def document(
    of_a_world: Iterable[Endpoint[Any]], of_the_server: Iterable[Endpoint[Any]], *, root: str = ""
) -> dict[str, Any]:
    """Make the document. Shape: root is the path below which clients call."""
    log_in = {"tokenUrl": f"{root}/auth/token-form", "scopes": {}}
    schemes = {
        "password": {"type": "oauth2", "flows": {"password": log_in}},
        "token": {"type": "http", "scheme": "bearer"},
    }
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {}
    placed = [*(("/world", one) for one in of_a_world), *(("", one) for one in of_the_server)]
    for place, endpoint in placed:
        path = PREFIX + place + endpoint.path
        paths.setdefault(path, {})[endpoint.verb.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Control of mockaxle",
            "version": "1",
            "description": "Control of a world by tests. Authorize with an account of the world.",
        },
        "servers": [{"url": root or "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": schemes},
        "security": [{"password": []}, {"token": []}],
    }


def _operation(endpoint: Endpoint[Any], schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {"summary": endpoint.summary, "responses": _responses(endpoint.key, schemas)}
    first = endpoint.path.split("/")[1] if endpoint.path else ""
    operation["tags"] = [SUBJECTS.get(first, first)]
    parameters = [_place(name, first) for name in re.findall(r"{(\w+)}", endpoint.path)]
    parameters += _query(endpoint, schemas)
    if parameters:
        operation["parameters"] = parameters
    if endpoint.example is not None:
        operation["requestBody"] = {"content": _content(endpoint, endpoint.example, schemas)}
    return operation


def _query(endpoint: Endpoint[Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    query = endpoint.query.model_json_schema(ref_template=REFERENCE)
    schemas |= query.get("$defs", {})
    return [{"name": name, "in": "query", "schema": schema} for name, schema in query["properties"].items()]


def _responses(key: str, schemas: dict[str, Any]) -> dict[str, Any]:
    answers = {SUCCESSES.get(key, "200"): ANSWERS.get(key), **REFUSALS.get(key, {}), "default": RefusedCall}
    return {status: _response(status, answer, schemas=schemas) for status, answer in answers.items()}


def _response(status: str, answer: type[ControlAnswer] | None, *, schemas: dict[str, Any]) -> dict[str, Any]:
    response: dict[str, Any] = {"description": "Done." if status.startswith("2") else "Refused."}
    if answer is not None:
        response["content"] = {JSON: {"schema": answer_schema(answer, schemas)}}
    return response


def _place(name: str, subject: str) -> dict[str, Any]:
    parameter = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    example = IDS.get(subject) if name == "id" else PLACES.get(name)
    return parameter if example is None else {**parameter, "example": example}


def _content(endpoint: Endpoint[Any], example: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    if endpoint.body is not None:
        schema = endpoint.body.json_schema(ref_template=REFERENCE)
        schemas |= schema.pop("$defs", {})
    return {media: {"schema": schema, **({"example": example} if media == JSON else {})} for media in endpoint.media}
