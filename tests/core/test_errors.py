"""The tree of refusals: every leaf speaks, and has one status."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from mockaxle.core import errors
from mockaxle.core.errors import FieldFault, Refusal
from mockaxle.server.refusals import STATUS

DATA: dict[str, Any] = {
    "faults": (FieldFault(("body",), "field required", "value_error.missing"),),
    "limit_bytes": 3,
    "allowed": ("GET",),
    "issues": ("x",),
    "types": ("charger",),
}


def leaves(root: type[Refusal]) -> Iterator[type[Refusal]]:
    children = root.__subclasses__()
    if not children or root is errors.Malformed:
        yield root
    for child in children:
        yield from leaves(child)


def example(leaf: type[Refusal]) -> Refusal:
    names: list[str] = [field.name for field in fields(leaf)] if is_dataclass(leaf) else []
    return leaf(**{name: DATA.get(name, "thing") for name in names})


@pytest.mark.parametrize("leaf", [*leaves(Refusal)], ids=lambda leaf: leaf.__name__)
def test_every_leaf_says_what_is_wrong_and_what_would_have_worked(leaf: type[Refusal]) -> None:
    refusal = example(leaf)
    assert refusal.text
    assert refusal.remedy.endswith((".", "+00:00."))
    assert not set("\n{}") & set(refusal.text + refusal.remedy)


def test_the_error_table_is_total() -> None:
    assert set(STATUS) == set(leaves(Refusal))


def test_the_drawing_names_every_leaf() -> None:
    drawn = errors.__doc__ or ""
    assert [leaf.__name__ for leaf in leaves(Refusal) if leaf.__name__ not in drawn] == []
