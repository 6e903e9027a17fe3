"""The vendor's API as data: the OpenAPI document and its operations."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from mockaxle.contract.data import data_file
from mockaxle.contract.references import referred, resolved

FORM = "application/x-www-form-urlencoded"
ErrorShape = Literal["list", "text", "undeclared"]


class Parameter(NamedTuple):
    """A path or query parameter. Shape: schema as in the document, with its reference resolved."""

    name: str
    where: str
    schema: Mapping[str, Any]
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the document, or a page beside it. `error_shape` is the shape declared for 422 (E1).

    Shape: key as `GET /entities/site/{site_id}`; places are the positions of the path's values among its segments.
    """

    verb: str
    path: str
    parameters: tuple[Parameter, ...]
    secured: bool
    takes_form: bool
    error_shape: ErrorShape
    is_page: bool = False
    key: str = field(init=False)
    places: tuple[tuple[int, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        places = tuple((n, part[1:-1]) for n, part in enumerate(self.path.split("/")) if part.startswith("{"))
        object.__setattr__(self, "key", f"{self.verb} {self.path}")
        object.__setattr__(self, "places", places)


@dataclass(frozen=True)
class Contract:
    """The OpenAPI document. Shape: document is plain JSON data."""

    document: Mapping[str, Any]

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(
            _operation(verb.upper(), path, body, schemas=self.document["components"]["schemas"])
            for path, verbs in self.document["paths"].items()
            for verb, body in verbs.items()
        )

    def served_at(self, url: str) -> "Contract":
        """Return the contract with its server at a URL or a path."""
        return Contract({**self.document, "servers": [{"url": url}]})


def load_contract() -> Contract:
    """Load the contract of this package, served at `/`."""
    text = data_file("contracts", "axle.openapi.json").read_text(encoding="utf-8")
    return Contract(json.loads(text))


def _parameter(described: Mapping[str, Any], schemas: Mapping[str, Any]) -> Parameter:
    schema = resolved(described["schema"], schemas)
    return Parameter(described["name"], described["in"], schema, described.get("required", False))


def _operation(verb: str, path: str, body: Mapping[str, Any], *, schemas: Mapping[str, Any]) -> Operation:
    return Operation(
        verb=verb,
        path=path,
        parameters=tuple(_parameter(described, schemas) for described in body.get("parameters", ())),
        secured="security" in body,
        takes_form=FORM in body.get("requestBody", {}).get("content", {}),
        error_shape=_error_shape(body["responses"].get("422", {})),
    )


def _error_shape(response: Mapping[str, Any]) -> ErrorShape:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    shapes: dict[str, ErrorShape] = {"HTTPValidationError": "list", "ErrorWithDetail": "text"}
    return shapes.get(referred(schema), "undeclared")
