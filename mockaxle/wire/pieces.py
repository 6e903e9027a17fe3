"""Reads large bodies without holding the event loop for long. pydantic holds it while it reads, also in a thread.

It reads right bodies fast. For a wrong one it converts the value of each error, and the value of a missing field is all
that was sent in its place: that takes seconds. So a missing field gets a value of its own here, and the lists are read
up to the first wrong item. Only then they are read item by item, up to a number of errors.
"""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import FailFast, Field, GetCoreSchemaHandler, ValidationError, create_model
from pydantic.config import ExtraValues
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

from mockaxle.core.limits import MAX_FAULTS
from mockaxle.wire.shape import Component

Loc = tuple[int | str, ...]
UNSENT = object()
"""The value of a missing field in the errors of a large body."""


def read_large(model: type[Component], body: bytes, *, strict: bool, extra: ExtraValues | None = None) -> Component:
    """Read a large body. Raises: ValidationError, with a little more than MAX_FAULTS errors at most."""
    try:
        return _variant(model, stops=True).model_validate_json(body, strict=strict, extra=extra)
    except ValidationError as error:
        first = error
    if any(_list_of(error) for error in first.errors()):
        try:
            _variant(model, stops=False).model_validate_json(body, strict=strict, extra=extra)
        except ValidationError as error:
            raise ValidationError.from_exception_data(model.__name__, _joined(first, error)) from None
    raise first


def _joined(first: ValidationError, every: ValidationError) -> list[InitErrorDetails]:
    """Replace the errors of the first wrong item of each list by those of all its items."""
    items: dict[Loc, list[ErrorDetails]] = {}
    for error in every.errors(include_url=False):
        items.setdefault(_list_of(error), []).append(error)
    joined: list[ErrorDetails] = []
    for error in first.errors(include_url=False):
        joined += items.pop(_list_of(error), []) if _list_of(error) else [error]
    return list(map(_as_sent, joined))


def _list_of(error: ErrorDetails) -> Loc:
    """Return the place of the list whose item is wrong; empty if there is none."""
    return next((error["loc"][:at] for at, part in enumerate(error["loc"]) if isinstance(part, int)), ())


@cache
def _variant(model: type[Component], *, stops: bool) -> type[Component]:
    """Return a model that reads the same bodies. It stops at the first wrong item of a list, or reads item by item."""
    required = {name: field for name, field in model.model_fields.items() if field.is_required()}
    fields: Any = {
        name: (_annotated(field, stops=stops), Field(UNSENT, validate_default=True)) for name, field in required.items()
    }
    made: type[Component] = create_model(model.__name__, __base__=model, **fields)
    return made


def _annotated(field: FieldInfo, *, stops: bool) -> Any:
    annotation: Any = field.annotation
    metadata = list(field.metadata)
    if get_origin(annotation) is list:
        annotation = list[_inner(get_args(annotation)[0], stops=stops)]  # type: ignore[misc]  # a type made at run time
        if not any(hasattr(one, "max_length") for one in metadata):
            metadata.insert(0, FailFast() if stops else _ItemByItem())
    annotation = _inner(annotation, stops=stops)
    return Annotated[annotation, *metadata] if metadata else annotation


def _inner(annotation: Any, *, stops: bool) -> Any:
    is_component = isinstance(annotation, type) and issubclass(annotation, Component)
    return _variant(annotation, stops=stops) if is_component else annotation


class _ItemByItem:
    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        items = core_schema.generator_schema(handler.generate_schema(get_args(source)[0]))
        return core_schema.no_info_after_validator_function(_read, items)


def _read(items: Iterator[Any]) -> list[Any]:
    """Read all items. Raises: ValidationError with the errors of all items, or of those before there are too many."""
    read: list[Any] = []
    errors: list[InitErrorDetails] = []
    while len(errors) <= MAX_FAULTS:
        try:
            read.append(next(items))
        except StopIteration:
            break
        except ValidationError as error:
            errors += map(_as_sent, error.errors(include_url=False))
    if errors:
        raise ValidationError.from_exception_data("list", errors)
    return read


def _as_sent(error: ErrorDetails) -> InitErrorDetails:
    kind = PydanticCustomError(error["type"], error["msg"].replace("{", "{{"), error.get("ctx"))
    return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"])
