"""No healthy mock is found wrong: with any setting, from any scenario, in either style. `make check-self` runs more."""

from pathlib import Path

import pytest

from mockaxle.core.reference import Settings, Style
from mockaxle.scenarios.sections import SettingsSection
from mockaxle.scenarios.shipped import shipped_names
from mockaxle.serving.listener import serve_in_thread
from tests.harness.no_false_alarm import ALL, SEEDED, SET, STARTED, Healthy, alarms, others, section_of
from tests.harness.test_check import suites
from tests.mutants.checking import check

QUICK = (*suites("journeys", "optimiser", "lifecycle"), "--examples", "1")
LARGE = "ten-thousand-sites"


@pytest.mark.parametrize("healthy", SET, ids=lambda healthy: healthy.name)
def test_a_mock_with_another_setting_is_clean(healthy: Healthy) -> None:
    assert alarms(healthy, *QUICK) == ""


@pytest.mark.parametrize("healthy", STARTED, ids=lambda healthy: healthy.name)
def test_a_mock_that_starts_from_a_scenario_is_clean(healthy: Healthy) -> None:
    only = "journeys" if healthy.scenario == LARGE else "optimiser"
    assert alarms(healthy, *suites(only), "--examples", "1") == ""


@pytest.mark.parametrize("healthy", SEEDED[:2], ids=lambda healthy: healthy.name)
def test_a_mock_is_clean_with_any_seed_in_both_styles(healthy: Healthy) -> None:
    assert alarms(healthy, *QUICK) == ""


def test_every_setting_and_every_scenario_has_a_mock() -> None:
    assert [dict(one.settings).popitem()[0] for one in SET] == list(Settings._fields)
    assert {one.scenario for one in STARTED} == set(shipped_names())
    assert len(SEEDED) == 40
    assert all(section_of(one.settings) != SettingsSection() for one in SET)


def test_an_alarm_is_seen() -> None:
    printed = alarms(
        ALL["pause_minutes = 60"], *suites("optimiser"), "--examples", "1", "--setting", "pause_minutes=30"
    )
    assert "error F2b: " in printed, printed


def test_a_number_and_an_enumeration_have_other_values() -> None:
    assert others(30) == [60]
    assert others(Style.CONTRACT) == [Style.WIRE]


def test_where_no_address_is_known_its_look_ups_need_not_succeed(tmp_path: Path) -> None:
    (without,) = [one for one in STARTED if one.scenario == "not-half-hourly"]
    with serve_in_thread(without.app) as url:
        _, report, _ = check(url, tmp_path, "--seed", "1", *suites("journeys"))
    (said,) = [one for one in report["untested"] if one.startswith("not accepted, since the server has no meter at")]
    assert "GET /meter/by-ref/{meter_ref}" in said
