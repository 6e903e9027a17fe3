"""`mockaxle export`, and what holds for the output of every verb. What it writes is in tests/recordings."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockaxle.serving.listener import serve_in_thread
from tests.cli.test_serve import run
from tests.serving import Served


async def foreign(scope: Any, receive: Any, send: Any) -> None:
    """A server that lets anybody in, and has nothing else."""
    is_log_in = scope["path"] == "/auth/token-form"
    body = {"access_token": "t"} if is_log_in else {"detail": "Not Found"}
    await send({"type": "http.response.start", "status": 200 if is_log_in else 404, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


def test_a_server_that_is_no_mock_is_called_so() -> None:
    with serve_in_thread(foreign) as url:
        done = run("export", "--url", url)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"mockaxle: {url} is not a mockaxle server: GET /__mockaxle/health returned 404 ")


def test_output_that_nobody_reads_is_no_difference() -> None:
    command = [sys.executable, "-m", "mockaxle.cli", "contract"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.close()
        assert (process.wait(), process.stderr and process.stderr.read()) == (141, "")


def test_a_terminal_that_is_not_utf_8_is_no_traceback(served: Served) -> None:
    done = run("token", "--url", f"{served.base_url}/日本", PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr.count("\n"), "\\u65e5" in done.stderr) == (2, 1, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_full_disk_is_one_line() -> None:
    command = [sys.executable, "-m", "mockaxle.cli", "contract"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "mockaxle: [Errno 28] No space left on device\n")
