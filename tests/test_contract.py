"""The document that is served has the vendor's structure, and nothing of the vendor's besides."""

import importlib
import inspect
import json
import pkgutil
import re
from difflib import unified_diff
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

import mockaxle.wire
from mockaxle.contract.data import data_file
from mockaxle.contract.document import load_contract
from mockaxle.server.surface import HANDLERS, Surface
from mockaxle.wire.shape import Component, ContractSchema
from tests.fingerprints import canonical, fingerprint, fingerprints

DOCUMENT: dict[str, Any] = dict(load_contract().document)
VENDORS = json.loads(data_file("contracts", "axle-1.4.6.fingerprints.json").read_text(encoding="utf-8"))
STRUCTURE = Path(__file__).parents[2] / "shared" / "contract" / "axle-1.4.6.structure.json"
OURS = fingerprints(DOCUMENT)


def observed(node: dict[str, Any]) -> bool:
    """Not in the vendor's document, but seen on the live service (G3, G4)."""
    return node.get("x-mockaxle-source") == "observed"


def operation(name: str) -> dict[str, Any]:
    verb, _, path = name.partition(" ")
    found: dict[str, Any] = DOCUMENT["paths"][path][verb.lower()]
    return found


OPERATIONS = [name for name in OURS["operations"] if not observed(operation(name))]
COMPONENTS = [name for name in OURS["components"] if not observed(DOCUMENT["components"]["schemas"][name])]


def wire_classes() -> dict[str, type]:
    modules = (importlib.import_module(m.name) for m in pkgutil.iter_modules(mockaxle.wire.__path__, "mockaxle.wire."))
    return {
        name: cls
        for module in modules
        for name, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, BaseModel | Enum) and cls not in (BaseModel, Component, StrEnum)
        if cls.__module__.startswith("mockaxle.wire.") or name in getattr(module, "__all__", ())
    }


WIRE = wire_classes()


def difference(kind: str, name: str, ours: Any) -> str:
    """What differs from the vendor's structure, where that is at hand."""
    if not STRUCTURE.exists():
        return "the vendor's structure is not at hand"
    vendors = json.loads(STRUCTURE.read_text(encoding="utf-8"))
    verb, _, path = name.partition(" ")
    theirs = vendors["paths"][path][verb.lower()] if kind == "operations" else vendors["components"]["schemas"][name]
    before, after = (json.dumps(canonical(node), indent=1, sort_keys=True).splitlines() for node in (theirs, ours))
    return "\n".join(unified_diff(before, after, "vendor", "ours", lineterm=""))


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_the_vendors_fingerprint(name: str) -> None:
    assert OURS["operations"][name] == VENDORS["operations"][name], difference("operations", name, operation(name))


@pytest.mark.rule("G1", "G4")
def test_nothing_of_the_vendors_document_is_missing() -> None:
    assert set(OPERATIONS) == set(VENDORS["operations"])
    assert set(COMPONENTS) == set(VENDORS["components"])
    others = {"GET /entities/asset/{asset_id}/todays-dispatch-schedule", "GET /vpp/home-assistant/event"}
    assert set(OURS["operations"]) - set(OPERATIONS) == others


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_has_the_vendors_fingerprint(name: str) -> None:
    ours = DOCUMENT["components"]["schemas"][name]
    assert OURS["components"][name] == VENDORS["components"][name], difference("components", name, ours)


@pytest.mark.parametrize("name", WIRE)
def test_a_wire_class_yields_the_component_of_its_name(name: str) -> None:
    schema = TypeAdapter(WIRE[name]).json_schema(
        ref_template="#/components/schemas/{model}", schema_generator=ContractSchema
    )
    schema.pop("$defs", None)
    assert fingerprint(schema) == OURS["components"][name], schema


def test_every_component_used_is_described_and_every_one_described_is_used() -> None:
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(DOCUMENT)))
    assert used == set(DOCUMENT["components"]["schemas"])


def test_every_operation_has_a_summary_and_one_sentence() -> None:
    for verbs in DOCUMENT["paths"].values():
        for one in verbs.values():
            assert one["summary"]
            assert re.fullmatch(r"[^.]+(\.[^ .]+)*[^.]*\.", one["description"])


@pytest.mark.parametrize("document", [DOCUMENT])
def test_the_document_is_open_api_3_1_served_at_slash(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/"}]


@pytest.mark.rule("G2")
def test_the_version_is_the_vendors_and_nothing_reads_it() -> None:
    assert DOCUMENT["info"]["version"] == "1.4.6"
    package = Path(mockaxle.wire.__path__[0]).parent
    assert not [file for file in package.rglob("*.py") if '"1.4.6"' in file.read_text(encoding="utf-8")]


def test_an_operation_without_a_handler_fails_at_start() -> None:
    with pytest.raises(ValueError, match=r"operations without a handler: \['GET /auth/users/me/'\]"):
        Surface(load_contract(), [handler for handler in HANDLERS if handler.key != "GET /auth/users/me/"])


def test_a_handler_without_an_operation_fails_at_start() -> None:
    contract = load_contract()
    del contract.document["paths"]["/auth/users/me/"]
    with pytest.raises(ValueError, match=r"handlers without an operation: \['GET /auth/users/me/'\]"):
        Surface(contract)


def test_no_host_of_the_vendor_occurs_in_anything_served_or_shipped_but_where_it_is_refused() -> None:
    root = Path(__file__).parent.parent
    shipped = [
        f for d in ("mockaxle", "contracts", "fixtures", "examples") for f in (root / d).rglob("*") if f.is_file()
    ]
    texts = {file: file.read_bytes() for file in shipped if file.suffix not in {".pyc"}}
    refusing = {
        root / "mockaxle" / file for file in ("deliveries/targets.py", "harness/safety.py", "testing/plugin.py")
    }
    assert {file for file, text in texts.items() if b"axle.energy" in text} == {
        root / "mockaxle" / file for file in refusing
    }


def test_fingerprints_leave_prose_and_order_aside_but_keep_names_of_fields() -> None:
    one = {"properties": {"title": {"type": "string", "title": "T"}}, "required": ["b", "a"], "description": "x"}
    other = {"required": ["a", "b"], "properties": {"title": {"type": "string"}}}
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint({"required": ["a", "b"], "properties": {}})


def test_every_link_leads_to_an_operation_and_names_its_parameters() -> None:
    parameters = {
        one["operationId"]: {p["name"] for p in one.get("parameters", ()) if p["in"] == "path"}
        for verbs in DOCUMENT["paths"].values()
        for one in verbs.values()
    }
    links = [
        link
        for verbs in DOCUMENT["paths"].values()
        for one in verbs.values()
        for response in one["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert len(links) > 50
    for link in links:
        assert set(link.get("parameters", ())) <= parameters[link["operationId"]]
