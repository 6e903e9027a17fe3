"""A run as one self-contained page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockaxle.ledger import load_ledger

PAGE = Path(__file__).with_name("page.html")


def write_html(outcome: Mapping[str, Any]) -> bytes:
    """Everything that a server said is escaped."""
    from jinja2 import Environment

    template = Environment(autoescape=True, trim_blocks=True).from_string(PAGE.read_text(encoding="utf-8"))
    statements = {id: rule.statement for id, rule in load_ledger().items()}
    return template.render(run=outcome, statements=statements).encode("utf-8", "backslashreplace")
