"""The rows of commands: what each log keeps of one, and that none keeps a secret."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from mockaxle.app import create_app
from mockaxle.control.access import ForeignName
from mockaxle.recordings.jsonl import Recording, read_recording, write_recording
from mockaxle.scenarios.fields import SECRET
from mockaxle.scenarios.sections import AccountSection, Scenario
from mockaxle.serving.admission import Checks
from mockaxle.world.commands.done import Done, Moment
from mockaxle.world.commands.refusals import WorldGone
from mockaxle.world.commands.row import Row
from mockaxle.world.commands.rows import ROW_OF, ROWS
from mockaxle.world.entries import Command, to_json
from mockaxle.world.value import World
from tests.calling import Caller
from tests.clocks import START, ManualClock
from tests.commanding import carry_out
from tests.replaying import replay


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
    caller = Caller(create_app().api)
    accounts = [{"username": "ada", "password": "hunter2"}]
    carry_out(caller.api.worlds, "acme", "PUT /scenario", {"accounts": accounts, "settings": {"style": "wire"}})
    hosted = caller.api.worlds.find("acme")
    assert hosted
    last = list(hosted.log)[-1]
    assert isinstance(last, Command)
    assert (last.key, last.body) == ("PUT /scenario", {"settings": {"style": "wire"}})
    assert "hunter2" not in json.dumps(to_json(last))


ODD: list[tuple[str, Any, dict[str, str]]] = [
    ("PUT /clock", {"at": "9999-12-31T23:59:59.999999Z", "rate": "0.1234567890123456789"}, {}),
    ("PUT /clock", {"at": "2030-01-20T12:00:00.5+05:45", "rate": 1e3}, {}),
    ("PUT /clock", {"at": None}, {}),
    ("POST /clock/advance", {"by": "1d23h59m60s"}, {}),
    ("POST /clock/advance", {"to": "2031-01-20T12:00:00.000001-00:00"}, {}),
    ("PATCH /settings", {"style": "wire", "strict_time": None, "withdrawal_min_wait_days": 3}, {}),
    ("POST /market/windows", {"from_time": "01:30:15", "to_time": "00:30", "price_gbp_per_mwh": "-0.10"}, {}),
    (
        "POST /market/windows",
        {"from_at": "2030-01-20T12:00Z", "to_at": "2030-01-20T13:00+00:30", "price_gbp_per_mwh": 0.1},
        {},
    ),
    ("POST /faults", {"kind": "dribble", "path": "/é*"}, {}),
    ("POST /faults", {"kind": "status", "probability": 0.3, "spread_ms": 7, "retry_after_seconds": None}, {}),
    ("PUT /awkwardness", {"kinds": [], "probability": 0.5, "beyond_contract": True}, {}),
    ("POST /snapshots", {"name": " . ☃"}, {}),
    ("POST /reset", {"what": ["market", "market"]}, {}),
    ("PUT /scenario", {"settings": {"pause_minutes": 60}, "accounts": [{"username": "eve", "password": "x"}]}, {}),
]


@pytest.mark.parametrize(("key", "body", "path"), ODD, ids=lambda value: str(value)[:40])
def test_a_command_that_is_read_from_a_file_does_what_it_did(key: str, body: Any, path: dict[str, str]) -> None:
    caller = Caller(create_app(clock=ManualClock()).api)
    carry_out(caller.api.worlds, "acme", key, body, **path)
    hosted = caller.api.worlds.find("acme")
    assert hosted
    text = "".join(write_recording(Recording("acme", None, tuple(hosted.log))))
    assert replay("acme", list(read_recording(text).entries), base=hosted.log.base)[0] == hosted.world


@pytest.mark.parametrize(("value", "place"), [(".", "%2E"), ("..", "%2E%2E"), ("a/b", "a%2Fb"), ("a.b", "a.b")])
def test_a_value_stays_in_its_segment_of_the_path(value: str, place: str) -> None:
    command = Command(START, START, "DELETE /faults/{id}", {"id": value}, {})
    assert command.place == f"/faults/{place}"


def test_accounts_that_may_not_be_added_are_refused_before_anything_is_built() -> None:
    caller = Caller(create_app().api)
    hosted = caller.api.worlds.find("acme")
    assert hosted

    def no_one(account: AccountSection) -> None:
        raise ForeignName(account.username, "acme-")

    def never(world: World, body: Any, moment: Moment) -> Done:
        raise AssertionError("it is carried out")

    row = replace(ROW_OF["PUT /scenario"], step=never)
    scenario = Scenario(accounts=(AccountSection(username="zed"),))
    with pytest.raises(ForeignName):
        asyncio.run(caller.api.worlds.carry_out(hosted, row, body=scenario, path={}, checks=Checks(account=no_one)))


def test_a_command_for_a_world_that_was_dropped_reaches_no_successor() -> None:
    caller = Caller(create_app().api)
    worlds = caller.api.worlds
    hosted = worlds.find("acme")
    assert hosted
    worlds.drop("acme")
    caller.log_in()
    with pytest.raises(WorldGone):
        asyncio.run(worlds.carry_out(hosted, ROW_OF["DELETE /faults"], body=None, path={}))


def test_the_values_of_a_path_are_kept_beside_the_body() -> None:
    caller = Caller(create_app().api)
    carry_out(caller.api.worlds, "acme", "PATCH /market/windows/{id}", {"price_gbp_per_mwh": 120}, id="night")
    hosted = caller.api.worlds.find("acme")
    assert hosted
    last = list(hosted.log)[-1]
    assert isinstance(last, Command)
    assert (last.path, last.body) == ({"id": "night"}, {"price_gbp_per_mwh": "120"})
    assert (last.verb, last.place) == ("PATCH", "/market/windows/night")
