"""The system calls of a server: the row is flushed to the disk before the answer is sent."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.calling import onboarding
from tests.programs import needed

CALLS = "fsync,fdatasync,write,pwrite64,sendto,sendmsg,writev"


def traced(strace: str, folder: Path) -> list[str]:
    """The calls of a server from an onboarding on, in their order."""
    trace = folder / "trace"
    serve = f"-m mockaxle.cli serve --port 0 --quiet --journal {folder / 'mock.db'}".split()
    line = (*f"{strace} -f -s 4096 -e trace={CALLS} -o {trace} {sys.executable}".split(), *serve)
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        url = process.stdout.readline().strip()
        if not url:
            pytest.skip(f"strace may not trace here: {process.stderr.read()[:100]}")
        token = httpx.post(f"{url}/auth/token-form", data={"username": "demo", "password": "demo"}).json()
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        assert httpx.post(f"{url}/entities/site/onboard", json=onboarding(), headers=bearer).status_code == 200
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGTERM)
    return trace.read_text().splitlines()


def test_an_answer_leaves_after_its_row_is_on_the_disk(tmp_path: Path) -> None:
    (strace,) = needed("strace")
    lines = traced(strace, tmp_path)
    row = next(n for n, line in enumerate(lines) if "POST /entities/site/onboard" in line and "pwrite64" in line)
    answer = next(n for n, line in enumerate(lines) if "site_created" in line and "HTTP/1.1 200" in line)
    flushes = [n for n, line in enumerate(lines) if re.search(r"f(data)?sync(\(\d+\)| resumed>\)) += 0", line)]
    assert row < answer
    assert any(row < n < answer for n in flushes)
