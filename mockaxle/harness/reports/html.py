"""Writes a run as one self-contained page."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockaxle.harness.outcome import CheckResult

PAGE = Path(__file__).with_name("page.html")


def write_html(result: "CheckResult") -> bytes:
    """Write the page. All texts of the server are escaped."""
    from jinja2 import Environment

    from mockaxle.harness.reproduction import variables

    template = Environment(autoescape=True, trim_blocks=True).from_string(PAGE.read_text(encoding="utf-8"))
    return template.render(run=result, variables=variables).encode("utf-8", "backslashreplace")
