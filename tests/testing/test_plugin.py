"""The pytest plugin in suites of its own, each in a process of its own."""

import json
import subprocess
import sys
from typing import Any

import pytest

from mockaxle.app import create_app
from mockaxle.serving.listener import serve_in_thread
from mockaxle.serving.settings import ServerSettings
from tests.inner_pytest import WITHOUT
from tests.serving import Served

pytest_plugins = ["pytester"]

LIVES = """
import httpx

HOME = {"mpan": "1000000000012", "postcode": "M1 1AE", "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
CHARGER = {"external_id": "wallbox-7", "type": "charger"}

def onboard(world, proposition="limited_pause"):
    body = {"site": HOME, "assets": [CHARGER], "proposition": proposition}
    bearer = {"Authorization": f"Bearer {world.token}"}
    return httpx.post(f"{world.base_url}/entities/site/onboard", json=body, headers=bearer)
"""


def run(pytester: pytest.Pytester, test: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(LIVES + test)
    return pytester.runpytest_subprocess(*WITHOUT, *options)


def test_each_test_has_a_world_of_its_own(pytester: pytest.Pytester) -> None:
    test = """
import pytest

@pytest.mark.parametrize("number", range(4))
def test_it(mockaxle, mockaxle_server, number):
    assert mockaxle.base_url == mockaxle_server
    assert onboard(mockaxle).json()["site"]["site_created"]
    mockaxle.clock.freeze("2030-01-20T18:00:00Z")
"""
    run(pytester, test).assert_outcomes(passed=4)


def test_it_works_under_xdist(pytester: pytest.Pytester) -> None:
    test = """
import pytest

@pytest.mark.parametrize("number", range(8))
def test_it(mockaxle, number):
    assert onboard(mockaxle).json()["site"]["site_created"]
"""
    run(pytester, test, "-n", "2").assert_outcomes(passed=8)


def test_a_running_mock_can_be_used_with_its_accounts_own_token(pytester: pytest.Pytester, served: Served) -> None:
    test = """
def test_it(mockaxle):
    assert onboard(mockaxle).status_code == 200
    mockaxle.market.clear()
"""
    run(pytester, test, "--mockaxle-url", served.base_url).assert_outcomes(passed=1)
    pytester.makeini(f"[pytest]\nmockaxle_url = {served.base_url}\n")
    run(pytester, test).assert_outcomes(passed=1)
    names = [name for name in served.app.api.worlds.names() if name.startswith("test-")]
    assert len(names) == 2


CONTROLLED = """
def test_it(mockaxle):
    assert onboard(mockaxle).status_code == 200
    mockaxle.clock.freeze("2030-01-20T18:00:00Z")
    mockaxle.clock.advance("61m")
    assert onboard(mockaxle.fork()).json()["enrolment"]["status"] == "already_enrolled"
    mockaxle.log.verify({"operation": "POST /entities/site/onboard", "count": 1})
"""


def test_a_shared_mock_is_controlled_with_account_tokens(pytester: pytest.Pytester) -> None:
    with serve_in_thread(create_app(ServerSettings(host="0.0.0.0"))) as url:
        run(pytester, CONTROLLED, "--mockaxle-url", url).assert_outcomes(passed=1)


def test_the_admin_token_controls_a_world_before_its_first_log_in(pytester: pytest.Pytester) -> None:
    test = """
def test_it(mockaxle):
    mockaxle.clock.freeze("2030-01-20T18:00:00Z")
    assert onboard(mockaxle).status_code == 200
"""
    with serve_in_thread(create_app(ServerSettings(shared=True, admin_token="let-me-in"))) as url:
        there = ("--mockaxle-url", url, "--mockaxle-admin-token", "let-me-in", "--mockaxle-scenario", "empty-market")
        run(pytester, test, *there).assert_outcomes(passed=1)


def test_the_admin_token_controls_a_fork_whose_log_in_fails(pytester: pytest.Pytester) -> None:
    test = """
def test_it(mockaxle):
    assert mockaxle.token
    mockaxle.faults.add("status", status=503, operation="POST /auth/token-form")
    fork = mockaxle.fork()
    fork.faults.clear()
    assert fork.token
"""
    with serve_in_thread(create_app(ServerSettings(shared=True, admin_token="let-me-in"))) as url:
        there = ("--mockaxle-url", url, "--mockaxle-admin-token", "let-me-in")
        run(pytester, test, *there).assert_outcomes(passed=1)


def test_the_admin_token_controls_too(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_in_thread(create_app(ServerSettings(shared=True, admin_token="let-me-in"))) as url:
        there = ("--mockaxle-url", url)
        run(pytester, CONTROLLED, *there, "--mockaxle-admin-token", "let-me-in").assert_outcomes(passed=1)
        run(pytester, CONTROLLED, *there, "--mockaxle-admin-token", "let-me-out").assert_outcomes(failed=1)
        monkeypatch.setenv("MOCKAXLE_ADMIN_TOKEN", "let-me-out")
        run(pytester, CONTROLLED, *there).assert_outcomes(failed=1)
        monkeypatch.setenv("MOCKAXLE_ADMIN_TOKEN", "let-me-in")
        run(pytester, CONTROLLED, *there).assert_outcomes(passed=1)
    run(pytester, CONTROLLED).assert_outcomes(passed=1)


def test_worlds_begin_with_a_scenario(pytester: pytest.Pytester) -> None:
    test = """
def test_it(mockaxle):
    assert mockaxle.market.windows == []
"""
    run(pytester, test, "--mockaxle-scenario", "empty-market").assert_outcomes(passed=1)
    pytester.makeini("[pytest]\nmockaxle_scenario = empty-market\n")
    run(pytester, test).assert_outcomes(passed=1)


def test_a_scenario_is_read_once(pytester: pytest.Pytester, served: Served) -> None:
    test = """
import pathlib, pytest

@pytest.mark.parametrize("number", range(3))
def test_it(mockaxle, number):
    assert mockaxle.market.windows == []
    pathlib.Path("empty.toml").unlink(missing_ok=True)
"""
    for there in ((), ("--mockaxle-url", served.base_url)):
        pytester.makefile(".toml", empty="daily_windows = []\nsingle_windows = []\n")
        run(pytester, test, "--mockaxle-scenario", "empty.toml", *there).assert_outcomes(passed=3)


MANY = """
import pytest

@pytest.mark.parametrize("number", range(20))
def test_it(mockaxle, number):
    pass
"""


def ending(result: pytest.RunResult) -> str:
    """Why pytest ended the run with a usage error, once and in a few lines."""
    text = result.stdout.str() + result.stderr.str()
    assert (result.ret, text.count("--mockaxle-"), "Traceback" in text) == (pytest.ExitCode.USAGE_ERROR, 1, False)
    assert len(text.splitlines()) < 15
    (line,) = [line for line in text.splitlines() if "--mockaxle-" in line]
    return line.strip("! ").removeprefix("_pytest.outcomes.Exit: ")


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_wrong_url_is_one_line(pytester: pytest.Pytester, workers: str) -> None:
    line = ending(run(pytester, MANY, "--mockaxle-url", "http://127.0.0.1:1", "-n", workers))
    assert line.startswith("--mockaxle-url: no answer from http://127.0.0.1:1: ")


def test_a_wrong_scenario_is_one_error(pytester: pytest.Pytester) -> None:
    line = ending(run(pytester, MANY, "--mockaxle-scenario", "nowhere", "-n", "2"))
    assert line.startswith("--mockaxle-scenario: there is no scenario 'nowhere': use a file, or one of autumn-back, ")
    pytester.makefile(".toml", wrong="[settings]\npause_minutes = 1")
    line = ending(run(pytester, MANY, "--mockaxle-scenario", "wrong.toml"))
    assert line.startswith("--mockaxle-scenario: wrong.toml:2: settings.pause_minutes: must be ")


def test_a_scenario_with_accounts_which_one_world_only_can_have_is_one_error(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", accounts='accounts = [{username = "ada"}]')
    line = ending(run(pytester, MANY, "--mockaxle-scenario", "accounts.toml"))
    assert line == "--mockaxle-scenario: accounts.toml has accounts, but each test has its own; leave them out"


def test_tests_without_the_fixture_run_whatever_the_url(pytester: pytest.Pytester) -> None:
    wrong = ("--mockaxle-url", "http://127.0.0.1:1", "--mockaxle-scenario", "nowhere")
    run(pytester, "def test_it():\n    pass\n", *wrong).assert_outcomes(passed=1)


def test_a_failing_test_shows_the_end_of_the_log_and_why(pytester: pytest.Pytester) -> None:
    test = """
def test_it(mockaxle):
    site = onboard(mockaxle).json()["site"]["site_id"]
    bearer = {"Authorization": f"Bearer {mockaxle.token}"}
    path = f"{mockaxle.base_url}/entities/site/{site}"
    pause = {"proposition": "limited_pause", "overide_withdrawal": True}
    httpx.post(f"{path}/unenrol", json=pause, headers=bearer)
    mockaxle.faults.add("latency", latency_ms=5, operation="POST /entities/site/{site_id}/enrol")
    assert httpx.post(f"{path}/enrol", json=pause, headers=bearer).status_code == 200
"""
    result = run(pytester, test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*mockaxle log*",
            "*POST /entities/site/onboard  200  L0 U1*",
            "*POST /entities/site/*/enrol  waits 5 ms, by f1*",
            "*POST /entities/site/*/enrol  422  L5*",
            "*answered *withdrawn*",
            "*unknown key /overide_withdrawal; did you mean 'override_withdrawal'?*",
        ]
    )


def test_a_failing_test_shows_what_a_receiver_answered(pytester: pytest.Pytester) -> None:
    test = """
def test_it(mockaxle):
    mockaxle.clock.freeze("2040-01-20T22:00:00Z")
    mockaxle.control("PUT", "/receivers/partner", body={"url": "http://127.0.0.1:1/", "kind": "webhooks"})
    full = "full_asset_schedule_control"
    asset = onboard(mockaxle, proposition=full).json()["assets"][0]["asset_id"]
    bearer = {"Authorization": f"Bearer {mockaxle.token}"}
    httpx.post(f"{mockaxle.base_url}/entities/asset/{asset}/event/plug-in", json={}, headers=bearer)
    mockaxle.clock.advance("1s")
    assert False
"""
    result = run(pytester, test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*mockaxle log*", "*delivery to partner, failed: ConnectError*"])


@pytest.mark.rule("N21")
def test_an_app_is_a_receiver_until_its_test_ends(pytester: pytest.Pytester, served: Served) -> None:
    test = """
import pytest

received = []

@pytest.mark.parametrize("number", range(2))
def test_it(mockaxle, number):
    mockaxle.clock.run(rate=1000)
    mockaxle.receiver(lambda request: received.append(number) or 503)
    assets = onboard(mockaxle, proposition="full_asset_schedule_control").json()["assets"]
    bearer = {"Authorization": f"Bearer {mockaxle.token}"}
    url = f"{mockaxle.base_url}/entities/asset/{assets[0]['asset_id']}/event/plug-in"
    httpx.post(url, json={}, headers=bearer)
    assert mockaxle.inbox.wait_for("asset:dispatch:requested", "wallbox-7", timeout=60)["attempts"]
    mockaxle.clock.freeze()
    mockaxle.clock.advance("1h")
    assert received == sorted(received)
"""
    run(pytester, test).assert_outcomes(passed=2)
    result = run(pytester, test, "--mockaxle-url", served.base_url)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*ValueError: pass a URL: the mock runs in another process*"])


def test_the_vendors_hosts_are_out_of_reach(pytester: pytest.Pytester) -> None:
    test = """
import pytest, socket

@pytest.mark.parametrize("host", ["api.axle.energy", "API-sandbox.Axle.Energy.", "axle.energy"])
def test_it(host):
    with pytest.raises(Exception, match="real service; --mockaxle-allow-real allows it"):
        socket.create_connection((host, 443), timeout=1)

def test_others_are_not():
    assert socket.getaddrinfo("localhost", 80)
    with pytest.raises(OSError):
        socket.create_connection(("notaxle.energy.invalid", 443), timeout=1)
"""
    run(pytester, test).assert_outcomes(passed=4)


def test_the_guard_can_be_lifted(pytester: pytest.Pytester) -> None:
    test = """
import pytest, socket

def test_it():
    with pytest.raises(OSError):
        socket.getaddrinfo("axle.energy.", -1, type=99)
"""
    run(pytester, test, "--mockaxle-allow-real").assert_outcomes(passed=1)
    pytester.makeini("[pytest]\nmockaxle_allow_real = true\n")
    run(pytester, test).assert_outcomes(passed=1)


def test_it_loads_nothing_heavy() -> None:
    code = """
import sys, mockaxle.pytest_plugin
print({"httpx", "starlette", "uvicorn", "pydantic", "schemathesis", "hypothesis"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


async def owned(scope: Any, receive: Any, send: Any) -> None:
    """A server that passes for a mock, and refuses control with what a terminal would act on."""
    answers = {"/__mockaxle/health": {"version": "1"}, "/auth/token-form": {"access_token": "t"}}
    body = answers.get(scope["path"], {"detail": "\x1b]0;owned\x07\x9b2J"})
    await send({"type": "http.response.start", "status": 200 if scope["path"] in answers else 409, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


def test_a_server_writes_nothing_to_the_terminal(pytester: pytest.Pytester) -> None:
    with serve_in_thread(owned) as url:
        result = run(pytester, "def test_it(mockaxle):\n    mockaxle.market.clear()\n", "--mockaxle-url", url)
    result.assert_outcomes(failed=1)
    assert [char for char in result.stdout.str() if not (char.isprintable() or char == "\n")] == []


def test_a_log_of_many_values_is_shown(pytester: pytest.Pytester) -> None:
    test = """
def test_it(mockaxle):
    body = '{"readings": [' + ",".join(["{}"] * 310_000) + "]}"
    bearer = {"Authorization": f"Bearer {mockaxle.token}", "Content-Type": "application/json"}
    assert httpx.post(f"{mockaxle.base_url}/data/readings", content=body, headers=bearer).status_code == 422
    assert False
"""
    result = run(pytester, test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*POST /data/readings*422*"])
