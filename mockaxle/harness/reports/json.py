"""A run as JSON, which `--baseline` reads again."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockaxle.harness.outcome import CheckResult


def write_json(result: "CheckResult") -> bytes:
    """The fields of the result in their order without those that are None, then what follows from them."""
    fields = {name: value for name, value in asdict(result).items() if value is not None}
    derived = {"green": result.is_clean, "why_not": result.why_not, "counted": result.counted}
    return json.dumps({**fields, **derived}, indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
