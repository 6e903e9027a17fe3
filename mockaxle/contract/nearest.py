"""Suggests the known name nearest to a misspelt one."""

from collections.abc import Iterable
from difflib import get_close_matches

MAX_LENGTH = 100


def closest(text: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to a text, regardless of case; None if none is near."""
    names = {name.lower(): name for name in known}
    found = get_close_matches(text[:MAX_LENGTH].lower(), names, n=1)
    return names[found[0]] if found else None


def nearest(text: str, known: Iterable[str], *, what: str) -> str:
    """Say that there is no such thing, and suggest the nearest one."""
    found = closest(text, known)
    advice = f"; did you mean {found!r}?" if found else ""
    return f"there is no {what} {text[:MAX_LENGTH]!r}{advice}"
