"""The event that the Home Assistant integration reads."""

from datetime import datetime, timedelta

import pytest

from mockaxle.app import create_app
from mockaxle.core.accounts import AccountKind
from mockaxle.scenarios.sections import AccountSection, HomeAssistantSection, Scenario
from tests.calling import Caller
from tests.clocks import START, ManualClock

PATH = "/vpp/home-assistant/event"


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


def integration(clock: ManualClock, *events: HomeAssistantSection) -> Caller:
    accounts = (
        AccountSection(username="acme"),
        AccountSection(username="ha", kind=AccountKind.HOME_ASSISTANT, world="acme"),
    )
    return Caller(
        create_app(clock=clock, scenario=Scenario(accounts=accounts, home_assistant_events=events)).reception, "ha"
    )


@pytest.mark.rule("H1", "A4", "G4")
def test_its_token_opens_the_event_only_and_no_other_token_does(clock: ManualClock) -> None:
    home_assistant = integration(clock)
    acme = Caller(home_assistant.reception, "acme")
    assert home_assistant.get(PATH).status == 200
    assert acme.get(PATH).status == 403
    for path in ("/auth/users/me/", "/entities/site", "/examples/dispatch-event"):
        assert home_assistant.get(path).status == 403
        assert acme.get(path).status == 200


@pytest.mark.rule("H1")
def test_its_token_is_one_and_never_ends(clock: ManualClock) -> None:
    home_assistant = integration(clock)
    clock.advance(days=4000)
    assert home_assistant.get(PATH).status == 200
    assert home_assistant.log_in().json["access_token"] == home_assistant.token


@pytest.mark.rule("H2", "T4")
@pytest.mark.parametrize(("beyond", "allowed"), [(False, {0, 3}), (True, {0, 1, 2, 3})])
def test_only_beyond_the_contract_an_awkward_event_is_null_in_part(
    clock: ManualClock, beyond: bool, allowed: set[int]
) -> None:
    event = HomeAssistantSection(start_at=hours(1), end_at=hours(2), import_export="export")
    home_assistant = integration(clock, event)
    arguments = {"kinds": ["null"], "probability": "1", "beyond_contract": beyond}
    home_assistant.reception.worlds.command("acme", "set awkwardness", arguments=arguments)
    told = [home_assistant.get(PATH).json for _ in range(60)]
    nulls = {[one["start_time"], one["end_time"], one["import_export"]].count(None) for one in told if one is not None}
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
    told = home_assistant.get(PATH).json
    assert (told["start_time"], told["end_time"], told["import_export"], told["opted_out"]) == (None, None, None, True)


@pytest.mark.rule("H2")
def test_where_there_never_was_an_event_the_answer_is_null(clock: ManualClock) -> None:
    answer = integration(clock).get(PATH)
    assert (answer.status, answer.response.body) == (200, b"null")
