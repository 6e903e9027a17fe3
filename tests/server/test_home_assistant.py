"""The event that the Home Assistant integration reads."""

from datetime import datetime, timedelta

import pytest

from mockaxle.app import create_app
from mockaxle.core.accounts import AccountKind
from mockaxle.scenarios.sections import AccountSection, ClockSection, HomeAssistantSection, Scenario
from tests.calling import Caller
from tests.clocks import START, ManualClock
from tests.commanding import carry_out

PATH = "/vpp/home-assistant/event"


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


def integration(clock: ManualClock, *events: HomeAssistantSection, clock_section: ClockSection | None = None) -> Caller:
    accounts = (
        AccountSection(username="acme"),
        AccountSection(username="ha", kind=AccountKind.HOME_ASSISTANT, world="acme"),
    )
    scenario = Scenario(accounts=accounts, clock=clock_section, home_assistant_events=events)
    return Caller(create_app(clock=clock, scenario=scenario).api, "ha")


@pytest.mark.rule("H1", "A4", "G4")
def test_its_token_opens_the_event_only_and_no_other_token_does(clock: ManualClock) -> None:
    home_assistant = integration(clock)
    acme = Caller(home_assistant.api, "acme")
    assert home_assistant.get(PATH).status == 200
    assert acme.get(PATH).status == 403
    for path in ("/auth/users/me/", "/entities/site", "/examples/dispatch-event"):
        assert home_assistant.get(path).status == 403
        assert acme.get(path).status == 200


@pytest.mark.rule("H1")
def test_several_of_its_tokens_are_valid_at_once_and_none_expires(clock: ManualClock) -> None:
    home_assistant = integration(clock)
    other = Caller(home_assistant.api, "ha")
    clock.advance(days=4000)
    Caller(home_assistant.api, "acme")
    assert home_assistant.token != other.token
    assert (home_assistant.get(PATH).status, other.get(PATH).status) == (200, 200)


@pytest.mark.rule("H1")
@pytest.mark.parametrize("then", ["log in", "restore snapshot", "rewind"])
def test_a_revoked_token_never_works_again(clock: ManualClock, then: str) -> None:
    home_assistant = integration(clock)
    worlds, revoked = (
        home_assistant.api.worlds,
        [home_assistant.token, home_assistant.log_in().json["access_token"]],
    )
    carry_out(worlds, "acme", "POST /snapshots", {"name": "s"})
    assert carry_out(worlds, "acme", "POST /tokens/revoke", {"username": "ha"}) == {"revoked": 2}
    if then == "restore snapshot":
        carry_out(worlds, "acme", "POST /snapshots/{name}/restore", name="s")
    elif then == "rewind":
        carry_out(worlds, "acme", "POST /rewind", {"before": 3})
    fresh = Caller(home_assistant.api, "ha")
    for home_assistant.token in revoked:
        assert home_assistant.get(PATH).status == 401
    assert fresh.token not in revoked
    assert fresh.get(PATH).status == 200


@pytest.mark.rule("H2", "T4")
@pytest.mark.parametrize(("beyond", "allowed"), [(False, {0, 3}), (True, {0, 1, 2, 3})])
def test_only_beyond_the_contract_an_awkward_event_is_null_in_part(
    clock: ManualClock, beyond: bool, allowed: set[int]
) -> None:
    event = HomeAssistantSection(start_at=hours(1), end_at=hours(2), import_export="export")
    home_assistant = integration(clock, event)
    arguments = {"kinds": ["null"], "probability": "1", "beyond_contract": beyond}
    carry_out(home_assistant.api.worlds, "acme", "PUT /awkwardness", arguments)
    events = [home_assistant.get(PATH).json for _ in range(60)]
    nulls = {[one["start_time"], one["end_time"], one["import_export"]].count(None) for one in events if one}
    assert (nulls <= allowed, 3 in nulls, 1 in nulls) == (True, True, beyond)


@pytest.mark.rule("H2", "H3")
def test_the_event_is_the_next_or_running_one_until_its_end(clock: ManualClock) -> None:
    early = HomeAssistantSection(start_at=hours(1), end_at=hours(2), import_export="export", updated_at=hours(-1))
    late = HomeAssistantSection(start_at=hours(3), end_at=hours(4), import_export="import", opted_out=True)
    home_assistant = integration(clock, late, early)
    assert home_assistant.get(PATH).json == {
        "start_time": "2026-01-20T13:00:00+00:00",
        "end_time": "2026-01-20T14:00:00+00:00",
        "import_export": "export",
        "updated_at": "2026-01-20T11:00:00+00:00",
        "opted_out": False,
    }
    for lapse, start in ((1.99, "13"), (2, "15"), (3.99, "15")):
        clock.at = hours(lapse)
        assert home_assistant.get(PATH).json["start_time"][11:13] == start
    clock.at = hours(4)
    one = home_assistant.get(PATH).json
    assert (one["start_time"], one["end_time"], one["import_export"], one["opted_out"]) == (None, None, None, True)


@pytest.mark.rule("H1")
@pytest.mark.parametrize("begins", [None, START - timedelta(days=400)])
def test_an_event_is_updated_when_its_world_begins(clock: ManualClock, begins: datetime | None) -> None:
    event = HomeAssistantSection(start_at=hours(1), end_at=hours(2), import_export="export")
    home_assistant = integration(clock, event, clock_section=ClockSection(at=begins) if begins else None)
    assert home_assistant.get(PATH).json["updated_at"] == (begins or START).isoformat()


@pytest.mark.rule("H1", "H2")
def test_an_event_is_hidden_until_it_is_updated(clock: ManualClock) -> None:
    event = HomeAssistantSection(start_at=hours(1), end_at=hours(3), import_export="export", updated_at=hours(2))
    home_assistant = integration(clock, event)
    clock.at = hours(1.99)
    assert home_assistant.get(PATH).json is None
    clock.at = hours(2)
    assert home_assistant.get(PATH).json["updated_at"] == hours(2).isoformat()


@pytest.mark.rule("H2")
def test_where_there_never_was_an_event_the_answer_is_null(clock: ManualClock) -> None:
    answer = integration(clock).get(PATH)
    assert (answer.status, answer.response.body) == (200, b"null")


@pytest.mark.rule("G10", "H1")
def test_an_instant_of_the_last_change_has_whole_seconds(clock: ManualClock) -> None:
    clock.advance(seconds=0.5)
    event = HomeAssistantSection(start_at=hours(1), end_at=hours(2), import_export="export")
    home_assistant = integration(clock, event)
    worlds = home_assistant.api.worlds
    assert home_assistant.get(PATH).json["updated_at"] == "2026-01-20T12:00:00+00:00"
    clock.advance(seconds=90)
    carry_out(worlds, "acme", "PATCH /home-assistant-events/{id}", id="ha1")
    assert home_assistant.get(PATH).json["updated_at"] == "2026-01-20T12:00:00+00:00", "nothing changed"
    carry_out(worlds, "acme", "PATCH /home-assistant-events/{id}", {"opted_out": True}, id="ha1")
    assert home_assistant.get(PATH).json["updated_at"] == "2026-01-20T12:01:30+00:00"
