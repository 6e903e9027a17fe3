"""Curl lines: calls as quoted words of the shell."""

from collections.abc import Mapping
from shlex import quote


def curl_line(
    verb: str,
    url: str,
    *,
    has_token: bool = True,
    username: str | None = None,
    form: Mapping[str, str] | None = None,
    body: str = "",
) -> str:
    """Write a line that repeats a call; a username logs in. The shell provides BASE, TOKEN and PASSWORD."""
    words = ["curl", "-g", "--path-as-is", "-X", quote(verb), ('"$BASE"' if url.startswith("/") else "") + quote(url)]
    words += with_token("TOKEN") if has_token else []
    if username is not None:
        words += log_in_form(username)
    for name, value in (form or {}).items():
        words += ["--data-urlencode", quote(f"{name}={value}")]
    words += [*with_type("application/json"), "--data-raw", quote(body)] if body else []
    return " ".join(words)


def with_token(variable: str) -> list[str]:
    """Return the words that send the token of a shell variable."""
    return ["-H", f'"Authorization: Bearer ${variable}"']


def log_in_form(username: str) -> list[str]:
    """Return the words that send a log-in form, with the password from the shell."""
    return ["--data-urlencode", quote(f"username={username}"), "--data-urlencode", '"password=$PASSWORD"']


def with_type(content_type: str) -> list[str]:
    return ["-H", quote(f"Content-Type: {content_type}")]
