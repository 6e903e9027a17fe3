"""Reads the bodies and queries of control's calls, and refuses wrong ones."""

from typing import TypeVar

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mockaxle.control.access import ControlBodyTooDense, ControlBodyTooLong
from mockaxle.core.limits import MAX_CONTROL_VALUES

T = TypeVar("T")


async def read_body(request: Request, limit: int, *, option: str = "") -> bytes:
    """Raises: ControlBodyTooLong, which names the limit and the option that sets it. Units: limit in bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise ControlBodyTooLong(limit, option)
    return bytes(body)


def check_values(body: bytes) -> None:
    """Raises: ControlBodyTooDense. Brackets and commas count as values, also within strings."""
    if len(body) > MAX_CONTROL_VALUES and sum(map(body.count, (b"[", b"{", b","))) > MAX_CONTROL_VALUES:
        raise ControlBodyTooDense()


def read(body: bytes, adapter: TypeAdapter[T]) -> T:
    """Read a body; an empty one is an empty object. Raises: ValidationError, also for invalid JSON."""
    return adapter.validate_json(body or b"{}")


def read_query(request: Request, model: type[T]) -> T:
    """Read a query. Raises: ValidationError."""
    return TypeAdapter(model).validate_python(dict(request.query_params))


def refused(status: int, text: str, *, retry_after_seconds: int = 0) -> Response:
    headers = {"Retry-After": str(retry_after_seconds)} if retry_after_seconds else None
    return JSONResponse({"detail": text}, status_code=status, headers=headers)
