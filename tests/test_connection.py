"""What a client may send, and how long it may take, over a real socket; nobody shuts the others out."""

import json
import resource
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from mockaxle.app import create_app
from mockaxle.serving.listener import http_server, serve_in_thread
from mockaxle.serving.settings import ServerSettings
from tests.serving import Served

SOON = timedelta(milliseconds=200)
LINE = b"GET /__mockaxle/health HTTP/1.1\r\n"
WHOLE = LINE + b"Host: mock\r\n\r\n"
LOG_IN = b"POST /auth/token-form HTTP/1.1\r\nHost: mock\r\nContent-Length: 40\r\n\r\n"


@contextmanager
def bounded(settings: ServerSettings) -> Iterator[Served]:
    app = create_app(settings)
    with serve_in_thread(app, settings=settings) as url:
        yield Served(app, url)


@pytest.fixture(scope="module")
def hasty() -> Iterator[Served]:
    with bounded(ServerSettings(head_timeout=SOON, body_timeout=SOON)) as served:
        yield served


def test_an_idle_connection_outlives_a_clients_pool() -> None:
    """Else a client now and then sends on a connection that is closing, and gets no answer."""
    expiry = httpx.Limits().keepalive_expiry
    assert expiry is not None
    assert http_server(create_app()).config.timeout_keep_alive > 2 * expiry


