"""Control of one world of a mock, for an account that logs in again when its token is refused."""

from typing import Any
from urllib.parse import quote

from mockaxle.client.client import Bounds, Client
from mockaxle.client.log_in import bearer, log_in
from mockaxle.client.response import ClientResponse
from mockaxle.core.limits import CONTROL_SECONDS, MAX_FILE_ANSWER

CONTROL = "/__mockaxle"
REFUSING = (401, 403)


class ControlFailed(Exception):
    """Control answered another status than 200, or no JSON. The text is its detail."""

    def __init__(self, answer: ClientResponse) -> None:
        detail = answer.field("detail")
        super().__init__(detail if isinstance(detail, str) else f"control answered {answer.status}: {answer.text:.200}")
        self.status = answer.status


class ControlSession:
    """Shape: with an admin token, it is used in place of a token of the account."""

    def __init__(self, client: Client, username: str, *, password: str, admin_token: str | None = None) -> None:
        self._client = client
        self._account = (username, password)
        self._admin_token = admin_token
        self._token: str | None = None

    def call(self, verb: str, path: str, *, body: Any = None, seconds: float = CONTROL_SECONDS) -> Any:
        """Call control and return the JSON of its answer. Raises: ControlFailed, LogInRefused, Unanswered."""
        answer = self._answered(verb, path, body=body, seconds=seconds)
        try:
            return answer.json()
        except ValueError:
            raise ControlFailed(answer) from None

    def text(self, verb: str, path: str) -> str:
        """As call, but return the text of the answer."""
        return self._answered(verb, path, body=None, seconds=CONTROL_SECONDS).text

    def _answered(self, verb: str, path: str, *, body: Any, seconds: float) -> ClientResponse:
        answer = self._sent(verb, path, body=body, seconds=seconds)
        if answer.status in REFUSING and self._admin_token is None:
            self.log_in_again()
            answer = self._sent(verb, path, body=body, seconds=seconds)
        if answer.status != 200:
            raise ControlFailed(answer)
        return answer

    def log_in_again(self) -> None:
        """Log in before the next call, as a world that was dropped needs."""
        self._token = None

    def _sent(self, verb: str, path: str, *, body: Any, seconds: float) -> ClientResponse:
        username, password = self._account
        world = f"/worlds/{quote(username, safe='')}" if self._admin_token else "/world"
        if self._token is None:
            self._token = self._admin_token or log_in(self._client, username, password=password)
        sent = {"json": {} if body is None else body} if verb in ("POST", "PUT", "PATCH") else {}
        within = Bounds(seconds, MAX_FILE_ANSWER)
        return self._client.call(verb, CONTROL + world + path, headers=bearer(self._token), within=within, **sent)
