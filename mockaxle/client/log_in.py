"""Logs in to a server, and reads the token that it gives."""

from collections.abc import Callable

from mockaxle.client.client import DEFAULT_BOUNDS, Bounds, Client
from mockaxle.client.response import ClientResponse

LOG_IN = "/auth/token-form"
LONGEST_TOKEN = 16_384

Sleep = Callable[[float], None]


class LogInRefused(Exception):
    """The log-in gave no token. Shape: response is what came."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response
        what = "no token that a header can hold" if response.status == 200 else "a refusal"
        has_token = "access_token" in response.text
        body = "its body names a token and is not shown" if has_token else f"{response.text[:200]!r}"
        super().__init__(f"the log-in is answered {response.status} with {what}: {body}")


def log_in(client: Client, username: str, *, password: str, within: Bounds = DEFAULT_BOUNDS) -> str:
    """An access token. Raises: LogInRefused, Unanswered."""
    return read_token(send_log_in(client, username, password=password, within=within))


def patient_log_in(client: Client, username: str, *, password: str, wait_seconds: int, sleep: Sleep) -> str:
    """As `log_in`; after a 429 it is sent again when Retry-After says, within the seconds in all."""
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
    """The answer to a log-in. Raises: Unanswered."""
    return client.call("POST", LOG_IN, data={"username": username, "password": password}, within=within)


def read_token(response: ClientResponse) -> str:
    """The token of an answer to a log-in. Raises: LogInRefused, also where it is none that a header can hold."""
    token = response.field("access_token") if response.status == 200 else None
    if not is_token(token):
        raise LogInRefused(response)
    return str(token)


def is_token(token: object) -> bool:
    """Whether something is a text that can follow `Bearer`."""
    is_text = isinstance(token, str) and 0 < len(token) <= LONGEST_TOKEN
    return is_text and str(token).isascii() and str(token).isprintable() and " " not in str(token)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
