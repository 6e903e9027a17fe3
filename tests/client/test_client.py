"""The client of any server: what it sends, what it reads, and when it stops."""

import gzip
from multiprocessing import SimpleQueue, get_context

import httpx
import pytest

from mockaxle.client.bounded_json import bounded_json
from mockaxle.client.client import Bounds, Client
from mockaxle.client.errors import NotReached, NotReadable, TooLong, TooSlow, Unanswered, UrlRefused
from mockaxle.client.log_in import LogInRefused, log_in
from tests.hostile.evil import MANNERS, TIMED, evil_server
from tests.serving import Served

BASE = "http://here.example:81/base"


def answering(status: int = 200, content: bytes = b"", **headers: bytes) -> httpx.MockTransport:
    named = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return httpx.MockTransport(lambda request: httpx.Response(status, headers=named, content=content))


@pytest.mark.parametrize(
    "url",
    ["nonsense", "ftp://a", "http://", "http://[::1", "http://a:99999", "http://a:0", "http://xn--a", "http://user:pw@a",
     "http://a?b", "http://a#b", "http://a/?", "http://" + "a" * 70_000, "http://a\x00b", "//a", ""],
)  # fmt: skip
def test_what_is_no_base_url_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused, match="base URL"):
        Client(url)


def test_a_host_that_no_name_can_be_is_not_reached() -> None:
    with Client(f"http://{'a' * 64}.example") as client, pytest.raises(Unanswered):
        client.call("GET", "/")


@pytest.mark.parametrize("manner", TIMED)
def test_an_answer_that_never_ends_ends_in_time(manner: str) -> None:
    with evil_server(manner) as (url, _), Client(url) as client, pytest.raises(TooSlow):
        client.call("GET", "/", within=Bounds(0.1))


@pytest.mark.parametrize("manner", ["endless_head", "no_http", "cut_short", "nothing"])
def test_what_is_no_answer_is_not_reached(manner: str) -> None:
    with evil_server(manner) as (url, _), Client(url) as client, pytest.raises(NotReached):
        client.call("GET", "/")


@pytest.mark.parametrize("manner", ["endless", "packed"])
def test_an_answer_beyond_its_size_ends_the_call(manner: str) -> None:
    with evil_server(manner) as (url, _), Client(url) as client, pytest.raises(TooLong, match="longer than 8,000,000"):
        client.call("GET", "/")


def test_an_answer_is_unpacked_up_to_the_very_limit() -> None:
    packed = gzip.compress(b"a" * 100)
    with Client(BASE, transport=answering(content=packed, Content_Encoding=b"gzip")) as client:
        assert client.call("GET", "/", within=Bounds(size=100)).body == b"a" * 100
        with pytest.raises(TooLong):
            client.call("GET", "/", within=Bounds(size=99))


def test_what_is_packed_otherwise_is_not_read() -> None:
    not_asked_for = pytest.raises(NotReadable, match="which was not accepted")
    with evil_server("packed_twice") as (url, _), Client(url) as client, not_asked_for:
        client.call("GET", "/")


def test_a_redirect_is_an_answer_like_any_other() -> None:
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(307, headers={"Location": "https://else.example"})

    with Client(BASE, transport=httpx.MockTransport(answer)) as client:
        assert [client.call("GET", path).status for path in ("/x", "//else.example", "@else.example")] == [307] * 3
    assert {request.url.netloc for request in calls} == {b"here.example:81"}


@pytest.mark.parametrize("manner", [*MANNERS])
def test_a_log_in_gives_a_token_or_one_of_two_errors(manner: str) -> None:
    with evil_server(manner, elsewhere=BASE) as (url, _), Client(url) as client:
        with pytest.raises((LogInRefused, Unanswered)) as raised:
            log_in(client, "demo", password="demo")
        assert len(str(raised.value)) < 1500


@pytest.mark.parametrize("path", ["/a b", "/é", "/日", "/\x00", "/a?b=c#d"])
def test_any_path_is_sent_in_ascii(path: str) -> None:
    echo = httpx.MockTransport(lambda request: httpx.Response(200, text=str(request.url)))
    with Client(BASE, transport=echo) as client:
        assert client.call("GET", path).text.removeprefix(f"{BASE}/").isascii()


@pytest.mark.parametrize("header", ["a\r\nb: c", "日"])
def test_a_header_that_cannot_be_sent_is_an_error_and_no_traceback(header: str) -> None:
    with evil_server("a_list") as (url, _), Client(url) as client, pytest.raises(Unanswered):
        client.call("GET", "/", headers={"X-Other": header})


WAITS = [("7", 7), ("0", 1), ("²", None), ("٣", None), ("9" * 10, None), ("-1", None)]


@pytest.mark.parametrize(("text", "seconds"), WAITS)
def test_retry_after_is_whole_seconds(text: str, seconds: int | None) -> None:
    with Client(BASE, transport=answering(429, Retry_After=text.encode())) as client:
        assert client.call("GET", "/").retry_after_seconds() == seconds


def test_the_error_asks_a_forked_process_to_open_a_client_of_its_own(served: Served) -> None:
    def call(client: Client, outcomes: "SimpleQueue[str]") -> None:
        try:
            outcomes.put(str(client.call("GET", "/openapi.json").status))
        except NotReached as error:
            outcomes.put(str(error))

    context = get_context("fork")
    outcomes = context.SimpleQueue()
    with Client(served.base_url) as client:
        child = context.Process(target=call, args=(client, outcomes))
        child.start()
        assert outcomes.get().endswith("open one in the new process")
        child.join()


STUMBLING_BLOCKS = [
    (b'"\\ud800"', "surrogates not allowed"),
    (b'{"\\uD800": 1}', "surrogates not allowed"),
    (b"[" * 102 + b"]" * 102, "nested more than 100 levels"),
    (b"[" * 100_000, "nested too deep"),
    (b"[1" + b",1" * 300_000 + b"]", "more than 300,000 values"),
    (b"9" * 5_000, "digits"),
]


@pytest.mark.parametrize(("text", "why"), STUMBLING_BLOCKS, ids=range(len(STUMBLING_BLOCKS)))
def test_json_that_a_reader_could_stumble_over_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        bounded_json(text)


def test_json_with_a_whole_character_in_two_halves_is_read() -> None:
    assert bounded_json(b'"\\ud83d\\ude97"') == "\U0001f697"


def test_a_refused_log_in_shows_no_token() -> None:
    refused = pytest.raises(LogInRefused, match="returned 201")
    with Client(BASE, transport=answering(201, b'{"access_token": "s3cret"}')) as client, refused as raised:
        log_in(client, "demo", password="demo")
    assert "s3cret" not in str(raised.value)
