"""The document's schemas of JSON request bodies: the schema of each place, and its known keys."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mockaxle.client.visible import visible
from mockaxle.contract.nearest import closest
from mockaxle.contract.references import NOTHING, Schema, resolved

Loc = tuple[str | int, ...]
JSON = "application/json"
MAX_LENGTH = 100


class UnknownKey(NamedTuple):
    """A key that the API ignores, often misspelt. Shape: known are the keys at its place. Source: G9."""

    holder: Loc
    key: str
    known: Schema

    @property
    def place(self) -> str:
        """Its place as a JSON pointer, safe for a terminal and a header."""
        return pointer(*self.holder, visible(self.key, limit=MAX_LENGTH))

    @property
    def nearest(self) -> str | None:
        return closest(self.key, self.known)


class RequestSchemas:
    """Shape: document as OpenAPI, with components by reference."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._paths = document["paths"]
        self._schemas = document["components"]["schemas"]

    def at(self, operation: str | None, loc: Sequence[str | int] = ()) -> Schema:
        """Return the schema of a place, by default of the whole body; empty if the document has none."""
        schema = self._of_body(operation)
        for part in loc:
            inner = schema.get("items") if isinstance(part, int) else schema.get("properties", NOTHING).get(part)
            schema = resolved(inner or NOTHING, self._schemas)
        return schema

    def unknown_keys(self, operation: str | None, sent: Any) -> Iterator[UnknownKey]:
        """Yield the keys of a body that its operation does not know."""
        return self._unknown(sent, self._of_body(operation), holder=())

    def _unknown(self, sent: Any, schema: Schema, *, holder: Loc) -> Iterator[UnknownKey]:
        if isinstance(sent, list) and "items" in schema:
            items = resolved(schema["items"], self._schemas)
            for number, item in enumerate(sent):
                yield from self._unknown(item, items, holder=(*holder, number))
        known = schema.get("properties")
        if not isinstance(sent, dict) or known is None:
            return
        for key, value in sent.items():
            if key in known:
                yield from self._unknown(value, resolved(known[key], self._schemas), holder=(*holder, key))
            else:
                yield UnknownKey(holder, key, known)

    def _of_body(self, operation: str | None) -> Schema:
        verb, _, path = (operation or "").partition(" ")
        described = self._paths.get(path, {}).get(verb.lower(), {}).get("requestBody", {}).get("content", {})
        return resolved(described.get(JSON, {}).get("schema", NOTHING), self._schemas)


def pointer(*loc: str | int) -> str:
    return "".join(f"/{part}" for part in loc)
