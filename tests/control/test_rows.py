"""The rows of commands: what each log keeps of one, and that none keeps a secret."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from mockaxle.app import create_app
from mockaxle.commands.row import Row
from mockaxle.commands.rows import ROWS
from mockaxle.exchange import Command, to_json
from mockaxle.scenarios.fields import SECRET
from tests.calling import Caller
from tests.commanding import carry_out


def fields_of(kind: Any, *, is_secret: bool = False) -> Iterator[tuple[str, bool, bool]]:
    """The fields of a type, however deep: name, whether it is marked as secret, whether what holds it is."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            marked = SECRET in field.metadata
            yield name, marked, is_secret
            yield from fields_of(field.annotation, is_secret=is_secret or marked)
    for part in get_args(kind):
        yield from fields_of(part, is_secret=is_secret)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_a_secret_inside_a_body_is_inside_a_field_that_no_log_keeps(row: Row) -> None:
    top = set(getattr(row.body, "model_fields", ()))
    nested = [(name, inside) for name, marked, inside in fields_of(row.body) if marked and name not in top]
    assert [name for name, inside in nested if not inside] == []
    assert "password" not in top


def test_the_log_of_a_scenario_has_no_account() -> None:
    caller = Caller(create_app().reception)
    accounts = [{"username": "ada", "password": "hunter2"}]
    carry_out(caller.reception.worlds, "acme", "PUT /scenario", {"accounts": accounts, "settings": {"style": "wire"}})
    slot = caller.reception.worlds.find("acme")
    assert slot
    last = list(slot.log)[-1]
    assert isinstance(last, Command)
    assert (last.key, last.body) == ("PUT /scenario", {"settings": {"style": "wire"}})
    assert "hunter2" not in json.dumps(to_json(last))


def test_the_values_of_a_path_are_kept_beside_the_body() -> None:
    caller = Caller(create_app().reception)
    carry_out(caller.reception.worlds, "acme", "PATCH /market/windows/{id}", {"price_gbp_per_mwh": 120}, id="night")
    slot = caller.reception.worlds.find("acme")
    assert slot
    last = list(slot.log)[-1]
    assert isinstance(last, Command)
    assert (last.path, last.body) == ({"id": "night"}, {"price_gbp_per_mwh": "120"})
    assert (last.verb, last.place) == ("PATCH", "/market/windows/night")
