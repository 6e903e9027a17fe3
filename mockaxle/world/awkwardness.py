"""Awkward answers, as a test sets them for a world. Source: T4."""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class Awkward(StrEnum):
    """The ways in which a valid answer can differ from what clients are used to."""

    ABSENT = "absent"
    NULL = "null"
    EXTRA = "extra"
    LONG = "long"
    EMPTY_PAGE = "empty_page"
    FULL_PAGE = "full_page"
    DATETIMES = "datetimes"
    REORDERED = "reordered"
    UNKNOWN_ENUM = "unknown_enum"


WITHIN_CONTRACT = tuple(kind for kind in Awkward if kind is not Awkward.UNKNOWN_ENUM)


class Awkwardness(NamedTuple):
    """Shape: kinds in the enum's order, empty if answers are ordinary; `answered` counts the answers so far.

    With beyond_contract an answer may also break a rule that the document does not state (H2).
    """

    kinds: tuple[Awkward, ...] = ()
    probability: Decimal = Decimal(1)
    answered: int = 0
    beyond_contract: bool = False


NOT_AWKWARD = Awkwardness()
