"""Receivers of a scenario: what they are, and what is said of those that may not be."""

import json

import pytest

from mockaxle.core.messages import MessageKind, MessageStatus, MessageType
from mockaxle.core.receivers import MAX_RECEIVERS, Receiver, SignedAt
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.lines import Format
from mockaxle.scenarios.reading import read_scenario
from tests.scenarios.test_reading import problems

PLANS = '[[receivers]]\nname = "plans"\nkind = "schedules"\nurl = "http://127.0.0.1:9000/{asset_id}"\n'
HOOKS = '[[receivers]]\nname = "hooks"\nkind = "webhooks"\nurl = "http://127.0.0.1:9000/hook"\n'


def receivers(text: str, format: Format = "toml") -> tuple[Receiver, ...]:
    scenario = read_scenario(text.encode(), name="f", format=format)
    return blueprint(scenario).reference.receivers


@pytest.mark.rule("N1")
def test_a_scenario_names_receivers_without_secrets() -> None:
    hooks, plans = receivers(PLANS + HOOKS)
    assert hooks == Receiver("hooks", "http://127.0.0.1:9000/hook", MessageKind.WEBHOOKS)
    assert plans == Receiver("plans", "http://127.0.0.1:9000/{asset_id}", MessageKind.SCHEDULES)
    assert (plans.timeout_ms, plans.signed_at, plans.held) == (10_000, SignedAt.MACHINE, False)
    assert [one.first_status for one in (hooks, plans)] == [MessageStatus.HELD] * 2
    assert receivers("") == ()


@pytest.mark.rule("N1", "N7")
def test_a_receiver_has_the_same_fields_in_toml_and_json() -> None:
    more = 'event_types = ["vpp:dispatch:requested"]\ntimeout_ms = 500\nsigned_at = "world"\nheld = true\n'
    data = {
        "name": "hooks",
        "kind": "webhooks",
        "url": "http://127.0.0.1:9000/hook",
        "event_types": ["vpp:dispatch:requested", "vpp:dispatch:requested"],
        "timeout_ms": 500,
        "signed_at": "world",
        "held": True,
    }
    (found,) = receivers(json.dumps({"receivers": [data]}), "json")
    assert receivers(HOOKS + more) == (found,)
    assert (found.event_types, found.timeout_ms, found.held) == ((MessageType.DISPATCH,), 500, True)
    assert [type for type in MessageType if found.takes(type)] == [MessageType.DISPATCH]


@pytest.mark.rule("N1")
def test_a_receiver_without_event_types_gets_all_of_its_kind() -> None:
    hooks, plans = receivers(PLANS + HOOKS)
    assert [type for type in MessageType if plans.takes(type)] == [MessageType.SCHEDULE]
    assert [type for type in MessageType if not hooks.takes(type)] == [MessageType.SCHEDULE]


@pytest.mark.rule("N1", "N8")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HOOKS + 'secret = "whsec_1"', "f:5: receivers[0].secret: unknown key 'secret'; known keys: url, kind,"),
        (HOOKS + "has_secret = true", "f:5: receivers[0].has_secret: unknown key 'has_secret'"),
        (HOOKS + "timeout = 5", "f:5: receivers[0].timeout: unknown key 'timeout'; did you mean 'timeout_ms'?"),
        (HOOKS + PLANS + HOOKS, "f:10: receivers[2].name: 'hooks' is already used by another receiver"),
        (HOOKS + PLANS.replace("plans", "hooks"), "f:6: receivers[1].name: 'hooks' is already used by another"),
        (PLANS.replace("{asset_id}", "asset_id"), "f:1: receivers[0]: url: a schedule names no asset"),
        (PLANS.replace("asset_id", "site_id"), "f:1: receivers[0]: url: a schedule names no asset, so the URL needs"),
        (
            PLANS + 'event_types = ["vpp:dispatch:requested"]',
            "f:1: receivers[0]: event_types: a receiver of kind schedules gets schedule, not vpp:dispatch:requested",
        ),
        (
            HOOKS + 'event_types = ["vpp:dispatch:requested", "schedule"]',
            "f:1: receivers[0]: event_types: a receiver of kind webhooks gets asset:dispatch:requested,",
        ),
        (HOOKS + 'event_types = ["tea"]', "f:5: receivers[0].event_types[0]: must be one of 'schedule',"),
        (HOOKS + "event_types = []", "f:5: receivers[0].event_types: "),
        (HOOKS.replace('"webhooks"', '"mail"'), "f:3: receivers[0].kind: must be one of 'webhooks' or 'schedules'"),
        (HOOKS.replace('"hooks"', '"a/b"'), "f:2: receivers[0].name: not a name: at most 100 letters"),
        (HOOKS.replace('"hooks"', '".a"'), "f:2: receivers[0].name: not a name: at most 100 letters"),
        (HOOKS.replace('"hooks"', f'"{"a" * 101}"'), "f:2: receivers[0].name: not a name: at most 100 letters"),
        (HOOKS.replace('name = "hooks"\n', ""), "f:1: receivers[0].name: is missing"),
        (HOOKS.replace("/hook", "/" * 2_000), "f:4: receivers[0].url: must have at most 2000 characters"),
        (HOOKS + "timeout_ms = 0", "f:5: receivers[0].timeout_ms: must be at least 1"),
        (HOOKS + "timeout_ms = 60001", "f:5: receivers[0].timeout_ms: must be at most 60000"),
        (HOOKS + 'signed_at = "moon"', "f:5: receivers[0].signed_at: must be one of 'machine' or 'world'"),
        (HOOKS + 'held = "yes"', "f:5: receivers[0].held: must be true or false, without quotes"),
        ("[receivers]\nname = 'a'", "f:1: receivers: must be a list: in TOML [[key]]"),
    ],
)
def test_a_receiver_that_may_not_be_is_refused_with_its_line(text: str, problem: str) -> None:
    assert problems(text)[0].startswith(problem)


@pytest.mark.rule("N1")
def test_a_secret_and_a_repeated_name_have_their_lines_in_json() -> None:
    hook = {"name": "hooks", "kind": "webhooks", "url": "http://127.0.0.1:9000/hook"}
    text = json.dumps({"receivers": [hook, {**hook, "secret": "whsec_1"}]}, indent=1)
    assert problems(text, "json")[0].startswith("f:12: receivers[1].secret: unknown key 'secret'")
    text = json.dumps({"receivers": [hook, hook]}, indent=1)
    assert problems(text, "json") == ["f:9: receivers[1].name: 'hooks' is already used by another receiver"]


@pytest.mark.rule("N1")
def test_a_scenario_has_at_most_ten_receivers_in_the_order_of_their_names() -> None:
    named = [HOOKS.replace('"hooks"', f'"r{number}"') for number in range(MAX_RECEIVERS, -1, -1)]
    assert [one.name for one in receivers("".join(named[1:]))] == [f"r{number}" for number in range(MAX_RECEIVERS)]
    assert problems("".join(named))[0].startswith("f:1: receivers: ")


@pytest.mark.rule("N1", "N8")
@pytest.mark.parametrize("place", ["{asset_id}", "{external_id}", "{site_id}/{external_id}"])
def test_a_url_of_schedules_names_the_asset(place: str) -> None:
    (found,) = receivers(PLANS.replace("{asset_id}", place))
    assert found.url.endswith(f":9000/{place}")
