"""One case of a statement, as seen in an answer."""

from typing import NamedTuple

from mockaxle.harness.json_values import Json


class Checked(NamedTuple):
    """Shape: `of` is the statement's id; the title does not depend on values, so that a fault is reported once."""

    of: str
    holds: bool
    title: str
    expected: str


def equal(of: str, found: Json, *, expected: Json, title: str) -> Checked:
    return Checked(of, found == expected, title, f"{expected!r}")
