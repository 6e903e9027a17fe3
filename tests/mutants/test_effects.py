"""Every fault of a proxy has an effect; one of a known kind has the effect of its kind."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from mockaxle.contract.document import load_contract
from mockaxle.core.timestamps import read_timestamp
from tests.mutants.all_planted import FAULTS
from tests.mutants.caller import Caller, Done
from tests.mutants.calls import GROUPS, Group, make_calls
from tests.mutants.checking import fresh_app
from tests.mutants.generated import EACH, WAYS, holders
from tests.mutants.planting import Fault
from tests.mutants.proxy import Call, Fired, Mock, Proxy, Reply

PROXIED = [fault for fault in FAULTS.values() if fault.answer is not None]
TIMES = 7
"""How often a call is repeated, so that what happens once in ten times happens once."""

DOCUMENT = load_contract().document
FORMATS = FormatChecker()
FORMATS.checks("date-time")(lambda text: not isinstance(text, str) or read_timestamp(text) is not None)


async def nothing(call: Call, mock: Mock) -> Reply:
    return await mock(call)


def call_groups(proxy: Proxy, groups: tuple[Group, ...] = GROUPS, *, times: int = 1) -> None:
    """Make the calls until the fault has fired."""

    async def calling() -> None:
        await make_calls(Caller(proxy, lambda: bool(proxy.fired), times), groups)

    try:
        asyncio.run(calling())
    except Done:
        assert proxy.fired


@cache
def counted_calls() -> Mapping[Group, Counter[str]]:
    """Return how often each group calls each operation."""
    counts: dict[Group, Counter[str]] = {}
    for group in GROUPS:
        called = counts[group] = Counter()

        async def counting(call: Call, mock: Mock, called: Counter[str] = called) -> Reply:
            called[call.operation] += 1
            return await mock(call)

        call_groups(Proxy(fresh_app(), counting), (group,))
    return counts


def fired(fault: Fault) -> Fired:
    """Return the first call that the fault has changed. The groups most about its operations come first.

    The last group stays the last, since it lets the tokens expire.
    """
    assert fault.answer is not None
    proxy = Proxy(fresh_app(), fault.answer, fault.of)
    counts = counted_calls()
    order = sorted(GROUPS[:-1], key=lambda group: -sum(counts[group][one] for one in fault.of))
    call_groups(proxy, (*order, GROUPS[-1]), times=TIMES if "sometimes" in fault.name else 1)
    assert proxy.fired, "it has no effect"
    return proxy.fired[0]


def faults_in(call: Call, reply: Reply) -> list[str]:
    """Return what the document does not allow in an answer."""
    verb, _, path = call.operation.partition(" ")
    described = DOCUMENT["paths"][path][verb.lower()]["responses"].get(str(reply.status), {})
    schema = described.get("content", {}).get("application/json", {}).get("schema", {})
    checker = Draft202012Validator({**schema, "components": DOCUMENT["components"]}, format_checker=FORMATS)
    return [error.message for error in checker.iter_errors(reply.json)]


def test_a_proxy_without_a_fault_changes_nothing() -> None:
    proxy = Proxy(fresh_app(), nothing)
    call_groups(proxy)
    assert proxy.fired == []


@pytest.mark.parametrize("fault", PROXIED, ids=lambda fault: fault.name)
def test_a_fault_has_an_effect(fault: Fault) -> None:
    shown = fired(fault)
    call, healthy, given, _ = shown
    if fault.effect is not None:
        assert fault.effect(shown)
    elif fault.kind in WAYS:
        assert healthy is not None
        assert not faults_in(call, healthy)
        assert faults_in(call, given)
    elif fault.kind in ("stale", "another's", "sometimes another's"):
        assert healthy is not None
        assert healthy.json != given.json
        assert not faults_in(call, given)
    elif fault.kind in ("other status", "accepted"):
        assert healthy is not None
        assert (healthy.status, given.is_good) == (404, fault.kind == "accepted")


def test_the_fields_of_a_path_are_found() -> None:
    said: Any = {"sites": [{"id": "a", "tariff": {"type": 1}}, {"id": "b"}]}
    assert [one["id"] for one in holders(said, ("sites", EACH, "id"))] == ["a", "b"]
    assert list(holders(said, ("sites", EACH, "tariff", "type"))) == [{"type": 1}]
    assert list(holders([{"ref": 1}], (EACH, "ref"))) == [{"ref": 1}]
    assert list(holders(None, ("id",))) == []
