"""Validates large scenarios in pieces. pydantic holds the event loop while it validates, also in a thread."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from mockaxle.scenarios.sections import Scenario

MAX_PIECE = 2_000  # values
MAX_NAMES = 1_000
MAX_COUNTED = 100_000  # errors

Model = type[BaseModel]
Validate = Callable[[list[object]], Iterable[object]]
"""Raises: ValidationError."""


class Pieces:
    """Replaces the rows of long lists by validated ones, piece by piece. A wrong piece is left as it is.

    After a number of errors, wrong pieces and unknown keys are dropped. `dropped` counts their errors; if `is_cut`,
    there may be more.
    """

    def __init__(self, *, max_errors: int) -> None:
        self._max_errors = max_errors
        self._errors = 0
        self.dropped = 0
        self.is_cut = False

    def of(self, data: object, model: Model = Scenario) -> object:
        """Return the data of a section with validated rows."""
        if not isinstance(data, dict) or not _is_large(data):
            return data
        unknown = [key for key in data if key not in model.model_fields]
        dropped = frozenset(self._kept_apart(unknown))
        return {key: self._field(model, key, value=data[key]) for key in data if key not in dropped}

    def _kept_apart(self, unknown: list[str]) -> list[str]:
        """Return the unknown keys that are beyond the number of errors."""
        allowed = max(self._max_errors - self._errors, 1)
        self._errors += len(unknown)
        self.dropped += len(unknown[allowed:])
        return unknown[allowed:]

    def _field(self, model: Model, key: str, *, value: object) -> object:
        if key not in model.model_fields:
            return value
        section, validate = section_in(model.model_fields[key].annotation), _adapter(model, key).validate_python
        if isinstance(value, list):
            return self._rows(value, section, validate=validate)
        if isinstance(value, dict) and section is None:
            return self._table(value, validate=validate)
        return value if section is None else self.of(value, section)

    def _table(self, lists: dict[str, object], *, validate: Callable[[object], Any]) -> dict[str, object]:
        """Return a table of lists with validated rows. Its keys are an enumeration, of which no more are needed."""
        self.is_cut = self.is_cut or len(lists) > MAX_NAMES
        return {name: self._named(name, rows, validate=validate) for name, rows in islice(lists.items(), MAX_NAMES)}

    def _named(self, name: str, rows: object, *, validate: Callable[[object], Any]) -> object:
        if not isinstance(rows, list):
            return rows
        return self._rows(rows, None, validate=lambda piece: next(iter(validate({name: piece}).values())))

    def _rows(self, rows: list[object], section: Model | None, *, validate: Validate) -> list[object]:
        done: list[object] = []
        for piece in _pieces(rows):
            if self._errors > MAX_COUNTED:
                self.is_cut = True
                break
            if section is not None and _is_large(piece[0]):
                done.append(self.of(piece[0], section))
                continue
            try:
                done += validate(piece)
            except ValidationError as error:
                done += self._wrong(piece, error.error_count())
        return done

    def _wrong(self, piece: list[object], errors: int) -> list[object]:
        """Return a wrong piece, or nothing after too many errors."""
        is_first = self._errors == 0
        self._errors += errors
        if is_first or self._errors <= self._max_errors:
            return piece
        self.dropped += errors
        return []


def section_in(annotation: Any) -> Model | None:
    """Return the section that a field holds, alone or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := section_in(part))), None)


@cache
def _adapter(model: Model, key: str) -> TypeAdapter[Any]:
    annotation: Any = model.model_fields[key].annotation
    return TypeAdapter(annotation)


def _pieces(rows: list[object]) -> Iterator[list[object]]:
    """Yield the rows in pieces of a few values; a row with more is a piece of its own."""
    piece: list[object] = []
    size = 0
    for row in rows:
        more = _size(row)
        if piece and size + more > MAX_PIECE:
            yield piece
            piece, size = [], 0
        piece.append(row)
        size += more
    if piece:
        yield piece


def _is_large(value: object) -> bool:
    return _size(value) > MAX_PIECE


def _size(value: object) -> int:
    """Count the values in a value, up to one more than MAX_PIECE or a little further."""
    size, waiting = 0, [value]
    while waiting and size <= MAX_PIECE:
        one = waiting.pop()
        size += 1
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return size
