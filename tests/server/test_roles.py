"""Every operation with every role, and with every kind of token that is none."""

import re

import pytest

from mockaxle.app import create_app
from mockaxle.contract.document import Operation, load_contract
from mockaxle.core.accounts import Role, issue
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.shipped import default
from mockaxle.server.surface import Surface
from mockaxle.world.entries import Principal, Request, Response
from mockaxle.world.opening import new_world
from mockaxle.world.value import Asked
from tests.calling import Caller
from tests.clocks import START, ManualClock

OPERATIONS = [operation for operation in load_contract().operations if operation.secured]
SURFACE = Surface(load_contract())
NIL = "00000000-0000-4000-8000-000000000000"

# A6 and H1, as prefixes: the first that fits counts
NEEDED = [
    ("GET /entities/", Role.ENTITY_READ),
    (" /entities/", Role.ENTITY_WRITE),
    (" /rewards/", Role.REWARDS),
    (" /meter/", Role.LOOKUP),
    (" /validation/", Role.LOOKUP),
    (" /data/", Role.METRICS_WRITE),
    (" /auth/component-token", Role.COMPONENTS),
    (" /vpp/", Role.HOME_ASSISTANT),
]


def path_of(operation: Operation) -> str:
    return re.sub(r"{\w+}", NIL, operation.path)


def status(operation: Operation, *roles: Role) -> int:
    world = new_world(blueprint(default()), "w", server_seed="s", real=START)
    tokens, number = issue(world.tokens, "u", roles=roles, now=START)
    request = Request(operation.verb, path_of(operation))
    asked = Asked(START, START, Principal("w", "u", number), tokens.grants.get(number), operation, request)
    after, response = SURFACE.serve(world._replace(tokens=tokens), asked)
    assert isinstance(response, Response)
    assert after.state == world.state
    return response.status


@pytest.mark.rule("A4", "A6", "H1")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.key)
def test_an_operation_takes_the_one_role_it_needs(operation: Operation) -> None:
    needed = next((role for part, role in NEEDED if part in f"{operation.verb} {operation.path}/"), None)
    for role in Role:
        open_to_all = needed is None and role is not Role.HOME_ASSISTANT
        assert (status(operation, role) == 403) is not (role is needed or open_to_all), role
    everything_else = [role for role in Role if role not in (needed, Role.HOME_ASSISTANT)]
    assert (status(operation, *everything_else) == 403) is (needed is not None)


@pytest.mark.rule("A3", "E3", "G5")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.key)
def test_without_a_good_token_nothing_is_looked_at(operation: Operation) -> None:
    clock = ManualClock()
    acme = Caller(create_app(clock=clock).api)
    elsewhere = Caller(create_app().api).token
    assert acme.token
    broken = acme.token[:-1] + ("0" if acme.token[-1] != "0" else "1")
    for token in (None, "", "x", broken, elsewhere, acme.token.upper()):
        acme.token, kept = token, acme.token
        answer = acme.call(operation.verb, path_of(operation), raw=b"{broken")
        assert (answer.status, answer.header("www-authenticate")) == (401, "Bearer"), token
        acme.token = kept
    clock.advance(hours=1)
    assert acme.call(operation.verb, path_of(operation)).status == 401
    acme.api.worlds.drop("acme")
    assert acme.call(operation.verb, path_of(operation)).status == 401


@pytest.mark.rule("G5", "A1")
def test_only_the_log_in_is_open() -> None:
    assert [o.key for o in load_contract().operations if not o.secured] == ["POST /auth/token-form"]
    assert len(OPERATIONS) == 54 + 2
