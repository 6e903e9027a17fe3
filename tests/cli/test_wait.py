"""`mockaxle wait`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.test_serve import run
from tests.serving import Served

NOWHERE = "http://127.0.0.1:1"


def test_it_prints_the_base_url_of_a_mock_that_is_up(served: Served) -> None:
    done = run("wait", "--url", served.base_url)
    assert (done.returncode, done.stdout) == (0, f"{served.base_url}\n")


def test_it_waits_for_one_that_is_only_starting(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    waiting = [sys.executable, "-m", "mockaxle.cli", "wait", "--port-file", str(port_file)]
    serving = [sys.executable, "-m", "mockaxle.cli", "serve", "--port", "0", "--port-file", str(port_file), "--quiet"]
    with subprocess.Popen(waiting, stdout=subprocess.PIPE, text=True) as waits, served_by(serving) as serves:
        printed, _ = waits.communicate(timeout=60)
        assert serves.stdout
        assert printed == serves.stdout.readline()
    assert waits.returncode == 0


@contextmanager
def served_by(command: list[str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.terminate()


def test_it_says_what_it_waited_for_in_vain(tmp_path: Path) -> None:
    done = run("wait", "--url", NOWHERE, "--timeout", "0.1")
    assert (done.returncode, done.stderr) == (
        2,
        f"mockaxle: no answer from {NOWHERE}: All connection attempts failed, after 0.1 s\n",
    )
    done = run("wait", "--port-file", str(tmp_path / "port"), "--timeout", "0")
    assert (done.returncode, "port has no port yet, after 0 s" in done.stderr) == (2, True)


def test_a_url_on_the_command_line_wins_over_a_file_of_the_environment(served: Served) -> None:
    done = run("wait", "--url", served.base_url, "--timeout", "0", MOCKAXLE_PORT_FILE="/nowhere/port")
    assert (done.returncode, done.stdout) == (0, f"{served.base_url}\n")


def test_a_password_in_a_url_is_not_printed() -> None:
    done = run("wait", "--timeout", "0", MOCKAXLE_URL="http://me:s3cret@127.0.0.1:1")
    assert (done.returncode, "s3cret" in done.stderr, "127.0.0.1:1" in done.stderr) == (2, False, True)
