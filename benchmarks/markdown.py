"""Paragraphs and tables in Markdown."""

import textwrap
from collections.abc import Sequence

WIDTH = 120


def paragraph(text: str) -> str:
    """Wrap a text. Code and figures stay as they are written."""
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