def opened(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def until_closed(connection: socket.socket) -> bytes:
    """What comes before the end, or before the reset that may follow where more was sent than was read."""
    found = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            found += piece
    return found


def refusal(answer: bytes) -> tuple[int, str]:
    """The status and the detail of the only answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head
    assert f"content-length: {len(body)}".encode() in head
    return int(head.split()[1]), json.loads(body)["detail"]


@pytest.mark.parametrize("sent", [b"", b"G", b"\r\n", LINE, LINE + b"Host: mo", LINE + b"Host: mock\r\n"])
def test_a_half_sent_head_is_408(hasty: Served, sent: bytes) -> None:
    expected = (408, "The head did not arrive within 0.2 s, the limit of --head-timeout")
    assert refusal(hasty.talk(sent)) == expected


@pytest.mark.parametrize("sent", [LOG_IN, LOG_IN + b"username=", LOG_IN.replace(b"form", b"form/")])
def test_a_half_sent_body_is_408(hasty: Served, sent: bytes) -> None:
    expected = (408, "The body did not arrive within 0.2 s, the limit of --body-timeout")
    assert refusal(hasty.talk(sent)) == expected


def test_a_half_sent_body_of_a_control_call_is_408_and_no_error_of_the_server(
    hasty: Served, caplog: pytest.LogCaptureFixture
) -> None:
    token = httpx.post(f"{hasty.base_url}/auth/token-form", data={"username": "u", "password": "p"}).json()
    head = f"PUT /__mockaxle/world/clock HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token['access_token']}"
    assert refusal(hasty.talk(f"{head}\r\nContent-Length: 9\r\n\r\n".encode()))[0] == 408
    assert caplog.records == []


def test_a_second_request_has_the_same_time_for_its_head(hasty: Served) -> None:
    answers = hasty.talk(WHOLE + LINE).split(b"HTTP/1.1 ")
    assert [answer[:3] for answer in answers] == [b"", b"200", b"408"]


def test_a_second_head_that_begins_later_is_408(hasty: Served) -> None:
    with opened(hasty.port) as connection:
        connection.sendall(WHOLE)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        connection.sendall(b"\r\n")
        assert refusal(until_closed(connection))[0] == 408


def test_a_body_that_was_refused_already_is_not_awaited_for_ever(hasty: Served) -> None:
    head = b"POST /auth/token-form HTTP/1.1\r\nHost: mock\r\nContent-Length: 99999999\r\n\r\n"
    answers = hasty.talk(head + b"x")
    assert answers.startswith(b"HTTP/1.1 413")
    assert answers.count(b"HTTP/1.1") == 1


LIMIT = 2048


@pytest.fixture(scope="module")
def narrow() -> Iterator[Served]:
    with bounded(ServerSettings(max_head=LIMIT)) as served:
        yield served


def test_a_request_line_beyond_the_limit_is_414(narrow: Served) -> None:
    expected = (414, "The request line is larger than 2048 bytes, the limit of --max-head")
    for size in (LIMIT, 20_000, 1_000_000):
        assert refusal(narrow.talk(b"GET /" + b"a" * size)) == expected
        assert refusal(narrow.talk(b"GET /" + b"a" * size + b" HTTP/1.1\r\n\r\n")) == expected


@pytest.mark.parametrize("header", [b"A: %s", b"%s: a"])
@pytest.mark.parametrize(("size", "end"), [(LIMIT, b"\r\n"), (100_000, b"\r\n\r\n"), (100_000, b"")])
def test_headers_beyond_the_limit_are_431(narrow: Served, header: bytes, size: int, end: bytes) -> None:
    expected = (431, "The headers are larger than 2048 bytes, the limit of --max-head")
    assert refusal(narrow.talk(LINE + header % (b"a" * size) + end)) == expected


def test_many_small_headers_count_together(narrow: Served) -> None:
    lines = b"".join(b"n%d: 1\r\n" % number for number in range(LIMIT // 8))
    assert refusal(narrow.talk(LINE + lines + b"\r\n"))[0] == 431
    assert refusal(narrow.talk(LINE + lines + b"\r\n" + WHOLE))[0] == 431


CHUNKED = b"POST /auth/token-form HTTP/1.1\r\nHost: mock\r\nTransfer-Encoding: chunked\r\n"
FORM = CHUNKED + b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("framing", [b"0\r\nX: ", b"0\r\n", b"5;", b"5;a=", b"", b"1\r\na\r\n0\r\nX: "])
def test_the_framing_of_a_chunked_body_beyond_the_limit_is_431(narrow: Served, framing: bytes) -> None:
    expected = (431, "The chunk sizes and trailers are larger than 2048 bytes, the limit of --max-head")
    assert refusal(narrow.talk(CHUNKED + b"\r\n" + framing + b"0" * 100_000)) == expected


def test_calls_before_one_with_endless_framing_are_answered(narrow: Served, caplog: pytest.LogCaptureFixture) -> None:
    answers = narrow.talk(WHOLE + WHOLE + CHUNKED + b"\r\n0\r\nX: " + b"a" * 20_000)
    assert answers.count(b"HTTP/1.1") == answers.count(b"HTTP/1.1 200") == 2
    assert caplog.records == []


def test_many_small_trailers_count_together(narrow: Served) -> None:
    lines = b"".join(b"n%d: 1\r\n" % number for number in range(LIMIT // 8))
    assert refusal(narrow.talk(CHUNKED + b"\r\n0\r\n" + lines + b"\r\n"))[0] == 431


def test_a_body_in_tiny_chunks_is_taken_however_large_its_framing(narrow: Served) -> None:
    form = b"username=u&password=p&further=" + b"a" * 20_000
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in form)
    assert narrow.talk(FORM + chunks + b"0\r\nX: a\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_a_head_within_the_limit_is_answered_and_each_counts_by_itself(narrow: Served) -> None:
    long = LINE + b"A: " + b"a" * (LIMIT - 100) + b"\r\n\r\n"
    with opened(narrow.port) as connection:
        for _ in range(5):
            connection.sendall(long)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    answers = narrow.talk(long * 9 + WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answers.count(b"HTTP/1.1 200") == 10


def test_by_default_a_head_of_64_kib_is_the_limit(served: Served) -> None:
    assert b"HTTP/1.1 404" in served.talk(b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert refusal(served.talk(b"GET /" + b"a" * 65_536 + b" HTTP/1.1\r\n\r\n"))[0] == 414
    assert refusal(served.talk(LINE + b"A: " + b"a" * 65_536 + b"\r\n\r\n"))[0] == 431


def test_beyond_the_limit_of_connections_it_is_503_and_reported_once() -> None:
    settings, said = ServerSettings(max_connections=3), list[str]()
    with serve_in_thread(create_app(settings), settings=settings, on_full=said.append) as url, ExitStack() as until:
        port = int(url.rpartition(":")[2])
        kept = [until.enter_context(opened(port)) for _ in range(3)]
        kept[-1].sendall(WHOLE)
        assert kept[-1].recv(4096).startswith(b"HTTP/1.1 200")
        for _ in range(2):
            answer = httpx.get(f"{url}/__mockaxle/health")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json() == {"detail": "3 connections are open, the limit of --max-connections"}
        kept[0].sendall(WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert until_closed(kept[0]).startswith(b"HTTP/1.1 200")
        assert httpx.get(f"{url}/__mockaxle/health").status_code == 200
    assert said == ["3 connections are open, the limit of --max-connections"]


def half_sent(port: int, until: ExitStack, *, count: int) -> list[socket.socket]:
    connections = [until.enter_context(opened(port)) for _ in range(count)]
    for connection in connections:
        connection.sendall(LINE)
    return connections


@contextmanager
def serving(*options: str, descriptors: int = 1024) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A serving process, and its base URL."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    command = [sys.executable, "-m", "mockaxle.cli", "serve", "--port", "0", "--quiet", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit
    ) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


DOCUMENT = b"GET /openapi.json HTTP/1.1\r\nHost: mock\r\n\r\n"
LAST_DOCUMENT = DOCUMENT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


def unread(port: int, until: ExitStack, sent: bytes) -> socket.socket:
    """A connection whose client reads nothing, and has room for little."""
    connection = until.enter_context(socket.socket())
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    connection.connect(("127.0.0.1", port))
    connection.sendall(sent)
    return connection


@pytest.mark.parametrize("sent", [DOCUMENT * 60, DOCUMENT * 59 + LAST_DOCUMENT])
def test_clients_that_do_not_read_their_answers_hold_no_connection(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    settings = ServerSettings(max_connections=2, body_timeout=SOON)
    with bounded(settings) as served, ExitStack() as until:
        for _ in range(2):
            unread(served.port, until, sent)
        health = f"{served.base_url}/__mockaxle/health"
        assert any(httpx.get(health).status_code == 200 for _ in range(1_000))
    assert caplog.records == []


def test_clients_that_hang_up_on_answers_they_asked_for_ahead_are_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with bounded(ServerSettings()) as served:
        for _ in range(3):
            with ExitStack() as until:
                unread(served.port, until, DOCUMENT * 60)
        assert httpx.get(f"{served.base_url}/__mockaxle/health").status_code == 200
    assert caplog.records == []


def test_400_half_sent_requests_at_300_descriptors_shut_nobody_out() -> None:
    with serving("--head-timeout", "3s", descriptors=300) as (process, url), ExitStack() as until:
        answers = [refusal(until_closed(one))[0] for one in half_sent(int(url.rpartition(":")[2]), until, count=400)]
        assert set(answers) == {408, 503}
        form = {"username": "others", "password": "secret"}
        assert httpx.post(f"{url}/auth/token-form", data=form).status_code == 200
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert errors.splitlines() == [
        "mockaxle: 250 connections are open, the limit of open files; new ones get 503 until some are closed"
    ]


def trusting_all() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_the_limits_hold_over_tls_and_for_its_handshake(tmp_path: Path) -> None:
    trusting = trusting_all()
    options = ("--tls", "self", "--tls-ca-file", str(tmp_path / "ca.pem"), "--head-timeout", "1s")
    with serving(*options) as (_, url):
        port = int(url.rpartition(":")[2])
        with opened(port) as plain, trusting.wrap_socket(opened(port)) as secured:
            secured.sendall(LINE)
            expected = (408, "The head did not arrive within 1 s, the limit of --head-timeout")
            assert refusal(until_closed(secured)) == expected
            assert until_closed(plain) == b""


def test_400_silent_handshakes_at_300_descriptors_shut_nobody_out(tmp_path: Path) -> None:
    trusting = trusting_all()
    options = ("--tls", "self", "--tls-ca-file", str(tmp_path / "ca.pem"), "--head-timeout", "1h")
    with serving(*options, descriptors=300) as (process, url), ExitStack() as until:
        silent = [until.enter_context(opened(int(url.rpartition(":")[2]))) for _ in range(400)]
        for _ in range(3):
            assert httpx.get(f"{url}/__mockaxle/health", verify=trusting).status_code == 200
        assert until_closed(silent[0]) == b""
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert errors.splitlines() == [
        "mockaxle: 250 connections are open, the limit of open files; new ones get 503 until some are closed"
    ]


def test_beyond_the_limit_of_connections_it_is_503_over_tls_too(tmp_path: Path) -> None:
    trusting = trusting_all()
    options = ("--tls", "self", "--tls-ca-file", str(tmp_path / "ca.pem"), "--max-connections", "1")
    with serving(*options) as (_, url), trusting.wrap_socket(opened(int(url.rpartition(":")[2]))) as kept:
        for _ in range(40):
            assert httpx.get(f"{url}/__mockaxle/health", verify=trusting).status_code == 503
        kept.sendall(WHOLE)
        assert kept.recv(4096).startswith(b"HTTP/1.1 200")
