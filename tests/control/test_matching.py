"""Matching of logged calls: an oracle that asks every call for every condition finds the same."""

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.control.matching import Condition, LoggedCalls
from mockaxle.world.entries import Exchange, Principal, Request, Response
from mockaxle.world.faults import path_fits
from tests.clocks import START

OPERATIONS = ("GET /entities/site", "POST /entities/site/onboard")
SCALARS = st.sampled_from([True, 1, 1.0, None, 10**20, 1e20])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner)
)
PATHS = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=3).map("/".join)
BODIES = st.just(b"") | st.just(b"{no") | VALUES.map(lambda value: json.dumps(value).encode())
CALLS = st.builds(
    lambda name, operation, path, body, status: Exchange(
        START, START, Principal("w", name, 1), operation, Request("POST", path, body=body), Response(status)
    ),
    st.sampled_from("xy"),
    st.sampled_from(OPERATIONS),
    PATHS,
    BODIES,
    st.sampled_from([200, 503]),
)
CONDITIONS = st.one_of(
    st.builds(Condition, st.just("operation"), st.sampled_from(OPERATIONS)),
    st.builds(Condition, st.just("path"), PATHS | st.lists(st.sampled_from(["a", "b", "ab", "/", "*"])).map("".join)),
    st.builds(Condition, st.just("account"), st.sampled_from("xyz")),
    st.builds(Condition, st.just("status"), st.sampled_from([200, 404])),
    st.builds(Condition, st.sampled_from(["", "/a", "/0", "/1", "/a/b", "/a/0"]), VALUES),
)


def equal(found: Any, expected: Any) -> bool:
    """Compares as JSON does."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(equal(found[key], expected[key]) for key in found)
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(equal, found, expected))
    return isinstance(found, bool) is isinstance(expected, bool) and bool(found == expected)


def is_met(call: Exchange, condition: Condition) -> bool:
    subject, expected = condition
    if subject == "path":
        return path_fits(call.request.path, expected)
    if subject in ("operation", "account", "status"):
        assert call.principal
        facts = {"operation": call.operation, "account": call.principal.username, "status": call.response.status}
        return bool(facts[subject] == expected)
    try:
        value = json.loads(call.request.body)
        for part in subject.split("/")[1:]:
            value = value[int(part)] if isinstance(value, list) else value[part]
    except (ValueError, LookupError, TypeError):
        return False
    return equal(value, expected) and (value is not None or subject != "")


@settings(max_examples=500)
@given(st.lists(CALLS, max_size=8), st.lists(st.lists(CONDITIONS, max_size=4), max_size=4))
def test_an_oracle_finds_the_same_calls_and_the_same_near_misses(calls: list[Exchange], expected: Any) -> None:
    numbered = dict(enumerate(calls, start=3))
    logged = LoggedCalls(numbered, expected=[one for conditions in expected for one in conditions])
    for conditions in expected:
        missed = {number: sum(not is_met(call, one) for one in conditions) for number, call in numbered.items()}
        assert logged.meeting(conditions) == [number for number, misses in missed.items() if not misses]
        near = [number for number, misses in missed.items() if 0 < misses < len(conditions)]
        found = list(logged.nearest(conditions))
        assert [number for number, _, _ in found] == sorted(near, key=lambda number: (missed[number], -number))
        assert [len(differs) for _, _, differs in found] == [missed[number] for number, _, _ in found]


def words(letters: str, longest: int) -> list[str]:
    return ["".join(word) for size in range(longest + 1) for word in product(letters, repeat=size)]


def test_a_pattern_finds_every_path_that_fits() -> None:
    paths = words("ab", 5)
    calls = [Exchange(START, START, None, None, Request("GET", path), Response(200)) for path in paths]
    expected = [Condition("path", pattern) for pattern in words("ab*", 4)]
    logged = LoggedCalls(dict(enumerate(calls)), expected=expected)
    for condition in expected:
        fitting = [number for number, path in enumerate(paths) if path_fits(path, condition.expected)]
        assert logged.meeting([condition]) == fitting


@pytest.mark.parametrize("depth", [100, 150])
def test_a_body_of_any_depth_is_compared(depth: int) -> None:
    nested = [json.loads("[" * size + "]" * size) for size in (depth, depth + 1, 900)]
    requests = [Request("POST", "/", body=json.dumps(one).encode()) for one in nested]
    calls = {n: Exchange(START, START, None, None, one, Response(200)) for n, one in enumerate(requests)}
    condition = Condition("", nested[0])
    assert LoggedCalls(calls, expected=[condition]).meeting([condition]) == [0]
