"""Finds lines in long texts."""

STEP = 1 << 16


def start_of_line(text: bytes, line: int) -> int:
    """Return where a line starts. Shape: lines count from 1; beyond the last line it is the end of the text."""
    start, ends = 0, line - 1
    while ends and start < len(text):
        found = text.count(b"\n", start, start + STEP)
        if found >= ends:
            break
        start, ends = start + STEP, ends - found
    for _ in range(ends if start < len(text) else 0):
        start = text.index(b"\n", start) + 1
    return min(start, len(text))
