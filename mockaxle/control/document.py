"""Control's own OpenAPI document, made from its endpoints; SDKs never see it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter

from mockaxle.control.health import PREFIX


@dataclass(frozen=True, slots=True)
class Described:
    """An endpoint as the document tells it. Shape: path below the prefix, in Starlette's form."""

    path: str
    verb: str
    summary: str
    body: TypeAdapter[Any] | None = None
    query: type[BaseModel] | None = None
    media: tuple[str, ...] = ("application/json",)


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
            "description": "What a test may do that Axle cannot. Authorize with a token of the world's account.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }


def _operation(path: str, endpoint: Described, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {"summary": endpoint.summary, "responses": {"200": {"description": "Done."}}}
    text = {"type": "string"}
    names = re.findall(r"{(\w+)}", path)
    asked = endpoint.query.model_json_schema()["properties"].items() if endpoint.query else ()
    parameters = [{"name": name, "in": "path", "required": True, "schema": text} for name in names]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in asked]
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        schema = endpoint.body.json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        operation["requestBody"] = {"content": {media: {"schema": schema} for media in endpoint.media}}
    return operation
