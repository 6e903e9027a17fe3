"""Hooks that Schemathesis loads: a token that renews itself, values that fit the rules, and how answers are read."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import schemathesis

from mockaxle.client.client import Bounds, Client
from mockaxle.client.log_in import log_in
from mockaxle.harness import lifeline, strategies
from mockaxle.harness.answer_limits import bound_all_reading
from mockaxle.harness.as_documented import with_offsets, without_nulls
from mockaxle.harness.schemathesis_progress import OPERATION_FILE

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
    """Say which operation is called. If nothing may be changed, refuse to send calls that could.

    Raises: PermissionError.
    """
    operation = f"{case.method} {case.path}"
    with suppress(OSError):  # the parent may have removed the folder
        Path(os.environ[FOLDER], OPERATION_FILE).write_text(operation, encoding="utf-8")
    harmless = os.environ.get(HARMLESS)
    if harmless and case.method != "GET" and operation not in harmless.split(","):
        raise PermissionError(f"{operation} may change something")


@schemathesis.hook
def after_call(context: schemathesis.HookContext, case: Case, response: schemathesis.Response) -> None:
    """Read local times as the document means them, and nulls of the wire style as absent fields. Source: G8, G9, C4."""
    if response.status_code >= 300:
        return
    try:
        body = json.loads(response.content)
    except ValueError:
        return
    read = with_offsets(body)
    if os.environ.get(STYLE) == "wire" and not case.path.endswith(MAY_BE_NULL):
        read = without_nulls(read)
    if read != body:
        response.content = json.dumps(read).encode()
