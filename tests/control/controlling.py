"""An account over a socket, with its world's control."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from tests.serving import Served

_numbers = count()


class Controller:
    """Calls Axle's surface and the control of the account's own world."""

    def __init__(self, client: httpx.Client, username: str) -> None:
        self.client = client
        self.username = username
        self.log_in()

    def log_in(self) -> None:
        form = {"username": self.username, "password": "secret"}
        token = self.client.post("/auth/token-form", data=form).json()["access_token"]
        self.bearer = {"Authorization": f"Bearer {token}"}

    def call(self, verb: str, path: str, body: Any = None) -> httpx.Response:
        return self.client.request(verb, path, json=body, headers=self.bearer)

    def control(self, verb: str, path: str, body: Any = None) -> httpx.Response:
        if body is None and verb == "POST":
            body = {}
        return self.call(verb, f"/__mockaxle/world{path}", body)

    def done(self, verb: str, path: str, body: Any = None) -> Any:
        """The answer of a control call that must be carried out."""
        answer = self.control(verb, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()


def controllers(served: Served) -> Iterator[Controller]:
    with httpx.Client(base_url=served.base_url, timeout=None) as client:
        yield Controller(client, f"controller-{next(_numbers)}")


controller = pytest.fixture(controllers)
