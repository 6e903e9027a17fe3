"""Tells somebody who misspelt a name what they may have meant."""

from collections.abc import Sequence
from difflib import get_close_matches

MAX_LENGTH = 100


def nearest(text: str, known: Sequence[str], *, what: str) -> str:
    """That there is no such thing, and the nearest that there is."""
    found = get_close_matches(text[:MAX_LENGTH], known, n=1, cutoff=0.5)
    advice = f"; did you mean {found[0]!r}?" if found else ""
    return f"there is no {what} {text[:MAX_LENGTH]!r}{advice}"
