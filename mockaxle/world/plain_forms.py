"""The records of the core in forms that JSON has, found from their types.

A look-up table becomes the list of its entries, a queue the list of what falls due, a record that contains one the
tuple of its fields. Other records stay as they are: pydantic writes them by their types.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import fields, is_dataclass
from functools import cache, partial
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from mockaxle.core.due_queue import Due, DueQueue, queue_of
from mockaxle.core.reference import Meter, Model, meters, models
from mockaxle.core.table import Listing, Table

Change = Callable[[Any], Any]

LISTED: dict[Any, Callable[[Iterable[Any]], Listing[Any]]] = {Meter: meters, Model: models}
"""What makes the listing of each type."""


class PlainForm(NamedTuple):
    """Shape: hint is the type of the plain value; `plain` and `whole` convert to it and back, None for no change."""

    hint: Any
    plain: Change | None = None
    whole: Change | None = None


@cache
def plain_form(hint: Any) -> PlainForm:
    """Return the plain form of a type's values. Raises: TypeError for a type without one."""
    origin, of = get_origin(hint), get_args(hint)
    if origin is Table:
        return _of_table(*of)
    if hint is DueQueue:
        return PlainForm(tuple[Due, ...], tuple, queue_of)
    if origin is Listing:
        return PlainForm(_row(of[0]), tuple, LISTED[of[0]])
    if origin is Set:
        return PlainForm(_row(of[0]), lambda values: tuple(sorted(values)), frozenset)
    if origin is tuple:
        return _of_tuple(hint, of)
    if origin in (Union, UnionType):
        return _of_union(hint, of)
    if names := field_names(hint):
        return _of_record(hint, names)
    return PlainForm(hint)


def field_names(hint: Any) -> tuple[str, ...]:
    """Return the names of a record's fields; none for other types."""
    if is_dataclass(hint):
        return tuple(one.name for one in fields(hint) if one.init)
    return tuple(getattr(hint, "_fields", ()))


@cache
def field_hints(hint: Any) -> dict[str, Any]:
    """Return the types of a record's fields, in their order."""
    hints = get_type_hints(hint)
    return {name: hints[name] for name in field_names(hint)}


def _of_table(key: Any, value: Any) -> PlainForm:
    form = plain_form(value)

    def plain(table: Table[Any, Any]) -> tuple[tuple[Any, Any], ...]:
        entries = (entry for piece in table.in_pieces() for entry in piece)
        return tuple(entries) if form.plain is None else tuple((key, form.plain(value)) for key, value in entries)

    def whole(entries: tuple[tuple[Any, Any], ...]) -> Table[Any, Any]:
        return Table.of({key: value if form.whole is None else form.whole(value) for key, value in entries})

    return PlainForm(_row(_tuple(key, form.hint)), plain, whole)


def _of_tuple(hint: Any, of: tuple[Any, ...]) -> PlainForm:
    if of[-1] is not Ellipsis:
        forms = [plain_form(one) for one in of]
        return PlainForm(hint) if not any(one.plain for one in forms) else _of_parts(forms, tuple)
    form = plain_form(of[0])
    if form.plain is None or form.whole is None:
        return PlainForm(hint)
    return PlainForm(_row(form.hint), partial(_each, form.plain), partial(_each, form.whole))


def _each(change: Change, values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(map(change, values))


def _of_union(hint: Any, of: tuple[Any, ...]) -> PlainForm:
    """Raises: TypeError if an alternative needs a change."""
    if any(form.plain for form in map(plain_form, of)):
        raise TypeError(f"the values of {hint} have no plain form")
    return PlainForm(hint)


def _of_record(hint: Any, names: tuple[str, ...]) -> PlainForm:
    forms = [plain_form(one) for one in field_hints(hint).values()]
    if not any(form.plain for form in forms):
        return PlainForm(hint)
    parts = _of_parts(forms, lambda values: hint(**dict(zip(names, values, strict=True))))
    in_order = parts.plain
    assert in_order is not None
    return parts._replace(plain=lambda record: in_order([getattr(record, name) for name in names]))


def _of_parts(forms: list[PlainForm], made: Change) -> PlainForm:
    def plain(values: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(v if form.plain is None else form.plain(v) for form, v in zip(forms, values, strict=True))

    def whole(values: Iterable[Any]) -> Any:
        return made(tuple(v if form.whole is None else form.whole(v) for form, v in zip(forms, values, strict=True)))

    return PlainForm(_tuple(*(form.hint for form in forms)), plain, whole)


def _row(of: Any) -> Any:
    """Return the type of a tuple of any length."""
    return _tuple(of, Ellipsis)


def _tuple(*of: Any) -> Any:
    return tuple.__class_getitem__(of)
