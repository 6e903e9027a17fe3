"""Compares values as the API means them: instants, postcodes, sets and absent fields."""

from datetime import MAXYEAR, MINYEAR, datetime, time

from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import CONSENTED

SETS = frozenset(("asset_ids", "dispatch_methods", "markets"))
INSTANTS = frozenset((CONSENTED, "ready_by", "start_timestamp", "end_timestamp"))


def same(name: str, one: Json, *, other: Json) -> bool:
    """Tell whether two values of a field are the same. Source: G10, U9, L13."""
    if name in SETS:
        return texts(one) == texts(other)
    if isinstance(one, dict) and isinstance(other, dict):
        keys = one.keys() | other.keys()
        return all(same(key, one.get(key), other=other.get(key)) for key in keys)
    if one is None or other is None or {type(one), type(other)} & {bool, list}:
        return one == other or (one in (None, {}) and other in (None, {}))
    if name == "postcode":
        return str(one).replace(" ", "").upper() == str(other).replace(" ", "").upper()
    if name in INSTANTS:
        return instant(one) == instant(other) is not None
    if name.endswith("_time"):
        return clock_time(one) == clock_time(other) is not None
    return one == other


def objects(value: Json) -> list[JsonObject]:
    """Return the objects of a list; anything else counts as an empty list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def unordered(value: Json) -> object:
    """Return a form of a value in which the order of lists does not count."""
    if isinstance(value, dict):
        return {name: unordered(inner) for name, inner in value.items()}
    return sorted((unordered(inner) for inner in value), key=str) if isinstance(value, list) else value


def instant(value: Json) -> datetime | None:
    """Return an instant with an offset, away from the ends of the calendar; anything else is None."""
    try:
        found = datetime.fromisoformat(str(value).upper())
    except ValueError:
        return None
    return found if found.tzinfo and MINYEAR < found.year < MAXYEAR else None


def clock_time(value: Json) -> time | None:
    """Return a local time; an offset, which JSON Schema's format `time` asks for, is left out."""
    try:
        return time.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        return None


def texts(value: Json) -> set[str]:
    """Return the items of a list as texts; anything else counts as an empty list."""
    return {str(one) for one in value} if isinstance(value, list) else set()
