"""Error bodies."""

from mockaxle.wire.shape import Component, Optional


class ValidationError(Component):
    loc: list[str | int]
    msg: str
    type: str


class HTTPValidationError(Component):
    detail: Optional[list[ValidationError]] = None
