"""One call of a log as code: curl lines, httpx and a test of pytest."""

import json
from collections.abc import Iterator
from pprint import pformat
from shlex import quote

from mockaxle.core.accounts import LOG_IN as LOG_IN_PATH
from mockaxle.inspector.rendering import is_flat
from mockaxle.recordings.beginning import dump_base
from mockaxle.recordings.bodies import unpacked
from mockaxle.recordings.curl import curl_line
from mockaxle.recordings.jsonl import Recording
from mockaxle.recordings.pytest_file import write_pytest
from mockaxle.recordings.steps import Step, steps
from mockaxle.world.entries import Command, Delivery, Entry, Exchange, Held
from mockaxle.world.value import World

LOG_IN = """TOKEN=$(curl -s "$BASE"/auth/token-form --data-urlencode {username} --data-urlencode "password=$PASSWORD" \\
  | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')"""
WIDTH, MAX_BODY = 100, 20_000


def snippets(number: int, entry: Entry, *, before: World, base: str) -> list[tuple[str, str]]:
    """Return names and texts; none for an entry that is long or cannot be repeated.

    Shape: base is the server's URL.
    """
    if isinstance(entry, Delivery) or (not isinstance(entry, Command) and _is_long(entry)):
        return []
    recording = Recording(before.name, dump_base(before, whole=False), (entry,), number - 1)
    made = list(steps(recording))
    if not made or (made[-1].username is not None and not _is_log_in(entry)):
        return []
    log_in = next((step for step in made[:-1] if step.username is not None), None)
    call = made[-1]
    curl = "\n".join(_curl(call, log_in, base=base))
    return [
        ("curl", curl),
        ("httpx", "\n".join(_httpx(call, log_in, base=base))),
        ("pytest", "".join(write_pytest(recording))),
    ]


def _is_log_in(entry: Entry) -> bool:
    return isinstance(entry, Exchange | Held) and entry.request.path == LOG_IN_PATH


def _is_long(entry: Exchange | Held) -> bool:
    bodies = [unpacked(entry.request), entry.response.body if isinstance(entry, Exchange) else b""]
    return any(len(body) > MAX_BODY or not is_flat(body.decode("utf-8", "replace")) for body in bodies)


def _curl(call: Step, log_in: Step | None, *, base: str) -> Iterator[str]:
    yield f"BASE={quote(base)}"
    if log_in is not None or call.username is not None:
        yield "PASSWORD=demo"
    if log_in is not None:
        yield LOG_IN.format(username=quote(f"username={log_in.username}"))
    body = "" if call.body is None else json.dumps(call.body, ensure_ascii=False)
    yield curl_line(call.verb, call.path, has_token=bool(call.token), username=call.username, body=body)


def _httpx(call: Step, log_in: Step | None, *, base: str) -> Iterator[str]:
    yield "import httpx"
    yield ""
    yield f"client = httpx.Client(base_url={base!r})"
    if log_in is not None:
        yield f'form = {{"username": {log_in.username!r}, "password": "demo"}}'
        yield 'token = client.post("/auth/token-form", data=form).json()["access_token"]'
        yield 'client.headers["Authorization"] = f"Bearer {token}"'
    yield from _sent(call)
    yield "print(answer.status_code, answer.text)"


def _sent(call: Step) -> Iterator[str]:
    words = [repr(call.verb), repr(call.path)]
    if call.username is not None:
        words.append(f'data={{"username": {call.username!r}, "password": "demo"}}')
    elif call.raw is not None:
        words += [f"content={call.raw!r}", f"headers={{'Content-Type': {call.content_type!r}}}"]
    elif call.body is not None:
        yield f"body = {pformat(call.body, width=WIDTH, sort_dicts=False)}"
        words.append("json=body")
    yield f"answer = client.request({', '.join(words)})"
