"""The partner's app in examples/ passes its own tests, and each of its bugs is found by the one that says so."""

import os
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.test_serve import serving
from tests.inner_pytest import PYTEST

APP = Path(__file__).parent.parent / "examples" / "partner-app"
BUGS = re.findall(r"^\| `([a-z-]+)` \|.*\| `(test_\w+)` \|$", (APP / "README.md").read_text(), re.MULTILINE)
RECEIVER_TESTS, NO_APP = 15, "pass a URL: the mock runs in another process, which cannot call an app of this one"


def run(*options: str, bug: str = "") -> tuple[int, set[str], str]:
    """Exit code, the names of the tests that failed, and what was printed."""
    command = [*PYTEST, "-rfs", *options]
    environment = {**os.environ, "EV_APP_BUG": bug, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=APP, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, set(re.findall(r"^FAILED .*::(\w+)", done.stdout, re.MULTILINE)), done.stdout


def skipped(printed: str) -> dict[str, int]:
    """Return how many tests were skipped, by the reason."""
    found: Counter[str] = Counter()
    for count, reason in re.findall(r"^SKIPPED \[(\d+)\] \S+: (.*)$", printed, re.MULTILINE):
        found[reason] += int(count)
    return found


def test_it_passes() -> None:
    code, failed, printed = run()
    assert (code, failed, skipped(printed)) == (0, set(), {}), printed


def test_it_passes_at_a_shared_server_with_account_tokens_only(tmp_path: Path) -> None:
    """The tests of the receiver are skipped there, since that server cannot call an app of the tests' process."""
    port_file = tmp_path / "port"
    with serving("--host", "0.0.0.0", "--port-file", str(port_file)):
        code, failed, printed = run("--mockaxle-url", f"http://127.0.0.1:{int(port_file.read_text())}")
    assert (code, failed, skipped(printed)) == (0, set(), {NO_APP: RECEIVER_TESTS}), printed


@pytest.mark.parametrize(("bug", "test"), BUGS)
def test_each_of_its_bugs_is_found_by_one_test(bug: str, test: str) -> None:
    code, failed, printed = run(bug=bug)
    assert (code, failed) == (1, {test}), printed


def test_it_has_five_bugs() -> None:
    assert len(BUGS) == 5
