"""Values for the document's schemas, mostly valid and sometimes not, drawn from a random generator."""

from collections.abc import Mapping
from random import Random
from typing import Any

from mockaxle.contract.document import load_contract

SCHEMAS = load_contract().document["components"]["schemas"]
INSTANTS = ["2026-01-20T22:00:00Z", "2026-01-21T06:00:00+00:00", "2026-06-27 01:30+01:00", "9999-12-31T23:59:59Z"]
INSTANTS += ["soon"]
WRONG: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    1e308,
    "",
    "x",
    "\u017f\u0000é🚗",
    [],
    {},
    [[]],
    {"a": None},
    "9" * 300,
    10**30,
]
WORDS = ["1000000000012", "1200000000020", "1234567890123", "M1 1AE", "SW1A 1AA", "wallbox-7", "zappi", "pot", "a@b.c"]
WORDS += ["23:30-05:30", "Europe/London", "UTC", "https://app.example", "javascript:alert(1)", *INSTANTS]


class Draw:
    """Draws bodies, paths and queries; `ids` are such as exist."""

    def __init__(self, seed: int, ids: Mapping[str, list[str]], *, wrong: float = 0.04) -> None:
        self._random = Random(seed)
        self._ids = ids
        self._wrong = wrong

    def chance(self, share: float) -> bool:
        return self._random.random() < share

    def any_of(self, values: Any) -> Any:
        return self._random.choice(values)

    def text(self, name: str) -> str:
        known = self._ids.get(name)
        return str(self.any_of(known)) if known and not self.chance(0.2) else str(self.any_of(WORDS))

    def value(self, schema: Mapping[str, Any], name: str = "") -> Any:
        if self.chance(self._wrong):
            return self.any_of(WRONG)
        if "$ref" in schema:
            return self.value(SCHEMAS[schema["$ref"].rpartition("/")[2]], name)
        if "allOf" in schema:
            return self.value(schema["allOf"][0], name)
        if "enum" in schema:
            return self.any_of(schema["enum"])
        return self._of_type(schema, name)

    def _of_type(self, schema: Mapping[str, Any], name: str) -> Any:
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            return [self.value(schema["items"], name) for _ in range(self.any_of([0, 1, 1, 2]))]
        if kind == "boolean":
            return self.chance(0.5)
        if kind == "integer":
            return self.any_of([0, 1, 2, 5000, 5001])
        if kind == "number":
            return self.any_of([0, 1, 3.7, 7.4, 30, 99.5, 1e6])
        formats = {"date-time": INSTANTS, "date": ["2025-11-03"], "time": ["07:00:00", "23:30"]}
        return self.any_of(formats[schema["format"]]) if schema.get("format") in formats else self.text(name)

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        required = schema.get("required", ())
        fields = schema.get("properties", {}).items()
        made = {n: self.value(s, n) for n, s in fields if self.chance(0.98 if n in required else 0.6)}
        return {**made, "surprise": 1} if self.chance(0.05) else made
