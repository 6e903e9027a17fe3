"""Rewrites answers as the document means them, for a validator that takes it literally. Source: G9, C4, C10."""

import re

from mockaxle.harness.json_values import Json

LOCAL_TIMES = ("ready_by_local_time", "tariff_cheap_start_time", "tariff_cheap_end_time")
LOCAL_TIME = re.compile(r"\d\d:\d\d:\d\d(\.\d+)?")


def with_offsets(value: Json) -> Json:
    """Add an offset to local times: JSON Schema's format `time` has one, a local time has none."""
    if isinstance(value, list):
        return [with_offsets(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {name: _with_offset(inner) if name in LOCAL_TIMES else with_offsets(inner) for name, inner in value.items()}


def _with_offset(value: Json) -> Json:
    return f"{value}Z" if isinstance(value, str) and LOCAL_TIME.fullmatch(value) else value


def without_nulls(value: Json) -> Json:
    """Remove nulls, which mean absent fields in wire style."""
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value
