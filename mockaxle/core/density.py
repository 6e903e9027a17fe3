"""Tells whether a JSON text has too many values, by counting brackets and commas, before it is read."""

from mockaxle.core.limits import MAX_LISTS, MAX_OBJECTS, MAX_VALUES

TOO_DENSE = f"has more than {MAX_LISTS:,} lists, {MAX_OBJECTS:,} objects or {MAX_VALUES:,} values"


def is_dense(text: bytes) -> bool:
    """Tell whether a JSON text has too many values. Brackets and commas within its strings count, too."""
    return len(text) > MAX_LISTS and (
        text.count(b"[") > MAX_LISTS or text.count(b"{") > MAX_OBJECTS or text.count(b",") >= MAX_VALUES
    )
