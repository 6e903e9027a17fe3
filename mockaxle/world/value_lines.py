"""A value of the core as lines of JSON, and back, exactly: the types of its records say how.

The records that hold many entries are written field by field, and their look-up tables in pieces, so that other threads
run in between: `sites<tab>[["id", {...}], ...]`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from time import sleep
from typing import Any, TypeVar, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter

from mockaxle.core.accounts import Tokens
from mockaxle.core.agenda import Agenda
from mockaxle.core.dispatches import Dispatches
from mockaxle.core.order import Order
from mockaxle.core.outbox import Outbox
from mockaxle.core.reference import Reference
from mockaxle.core.state import State
from mockaxle.core.table import Table
from mockaxle.core.withdrawals import Withdrawals
from mockaxle.world.plain_forms import PlainForm, field_hints, plain_form

WHOLE = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="constants")
BY_FIELD = (State, Tokens, Reference, Outbox, Dispatches, Withdrawals, Agenda, Order)

REST_SECONDS = 0.0001
"""Between two pieces. Without it, no other thread runs for as long as pydantic writes or reads."""

T = TypeVar("T")
Lines = Mapping[str, list[str]]
"""The JSON of each place, in order."""


def lines_of(value: Any, hint: Any, *, place: str = "") -> Iterator[str]:
    """Yield a value's lines. Shape: hint is its type. Raises: ValueError for a value that is not of its type."""
    if hint in BY_FIELD:
        for name, one in field_hints(hint).items():
            yield from lines_of(getattr(value, name), one, place=f"{place}.{name}".lstrip("."))
    elif get_origin(hint) is Table:
        for piece in value.in_pieces():
            sleep(REST_SECONDS)
            yield f"{place}\t{_dumped(piece, _piece_form(hint))}"
    else:
        yield f"{place}\t{_dumped(value, plain_form(hint))}"


def by_place(lines: Iterable[str]) -> Lines:
    found = defaultdict[str, list[str]](list)
    for line in lines:
        place, _, text = line.partition("\t")
        found[place].append(text)
    return found


def value_of(lines: Lines, hint: Any, *, place: str = "") -> Any:
    """Read a value that lines_of wrote. Raises: ValidationError, KeyError for other lines."""
    if hint in BY_FIELD:
        hints = field_hints(hint).items()
        return hint(**{name: value_of(lines, one, place=f"{place}.{name}".lstrip(".")) for name, one in hints})
    if get_origin(hint) is Table:
        form = _piece_form(hint)
        return Table[Any, Any]().put_all(_rested(dict(_loaded(text, form))) for text in lines.get(place, ()))
    return _loaded(lines[place][0], plain_form(hint))


def _rested(piece: T) -> T:
    sleep(REST_SECONDS)
    return piece


@cache
def _piece_form(hint: Any) -> PlainForm:
    """Return the form of a piece of a table's entries."""
    entry = tuple.__class_getitem__(get_args(hint))
    return plain_form(tuple.__class_getitem__((entry, Ellipsis)))


@cache
def _adapter(hint: Any) -> TypeAdapter[tuple[Any]]:
    one: Any = tuple.__class_getitem__((hint,))  # a record by itself takes no config
    return TypeAdapter(one, config=WHOLE)


def _dumped(value: Any, form: PlainForm) -> str:
    """Raises: ValueError for a value that is not of its type, which could not be read."""
    plain = value if form.plain is None else form.plain(value)
    return _adapter(form.hint).dump_json((plain,), warnings="error").decode()


def _loaded(text: str, form: PlainForm) -> Any:
    (value,) = _adapter(form.hint).validate_json(text)
    return value if form.whole is None else form.whole(value)
