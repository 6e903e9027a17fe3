"""The app's SDK: it logs in once, repeats calls that may succeed later, and creates nothing twice."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

TRIES = 3
WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})
BUG = os.environ.get("EV_APP_BUG")


class AxleRefused(Exception):
    """Axle refused a call. The message holds its answer."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
        self.status = answer.status_code


class Axle:
    """One partner's account. `wait` is called with the seconds to wait before the next try."""

    def __init__(
        self, base_url: str, *, username: str, password: str, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=10)
        self._form = {"username": username, "password": password}
        self._wait = wait
        self._token: str | None = None

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Post a body and return the answer's JSON. Raises: AxleRefused, httpx.TransportError if no try is answered."""
        answer = self._tried(lambda: self._once(path, body))
        if answer.status_code == 401 and BUG != "token-for-ever":
            self._token = None
            answer = self._tried(lambda: self._once(path, body))
        if answer.is_error:
            raise AxleRefused(answer)
        return answer.json()

    def _once(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        if self._token is None:
            self._token = self._log_in()
        return self._http.post(path, json=body, headers={"Authorization": f"Bearer {self._token}"})

    def _log_in(self) -> str:
        answer = self._http.post("/auth/token-form", data=self._form)
        if answer.is_error:
            raise AxleRefused(answer)
        token: str = answer.json()["access_token"]
        return token

    def _tried(self, call: Callable[[], httpx.Response]) -> httpx.Response:
        """Return the first answer that is not worth another try, or the last one."""
        for number in range(1, TRIES + 1):
            try:
                answer = call()
            except httpx.TransportError:
                if number == TRIES:
                    raise
                self._wait(2**number)
                continue
            if answer.status_code not in WORTH_ANOTHER_TRY or number == TRIES:
                return answer
            self._wait(float(answer.headers.get("retry-after", 2**number)))
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        self._http.close()
