"""Fingerprints of an OpenAPI document's structure: what is left without prose, examples, links and order of sets.

`python -m tests.fingerprints DOCUMENT` writes axle-1.4.6.fingerprints.json from the vendor's document.
"""

import json
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "contracts" / "axle-1.4.6.fingerprints.json"

PROSE = frozenset({"title", "description", "summary", "example", "examples", "links", "externalDocs"})
SETS = frozenset({"required", "enum", "tags", "type", "anyOf", "allOf", "oneOf", "parameters", "security"})
NAMED = frozenset({"properties", "schemas", "patternProperties", "responses"})
"""Keys whose members are called by names of the API, which must not be taken for prose."""


def canonical(node: Any, *, key: str = "") -> Any:
    """The structure in the one form that equal structures share."""
    if isinstance(node, Mapping):
        kept = node if key in NAMED else {k: v for k, v in node.items() if not _says_nothing(k, v)}
        reduced = {k: canonical(v, key="" if key in NAMED else k) for k, v in kept.items()}
        if "const" in reduced:
            reduced["enum"] = [reduced.pop("const")]
        only = reduced.get("allOf")
        return only[0] if only is not None and len(reduced) == len(only) == 1 else reduced
    if isinstance(node, list):
        items = [canonical(item) for item in node]
        return sorted(items, key=_text) if key in SETS else items
    return int(node) if isinstance(node, float) and node.is_integer() else node


def fingerprint(node: Any) -> str:
    """SHA-256 of the canonical structure."""
    return sha256(_text(canonical(node)).encode()).hexdigest()


def fingerprints(document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Per operation (`GET /path`) and per component of a document."""
    return {
        "operations": {
            f"{verb.upper()} {path}": fingerprint(operation)
            for path, verbs in document["paths"].items()
            for verb, operation in verbs.items()
        },
        "components": {name: fingerprint(schema) for name, schema in document["components"]["schemas"].items()},
    }


def _says_nothing(key: str, value: Any) -> bool:
    return key in PROSE or key.startswith("x-") or (key, value) in (("required", False), ("default", None))


def _text(node: Any) -> str:
    return json.dumps(node, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def main(source: Path) -> None:
    made = fingerprints(json.loads(source.read_text(encoding="utf-8")))
    TARGET.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{TARGET}: {len(made['operations'])} operations, {len(made['components'])} components")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
