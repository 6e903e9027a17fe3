"""The versions that determine answers, as each row names them, and which of two are the newer ones."""

import re
from typing import Any


def is_newer(made_with: str, than: str) -> bool:
    """Tell whether versions are newer than others: by those of mockaxle and of its packages, numerically.

    Two checkouts of one version have no order of their own; by their digests, exactly one of them is the newer one.
    """
    return _order(made_with) > _order(than)


def _order(made_with: str) -> list[Any]:
    named = [tuple(one.split(" ", 1)) for one in made_with.split(", ") if " " in one]
    return [_order_of_version(value) for _, value in named]


def _order_of_version(value: str) -> tuple[list[int], bool, str]:
    return [int(number) for number in re.findall(r"\d+", value.partition("dev")[0])], "dev" not in value, value
