"""A call as a suite made it."""

from collections.abc import Mapping
from typing import NamedTuple

from mockaxle.harness.json_values import Json, JsonObject


class MadeCall(NamedTuple):
    """Shape: ids are those of its path; is_full is true if the account has the rights of its organisation."""

    username: str
    operation: str
    ids: Mapping[str, str]
    query: Mapping[str, str | int]
    body: Json
    form: Mapping[str, str]
    is_full: bool = True

    def object_at(self, *keys: str) -> JsonObject:
        """Return an object of the body; anything else counts as an empty one."""
        found: Json = self.body
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}
