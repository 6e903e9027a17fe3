"""Hooks that Schemathesis loads: a token that renews itself, values that fit the rules, and nulls of the wire style."""

import json
import os
from pathlib import Path
from typing import Any, TypeAlias

import schemathesis

from mockaxle.client.client import Bounds, Client
from mockaxle.client.log_in import log_in
from mockaxle.harness import lifeline, strategies
from mockaxle.harness.reading import bound_all_reading

__all__ = ["BearerAuth", "strategies"]

URL, USERNAME, PASSWORD = "MOCKAXLE_CHECK_URL", "MOCKAXLE_CHECK_USERNAME", "MOCKAXLE_CHECK_PASSWORD"
STYLE, HARMLESS = "MOCKAXLE_CHECK_STYLE", "MOCKAXLE_CHECK_HARMLESS"
FOLDER = "MOCKAXLE_CHECK_FOLDER"
RENEWED_AFTER_SECONDS = 1800
PATIENCE_SECONDS = 10
MAY_BE_NULL = ("/price-curve", "/vpp/home-assistant/event")

Case: TypeAlias = "schemathesis.Case[Any]"

if FOLDER in os.environ:
    lifeline.follow(Path(os.environ[FOLDER]))
    bound_all_reading()


@schemathesis.auth(refresh_interval=RENEWED_AFTER_SECONDS)
class BearerAuth:
    """Logs in when Schemathesis asks for a token."""

    def get(self, case: Case, context: schemathesis.AuthContext) -> str:
        with Client(os.environ[URL]) as client:
            return log_in(client, os.environ[USERNAME], password=os.environ[PASSWORD], within=Bounds(PATIENCE_SECONDS))

    def set(self, case: Case, data: str, context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: Case, kwargs: object) -> None:
    """If nothing may be changed, refuse to send calls that could. Raises: PermissionError."""
    harmless = os.environ.get(HARMLESS)
    if harmless and case.method != "GET" and f"{case.method} {case.path}" not in harmless.split(","):
        raise PermissionError(f"{case.method} {case.path} may change something")


@schemathesis.hook
def after_call(context: schemathesis.HookContext, case: Case, response: schemathesis.Response) -> None:
    """Remove nulls, which mean absent fields in wire style. Source: G8, G9."""
    if os.environ.get(STYLE) == "wire" and response.status_code < 300 and not case.path.endswith(MAY_BE_NULL):
        try:
            body = json.loads(response.content)
        except ValueError:
            return
        response.content = json.dumps(_without_nulls(body)).encode()


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value
