"""Keys of a request that its operation does not know: ignored by the API, and often a slip of the pen. Source: G9."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any

Schema = Mapping[str, Any]
JSON = "application/json"
MAX_FOUND = 100
MAX_LENGTH = 100


class UnknownKeys:
    """Finds them by the document. Shape: document as OpenAPI, with components by reference."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._paths = document["paths"]
        self._schemas = document["components"]["schemas"]

    def of(self, operation: str | None, body: bytes) -> list[dict[str, Any]]:
        """Each unknown key with its place and the nearest known one, or None where none is near."""
        verb, _, path = (operation or "").partition(" ")
        described = self._paths.get(path, {}).get(verb.lower(), {}).get("requestBody", {}).get("content", {})
        if JSON not in described:
            return []
        try:
            sent = json.loads(body)
        except (ValueError, RecursionError):
            return []
        return list(islice(self._find(sent, described[JSON]["schema"], place=""), MAX_FOUND))

    def _find(self, sent: Any, schema: Schema, *, place: str) -> Iterator[dict[str, Any]]:
        schema = self._resolved(schema)
        if isinstance(sent, list) and "items" in schema:
            for number, item in enumerate(sent):
                yield from self._find(item, schema["items"], place=f"{place}/{number}")
        known = schema.get("properties")
        if not isinstance(sent, dict) or known is None:
            return
        for key, value in sent.items():
            if key in known:
                yield from self._find(value, known[key], place=f"{place}/{key}")
            else:
                nearest = get_close_matches(key[:MAX_LENGTH], known, n=1)
                shown = key[:MAX_LENGTH].encode("utf-8", "backslashreplace").decode()
                yield {"place": f"{place}/{shown}", "nearest": nearest[0] if nearest else None}

    def _resolved(self, schema: Schema) -> Schema:
        """The component that a schema stands for, by itself or as its only part."""
        only = schema["allOf"][0] if len(schema.get("allOf", ())) == 1 else schema
        found: Schema = self._schemas[only["$ref"].rpartition("/")[2]] if "$ref" in only else only
        return found
