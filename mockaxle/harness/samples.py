"""A valid request for each operation, from the examples of the document."""

from typing import Any, NamedTuple

from mockaxle.contract.document import FORM
from mockaxle.harness.json_values import Json
from mockaxle.harness.run import Run

QUERIES: dict[str, dict[str, str | int]] = {
    "address": {"address": "2 Mall Cottages, London, SW1A 1AA"},
    "postcode": {"postcode": "M1 1AE"},
    "redirect_uri": {"redirect_uri": "https://app.example"},
}
"""Values of the required parameters of queries."""


class Sample(NamedTuple):
    body: Json
    form: dict[str, str] | None
    query: dict[str, str | int]


def sample(run: Run, key: str) -> Sample:
    """Return the body, or the form, and the query of a valid request, with an MPAN that the run may use.

    Shape: key as `GET /entities/site`.
    """
    verb, _, path = key.partition(" ")
    described = run.contract.document["paths"][path][verb.lower()]
    content: dict[str, Any] = described.get("requestBody", {}).get("content", {})
    form = content.get(FORM, {}).get("example")
    named = [one["name"] for one in described.get("parameters", ()) if one["in"] == "query" and one.get("required")]
    query = {name: value for one in named for name, value in QUERIES.get(one, {}).items()}
    body: Json = content.get("application/json", {}).get("example")
    return Sample(_with_mpan(body, run.homes.listed[0]) if run.homes.listed else body, form, query)


def _with_mpan(body: Json, mpan: str) -> Json:
    """Replace the MPANs in a body."""
    if isinstance(body, dict):
        return {name: mpan if name == "mpan" else _with_mpan(inner, mpan) for name, inner in body.items()}
    return [_with_mpan(inner, mpan) for inner in body] if isinstance(body, list) else body
