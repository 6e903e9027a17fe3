"""Refusals, and the bodies of errors."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

CHALLENGE = {"WWW-Authenticate": "Bearer"}


class Refusal(Exception):
    """Shape: says is the detail of the answer; with a loc it is the message of its only item. Source: E1, E2."""

    def __init__(self, status: int, says: str | list[str], *, loc: Sequence[str | int] = ()) -> None:
        super().__init__(says)
        self.status = status
        self.says = says
        self.loc = loc


async def answer_refusal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    detail = [{"loc": error.loc, "msg": error.says, "type": "value_error"}] if error.loc else error.says
    return JSONResponse({"detail": detail}, error.status, CHALLENGE if error.status == 401 else None)


async def answer_malformed(request: Request, error: Exception) -> JSONResponse:
    """Answer the documented three fields of each item. Source: E1, E5."""
    assert isinstance(error, RequestValidationError)
    return JSONResponse({"detail": [_item(one) for one in error.errors()]}, 422)


async def answer_unreadable(request: Request, error: Exception) -> JSONResponse:
    """Answer as the framework does, except that a body that cannot be read is malformed, not 400. Source: E5."""
    assert isinstance(error, HTTPException)
    if error.status_code == 400 and isinstance(error.__cause__, ValueError | RecursionError):
        item = {"loc": ["body"], "msg": "JSON decode error", "type": "json_invalid"}
        return JSONResponse({"detail": [item]}, 422)
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


def _item(error: Any) -> dict[str, Any]:
    if error["type"] == "missing":
        return {"loc": error["loc"], "msg": "field required", "type": "value_error.missing"}
    return {"loc": error["loc"], "msg": error["msg"].removeprefix("Value error, "), "type": error["type"]}
