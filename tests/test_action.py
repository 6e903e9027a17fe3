"""The composite GitHub action: its form, and its steps run in order as a runner runs them."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.pages.test_blocks import blocks, page
from tests.programs import needed
from tests.workflows import Runner, job

ROOT = Path(__file__).parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INSTALL, SERVE = STEPS
EXAMPLE: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "ci" / "github-actions.yml").read_text())
PRINTED: list[dict[str, Any]] = yaml.safe_load(blocks(page("other-languages"), "yaml")[0])


def mocking(folder: Path, **inputs: str) -> AbstractContextManager[Runner]:
    """A job whose step `uses` the action of the checkout, with inputs beside the defaults."""
    given = {name: about["default"] for name, about in ACTION["inputs"].items()} | inputs
    expressions = {f"inputs.{name}": value for name, value in given.items()}
    expressions["github.action_repository || github.repository"] = "OWNER/mockaxle"
    return job(folder, variables={"GITHUB_ACTION_PATH": str(ROOT)}, expressions=expressions)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runner's temporary folder after the action's first step."""
    folder = tmp_path_factory.mktemp("runner")
    with mocking(folder) as runner:
        runner.run_all([INSTALL])
    return folder


@pytest.fixture
def runner(installed: Path) -> Iterator[Runner]:
    with mocking(installed, port="0", scenario="every-asset-type", args="--seed two  --max-worlds 1") as runner:
        yield runner


def test_it_is_a_composite_action_whose_steps_name_their_shell() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert [(set(step) - {"name", "id", "env"}, step["shell"]) for step in STEPS] == [({"run", "shell"}, "bash")] * 2
    assert all(about["description"] and "default" in about for about in ACTION["inputs"].values())
    assert list(ACTION["inputs"]) == ["version", "port", "scenario", "args"]


def test_no_script_holds_an_expression_so_that_no_input_is_run_as_a_command() -> None:
    assert [step["run"] for step in STEPS if "${{" in step["run"]] == []


def test_the_mock_answers_at_the_url_that_the_action_puts_out(runner: Runner) -> None:
    runner.run_all([SERVE])
    outputs = {name: runner.evaluate(about["value"]) for name, about in ACTION["outputs"].items()}
    assert {name: runner.variables[f"MOCKAXLE_{name.upper()}"] for name in outputs} == outputs
    evicted, kept = (log_in(outputs["url"], username) for username in ("first", "second"))
    assert httpx.get(f"{outputs['url']}/entities/site", headers=kept).json()["total_num_sites"] > 0
    assert httpx.get(f"{outputs['url']}/entities/site", headers=evicted).status_code == 401


def log_in(url: str, username: str) -> dict[str, str]:
    answer = httpx.post(f"{url}/auth/token-form", data={"username": username, "password": "ci"})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize("steps", [EXAMPLE["jobs"]["tests"]["steps"][1:], PRINTED], ids=["example", "page"])
def test_the_steps_to_copy_use_the_mock_and_can_print_each_call(steps: list[dict[str, Any]], runner: Runner) -> None:
    action, test, show = steps
    assert (action, show["if"]) == ({"uses": "OWNER/mockaxle@main"}, "failure()")
    assert '"access_token"' in runner.run_all([SERVE, test])
    assert " ci POST /auth/token-form 200 " in runner.run_all([show])


def test_the_page_lists_every_input() -> None:
    assert re.findall(r"^\| `(\w+)` \|", page("other-languages"), re.MULTILINE) == list(ACTION["inputs"])


def test_a_mock_that_does_not_start_fails_the_step_and_says_why(installed: Path) -> None:
    with mocking(installed, port="0", scenario="no-such-evening") as runner:
        done = runner.run(SERVE)
    assert done.returncode == 1
    assert "no-such-evening" in done.stdout
    assert "::error::mockaxle did not start" in done.stdout


def test_https_is_refused_since_the_action_waits_for_http(installed: Path) -> None:
    with mocking(installed, port="0", args="--tls self") as runner:
        done = runner.run(SERVE)
    assert (done.returncode, done.stdout.count("\n")) == (1, 1)
    assert "::error::the action serves HTTP only" in done.stdout


def test_two_mocks_of_a_job_have_logs_of_their_own(runner: Runner) -> None:
    logs = []
    for _ in range(2):
        runner.run_all([SERVE])
        logs.append(runner.variables["MOCKAXLE_LOG"])
        log_in(runner.variables["MOCKAXLE_URL"], "anybody")
    assert logs[0] != logs[1]
    assert [Path(log).read_text().count("/auth/token-form") for log in logs] == [1, 1]


def test_another_version_is_installed_from_the_actions_repository(tmp_path: Path) -> None:
    (git,) = needed("git")
    subprocess.run([git, "clone", "--quiet", "--bare", str(ROOT), str(tmp_path / "OWNER" / "mockaxle")], check=True)
    commit = subprocess.run([git, "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    with mocking(tmp_path, version=commit.strip()) as runner:
        runner.variables["GITHUB_SERVER_URL"] = tmp_path.as_uri()
        runner.run_all([INSTALL])
    (origin,) = tmp_path.glob("mockaxle/lib/python*/site-packages/mockaxle-*.dist-info/direct_url.json")
    assert f'"commit_id": "{commit.strip()}"' in origin.read_text()


def test_an_old_python_is_refused_with_the_remedy(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    with mocking(tmp_path) as runner:
        runner.variables["PATH"] = f"{tmp_path}:{runner.variables['PATH']}"
        done = runner.run(INSTALL)
    assert done.returncode == 1
    assert "::error::mockaxle needs Python 3.11 or later" in done.stdout
