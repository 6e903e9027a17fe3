"""Logs in to a server and reads the token."""

from collections.abc import Callable

from mockaxle.client.client import DEFAULT_BOUNDS, Bounds, Client
from mockaxle.client.response import ClientResponse
from mockaxle.core.accounts import LOG_IN

LONGEST_TOKEN = 16_384

Sleep = Callable[[float], None]


class LogInRefused(Exception):
    """The log-in gave no usable token. Shape: response is the server's answer."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response
        what = "no token that fits in a header" if response.status == 200 else "a refusal"
        has_token = "access_token" in response.text
        body = "its body is not shown since it names a token" if has_token else f"{response.text[:200]!r}"
        super().__init__(f"the log-in returned {response.status} with {what}: {body}")


def log_in(client: Client, username: str, *, password: str, within: Bounds = DEFAULT_BOUNDS) -> str:
    """Log in and return an access token. Raises: LogInRefused, Unanswered."""
    return read_token(send_log_in(client, username, password=password, within=within))


def patient_log_in(client: Client, username: str, *, password: str, wait_seconds: int, sleep: Sleep) -> str:
    """Log in, and retry after a 429 as Retry-After says, within the total seconds. Raises: as `log_in`."""
    response = send_log_in(client, username, password=password)
    while response.status == 429:
        seconds = response.retry_after_seconds()
        if seconds is None or seconds > wait_seconds:
            break
        sleep(seconds)
        wait_seconds -= seconds
        response = send_log_in(client, username, password=password)
    return read_token(response)


def send_log_in(client: Client, username: str, *, password: str, within: Bounds = DEFAULT_BOUNDS) -> ClientResponse:
    """Send a log-in and return the answer. Raises: Unanswered."""
    return client.call("POST", LOG_IN, data={"username": username, "password": password}, within=within)


def read_token(response: ClientResponse) -> str:
    """Read the token from the answer to a log-in. Raises: LogInRefused, also if no header can hold the token."""
    token = response.field("access_token") if response.status == 200 else None
    if not is_token(token):
        raise LogInRefused(response)
    return str(token)


def is_token(token: object) -> bool:
    """Tell whether a value is a text that can follow `Bearer`."""
    is_text = isinstance(token, str) and 0 < len(token) <= LONGEST_TOKEN
    return is_text and str(token).isascii() and str(token).isprintable() and " " not in str(token)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
