"""Profiles: the document reduced to the operations of one product."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from mockaxle.contract.data import data_file
from mockaxle.contract.document import load_contract

_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')


@cache
def profiles() -> Mapping[str, Any]:
    """Return each profile's description and operations, by name."""
    return tomllib.loads(data_file("contracts", "profiles.toml").read_text(encoding="utf-8"))


def profile(name: str) -> dict[str, Any]:
    """Return the document of a profile. Raises: KeyError."""
    found = profiles()[name]
    document = load_contract().document
    info = {**document["info"], "title": f"{document['info']['title']}: {name}", "description": found["about"]}
    return {**cut(document, found["operations"]), "info": info}


def spelt(document: Mapping[str, Any]) -> str:
    """Write a document as a file of contracts/."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def cut(document: Mapping[str, Any], operations: Sequence[str]) -> dict[str, Any]:
    """Reduce the document to operations, their components and the links among them."""
    paths: dict[str, dict[str, Any]] = {}
    for path, verbs in document["paths"].items():
        kept = {verb: body for verb, body in verbs.items() if f"{verb.upper()} {path}" in operations}
        if kept:
            paths[path] = kept
    ids = {body["operationId"] for verbs in paths.values() for body in verbs.values()}
    paths = {path: {verb: _linked_to(body, ids) for verb, body in verbs.items()} for path, verbs in paths.items()}
    schemas = document["components"]["schemas"]
    used = _reachable(json.dumps(paths), schemas)
    components = {**document["components"], "schemas": {name: schemas[name] for name in schemas if name in used}}
    return {**document, "paths": paths, "components": components}


def selected(keys: Sequence[str], *, patterns: Sequence[str], excluded: Sequence[str]) -> list[str]:
    """Return the operations that match one of the patterns, or any if there are none, and none of those excluded.

    Shape: keys as `GET /entities/site`; `*` in a pattern matches any text. Raises: ValueError with a pattern that
    matches nothing.
    """
    for pattern in (*patterns, *excluded):
        if not any(fnmatchcase(key, pattern) for key in keys):
            raise ValueError(pattern)
    wanted = [key for key in keys if not patterns or any(fnmatchcase(key, one) for one in patterns)]
    return [key for key in wanted if not any(fnmatchcase(key, one) for one in excluded)]


def _linked_to(operation: Mapping[str, Any], ids: set[str]) -> dict[str, Any]:
    responses = {}
    for status, response in operation["responses"].items():
        links = {name: link for name, link in response.get("links", {}).items() if link["operationId"] in ids}
        unlinked = {name: value for name, value in response.items() if name != "links"}
        responses[status] = {**unlinked, "links": links} if links else unlinked
    return {**operation, "responses": responses}


def _reachable(text: str, schemas: Mapping[str, Any]) -> set[str]:
    """Find the components that a text refers to, directly or through others."""
    found: set[str] = set()
    names = _REFERENCE.findall(text)
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += _REFERENCE.findall(json.dumps(schemas[name]))
    return found
