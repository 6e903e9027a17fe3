"""Curl lines: calls as quoted words of the shell."""

from collections.abc import Mapping
from shlex import quote

from mockaxle.recordings.names import NAMES

NO_NAMES: Mapping[str, str] = {}


def curl_line(
    verb: str,
    url: str,
    *,
    has_token: bool = True,
    token: str = "TOKEN",
    username: str | None = None,
    form: Mapping[str, str] | None = None,
    body: str = "",
    names: Mapping[str, str] = NO_NAMES,
) -> str:
    """Write a line that repeats a call; a username logs in. The shell provides BASE, PASSWORD and the token's variable.

    Shape: names has the variables of ids, which the shell provides too.
    """
    place = ('"$BASE"' if url.startswith("/") else "") + word(url, names)
    words = ["curl", "-g", "--path-as-is", "-X", quote(verb), place]
    words += with_token(token) if has_token else []
    if username is not None:
        words += log_in_form(username)
    for name, value in (form or {}).items():
        words += ["--data-urlencode", word(f"{name}={value}", names)]
    words += [*with_type("application/json"), "--data-raw", word(body, names)] if body else []
    return " ".join(words)


def word(text: str, names: Mapping[str, str]) -> str:
    """Write a text as one word of the shell, with variables for ids that have one."""
    parts, end = [], 0
    for match in NAMES.finditer(text):
        if match[0] in names:
            parts += [quote(text[end : match.start()]) if match.start() > end else "", f'"${names[match[0]]}"']
            end = match.end()
    return "".join([*parts, quote(text[end:]) if end < len(text) or not parts else ""])


def with_token(variable: str) -> list[str]:
    """Return the words that send the token of a shell variable."""
    return ["-H", f'"Authorization: Bearer ${variable}"']


def log_in_form(username: str) -> list[str]:
    """Return the words that send a log-in form, with the password from the shell."""
    return ["--data-urlencode", quote(f"username={username}"), "--data-urlencode", '"password=$PASSWORD"']


def with_type(content_type: str) -> list[str]:
    return ["-H", quote(f"Content-Type: {content_type}")]
