"""What a check does not do, and what it says to a server that answers nonsense."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from mockaxle.harness.run import Homes, NotTestable
from mockaxle.harness.safety import Unsafe, check_host, read_mpans
from tests.mutants.checking import ROOT

MIDDLE = b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: 13\r\n%sConnection: close\r\n\r\n<h1>Hello</h1"
REDIRECT = MIDDLE % (b"302 Found", b"Location: https://elsewhere.example/\r\n")


def said(url: str, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "mockaxle.cli", "check", url, "--time-budget", "5", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@contextmanager
def answering(act: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does the same with every connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            kept.append(connection)
            connection.recv(65536)
            act(connection)

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
        for connection in kept:
            connection.close()


def sends(text: bytes) -> Callable[[socket.socket], None]:
    def act(connection: socket.socket) -> None:
        connection.sendall(text)
        connection.close()

    return act


@pytest.mark.parametrize(
    ("act", "word"),
    [
        (sends(MIDDLE % (b"200 OK", b"")), "returned 200 (text/html), not 200 with an access_token"),
        (sends(MIDDLE % (b"500 Oh", b"")), "returned 500 (text/html)"),
        (sends(REDIRECT), "returned 302 (text/html)"),
        (sends(b""), "does not answer"),
        (sends(b"\x00\xff" * 50), "does not answer"),
        (lambda connection: None, "does not answer"),
    ],
    ids=["html", "500", "redirect", "closes", "garbage", "hangs"],
)
def test_a_server_that_answers_nonsense_gets_one_clear_line(act: Callable[[socket.socket], None], word: str) -> None:
    with answering(act) as url:
        code, printed = said(url)
    lines = [line for line in printed.splitlines() if not line.startswith("log-in: ")]
    assert (code, len(lines), word in lines[0]) == (2, 1, True), printed


def test_nobody_there_is_said_in_a_line() -> None:
    assert said("http://127.0.0.1:1")[0] == 2


@pytest.mark.parametrize("url", ["https://api.axle.energy", "https://API.axle.energy./", "http://api.axle.energy:8080"])
def test_the_vendors_production_is_refused_unless_it_is_spelt_out(url: str) -> None:
    with pytest.raises(Unsafe, match="--production api"):
        check_host(url, production=None)
    with pytest.raises(Unsafe):
        check_host(url, production="yes")
    check_host(url, production="api.axle.energy")


def test_production_is_refused_before_anything_is_sent() -> None:
    code, printed = said("https://api.axle.energy")
    assert (code, "real homes" in printed) == (2, True)


def test_no_variable_of_the_environment_stands_for_the_second_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKAXLE_PRODUCTION", "api.axle.energy")
    monkeypatch.setenv("MOCKAXLE_ALLOW_WRITES", "1")
    monkeypatch.setenv("MOCKAXLE_SEED", "what serve takes")
    code, printed = said("https://api.axle.energy")
    assert (code, "real homes" in printed) == (2, True)


@pytest.mark.parametrize("url", ["127.0.0.1:2953", "ftp://host", "http://", "nonsense", "http://[::1", "http://host:x"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(Unsafe, match="not a base URL"):
        check_host(url, production=None)


def test_off_loopback_writing_needs_mpans_of_ones_own(tmp_path: Path) -> None:
    with pytest.raises(Unsafe, match="needs --mpans"):
        read_mpans(None, loopback=False, may_write=True)
    assert read_mpans(None, loopback=False, may_write=False) == ()
    file = tmp_path / "mpans"
    file.write_text("1000000000012  # ours\n\n1000000000099\n")
    assert read_mpans(file, loopback=False, may_write=True) == ("1000000000012", "1000000000099")
    file.write_text("hello\n")
    with pytest.raises(Unsafe, match="13 digits"):
        read_mpans(file, loopback=False, may_write=True)


def test_only_listed_mpans_are_given_out() -> None:
    homes = Homes(("1000000000012",), seed=1)
    assert [homes.next() for _ in range(3)] == ["1000000000012"] * 3
    with pytest.raises(NotTestable, match="--mpans has 1"):
        homes.several(2)


def test_reports_and_baselines_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    for option in ("--report=xml=f", "--report=junit=", "--report=junit=/nowhere/f"):
        code, printed = said("http://127.0.0.1:1", option)
        assert (code, "Error" in printed or "report" in printed) == (2, True)
    wrong = tmp_path / "known"
    wrong.write_text("[]")
    assert "no JSON report" in said("http://127.0.0.1:1", "--baseline", str(wrong))[1]
