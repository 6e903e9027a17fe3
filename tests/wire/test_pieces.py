"""Large bodies: read as small ones are, with the same errors, and with few of them at a time."""

import json
from time import thread_time
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mockaxle.core.limits import MAX_FAULTS
from mockaxle.wire.pieces import UNSENT, read_large
from mockaxle.wire.shape import Component, Instant, Optional, Unique, at_most


class Item(Component):
    name: str
    sent_at: Optional[Instant] = None


class Crate(Component):
    first: Item
    items: list[Item]
    few: Annotated[list[Item], at_most(2)]
    labels: Annotated[list[str], Unique]
    more: Optional[list[Item]] = None


VALUES: st.SearchStrategy[Any] = st.sampled_from([1, "a", None, [], {}, "2026-01-20T12:00:00Z"])
ITEMS = st.dictionaries(st.sampled_from(["name", "sent_at", "other"]), VALUES) | VALUES | st.just({"name": "a"})
LISTS = st.lists(ITEMS, max_size=3) | st.just([{"name": "a"}]) | VALUES
CRATES = st.fixed_dictionaries({}, optional=dict.fromkeys((*Crate.model_fields, "other"), LISTS | ITEMS))


def outcome(read: Any, body: bytes, **how: Any) -> Any:
    """The component's fields, or the errors, without the values that errors quote."""
    try:
        return Crate.model_construct(**vars(read(body, **how))).model_dump(warnings=False)
    except ValidationError as error:
        return [
            ("missing" if one["input"] is UNSENT else one["type"], one["loc"])
            for one in error.errors(include_url=False)
        ]


@given(CRATES, st.booleans(), st.sampled_from([None, "forbid"]))
def test_a_large_body_is_read_as_a_small_one(crate: Any, strict: bool, extra: Any) -> None:
    body = json.dumps(crate).encode()
    how = {"strict": strict, "extra": extra}
    expected = outcome(Crate.model_validate_json, body, **how)
    assert outcome(lambda body, **how: read_large(Crate, body, **how), body, **how) == expected


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b'{"items": [1]} x'])
def test_what_is_no_object_is_refused_alike(body: bytes) -> None:
    assert outcome(lambda body: read_large(Crate, body, strict=True), body) == outcome(
        lambda body: Crate.model_validate_json(body, strict=True), body
    )


def test_a_multitude_of_errors_is_not_read_to_its_end() -> None:
    few, many = (json.dumps({"items": [{}] * count}).encode() for count in (2 * MAX_FAULTS, 40 * MAX_FAULTS))
    seconds = []
    for body in (few, many):
        began = thread_time()
        with pytest.raises(ValidationError) as refused:
            read_large(Crate, body, strict=True)
        seconds.append(thread_time() - began)
        assert MAX_FAULTS < refused.value.error_count() < MAX_FAULTS + 10
    assert seconds[1] < 20 * seconds[0]
