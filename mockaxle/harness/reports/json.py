"""Writes a run as JSON, which `--baseline` reads."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockaxle.harness.outcome import CheckResult


def write_json(result: "CheckResult") -> bytes:
    """Write the fields of the result in order, without those that are None, then derived values."""
    fields = {name: value for name, value in asdict(result).items() if value is not None}
    derived: dict[str, object] = {"parts": [asdict(part) for part in result.parts]}
    derived |= {"green": result.is_clean, "why_not": result.why_not, "counted": result.counted}
    return json.dumps({**fields, **derived}, indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
