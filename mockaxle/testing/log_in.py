"""Logging in to a mock that limits how many worlds one address opens."""

from collections.abc import Callable, Mapping

import httpx

Sleep = Callable[[float], None]
RETRY_AFTER_DIGITS = 9


def log_in(client: httpx.Client, form: Mapping[str, str], *, wait_seconds: int, sleep: Sleep) -> httpx.Response:
    """The answer to a log-in. After a 429 it is sent again when Retry-After says, within the seconds in all."""
    answer = client.post("/auth/token-form", data=form)
    while answer.status_code == 429 and (seconds := retry_after(answer)) is not None and seconds <= wait_seconds:
        sleep(seconds)
        wait_seconds -= seconds
        answer = client.post("/auth/token-form", data=form)
    return answer


def retry_after(answer: httpx.Response) -> int | None:
    """The whole seconds, at least one, that an answer's Retry-After names."""
    text = answer.headers.get("retry-after", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= RETRY_AFTER_DIGITS
    return max(int(text), 1) if is_number else None
