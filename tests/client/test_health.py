"""A server that is no mock is refused in one line."""

from typing import Any

import pytest

from mockaxle.client.client import Client
from mockaxle.client.health import NoMock, check_mock
from mockaxle.serving.listener import serve_in_thread
from tests.serving import Served


def refusal(url: str) -> str:
    with Client(url) as client, pytest.raises(NoMock) as refused:
        check_mock(client)
    return str(refused.value)


def test_a_mock_is_found_by_its_health(served: Served) -> None:
    with Client(served.base_url) as client:
        check_mock(client)
    elsewhere = f"{served.base_url}/x"
    assert refusal(elsewhere).startswith(f"{elsewhere} is not a mockaxle server: GET /__mockaxle/health returned 404 ")


@pytest.mark.parametrize("body", [b"<p>Welcome</p>", b"[]", b"\xff", b"[" * 100_000, b'{"version": 1}'])
def test_a_server_with_a_page_for_every_path_is_no_mock(body: bytes) -> None:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    with serve_in_thread(page) as url:
        assert refusal(url).startswith(f"{url} is not a mockaxle server: GET /__mockaxle/health returned 200 ")
