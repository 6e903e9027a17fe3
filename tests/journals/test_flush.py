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


def traced(strace: str, folder: Path, sync: str) -> list[str]:
    """The calls of a server from an onboarding on, in their order."""
    trace = folder / "trace"
    serve = f"-m mockaxle.cli serve --port 0 --quiet --journal-sync {sync} --journal {folder / 'mock.db'}".split()
    line = (*f"{strace} -f -y -s 4096 -e trace={CALLS} -o {trace} {sys.executable}".split(), *serve)
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


@pytest.mark.parametrize(("sync", "is_safe"), [("always", True), ("normal", False)])
def test_an_answer_leaves_after_its_row_is_on_the_disk(tmp_path: Path, sync: str, is_safe: bool) -> None:
    (strace,) = needed("strace")
    lines = traced(strace, tmp_path, sync)
    row = next(n for n, line in enumerate(lines) if "POST /entities/site/onboard" in line and "pwrite64" in line)
    answer = next(n for n, line in enumerate(lines) if "site_created" in line and "HTTP/1.1 200" in line)
    assert row < answer
    assert any(is_flushed(lines[n:answer]) for n in range(row + 1, answer)) == is_safe


def is_flushed(lines: list[str]) -> bool:
    """Tell whether the first call flushes the WAL, and ends within these lines."""
    thread, _, call = lines[0].partition(" ")
    if not re.match(r" *f(data)?sync\(\d+<[^>]*-wal>", call):
        return False
    ends = [line for line in lines if line.startswith(f"{thread} ") and re.search(r"f(data)?sync.*= 0$", line)]
    return bool(ends)
