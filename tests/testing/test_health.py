"""Whether a mock runs at a URL is said in one line."""

from typing import Any

import pytest

from mockaxle.listener import serve_in_thread
from mockaxle.testing.health import NoMock, check_mock
from tests.serving import Served


def told(url: str) -> str:
    with pytest.raises(NoMock) as refused:
        check_mock(url)
    return str(refused.value)


@pytest.mark.parametrize("url", ["", "127.0.0.1:2953", "ftp://127.0.0.1", "http://", "http://[::1", "http://x..y"])
def test_what_is_no_url_is_refused_with_one(url: str) -> None:
    assert told(url).startswith(f"{url!r} is no base URL such as http://127.0.0.1:2953: ")


def test_a_server_that_is_silent_or_no_mock_is_refused(served: Served) -> None:
    check_mock(served.base_url)
    assert told("http://127.0.0.1:1").startswith("no answer from http://127.0.0.1:1: ")
    elsewhere = f"{served.base_url}/x"
    assert told(elsewhere).startswith(f"{elsewhere} is no mock: GET /__mockaxle/health is answered 404 ")


@pytest.mark.parametrize("body", [b"<p>Welcome</p>", b"[]", b"\xff", b"[" * 100_000])
def test_a_server_with_a_page_for_every_path_is_no_mock(body: bytes) -> None:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    with serve_in_thread(page) as url:
        assert told(url).startswith(f"{url} is no mock: GET /__mockaxle/health is answered 200 ")
