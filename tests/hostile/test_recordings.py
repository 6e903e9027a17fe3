"""Recordings that somebody or something has changed: each is replayed, or refused with its line."""

import json
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import httpx
import pytest

from mockaxle.app import make_apply
from mockaxle.client.client import Client
from mockaxle.contract.document import load_contract
from mockaxle.recordings.applying import replay_here
from mockaxle.recordings.jsonl import RecordingRefused, read_recording
from mockaxle.recordings.sending import Sender
from mockaxle.world.entries import Exchange, Principal, Request, Response
from tests.recordings.kept import FILE

OTHER_HOSTS = [
    "https://else.example/x",
    "//else.example/x",
    "///x",
    "else.example",
    "@else.example/",
]
COUNT, KEPT_LINES = 500, 12
APPLY = make_apply(load_contract())
VALUES: tuple[Any, ...] = (None, True, -1, 0.5, 10**400, "", "\x00", "2030-01-20", "٣", [], {}, [[]], {"a": None})
"""What takes the place of a value."""


@cache
def lines() -> tuple[str, ...]:
    return tuple(FILE.read_text(encoding="utf-8").splitlines())


def nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def change(line: str, random: Random, *, how: Callable[[Any, Any], None]) -> str:
    """The line with a change at a random place, found by a walk that stops at each level with the same chance."""
    at = data = json.loads(line)
    while True:
        key = random.choice(list(at) if isinstance(at, dict) else range(len(at)))
        if not isinstance(at[key], dict | list) or not at[key] or random.random() < 0.3:
            how(at, key)
            return json.dumps(data)
        at = at[key]


def delete(at: Any, key: Any) -> None:
    del at[key]


def mutate(text: list[str], number: int, *, random: Random) -> None:
    """Changes one line, most often a field of it."""
    value = random.choice((*VALUES, nested(random.choice((90, 500)))))

    def put(at: Any, key: Any) -> None:
        at[key] = value

    match random.choice(("put", "put", "put", "delete", "delete", "cut", "duplicate", "nest", "digits")):
        case "put":
            text[number] = change(text[number], random, how=put)
        case "delete":
            text[number] = change(text[number], random, how=delete)
        case "cut":
            text[number] = text[number][: random.randrange(len(text[number]))]
        case "duplicate":
            text.insert(random.randrange(len(text)), text[number])
        case "nest":
            text[number] = "[" * 100_000 + text[number]
        case "digits":
            text[number] = text[number].replace("0", "9" * random.choice((400, 5_000)), random.randrange(1, 5))


def mutant(seed: int) -> str:
    """A few entries of the kept recording, changed once or twice."""
    random = Random(seed)
    first = random.randrange(1, 60)
    text = [lines()[0], *lines()[1:3], *random.sample(lines()[first:], KEPT_LINES)]
    for number in sorted(random.sample(range(len(text)), random.choice((1, 2))), reverse=True):
        mutate(text, number, random=random)
    return "\n".join(text) + "\n"


def refusal(text: str) -> str:
    """Why a recording is refused, or nothing where it is replayed to its end."""
    try:
        for _ in replay_here(read_recording(text), APPLY):
            pass
    except RecordingRefused as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize("start", range(0, COUNT, 50))
def test_a_changed_recording_is_replayed_or_refused_with_its_line(start: int) -> None:
    refused = {seed: refusal(mutant(seed)) for seed in range(start, start + 50)}
    assert {seed: said for seed, said in refused.items() if said and not said.startswith("line ")} == {}
    assert {seed: said for seed, said in refused.items() if len(said) > 400 or not said.isprintable()} == {}
    assert "" in refused.values()


@pytest.mark.parametrize(("name", "value"), [("issued", 10**9), ("issued", "1"), ("oldest", -(10**9)), ("oldest", 5)])
def test_tokens_that_no_world_has_are_refused(name: str, value: Any) -> None:
    base = json.loads(lines()[0])
    base["base"]["tokens"][name] = value
    assert refusal(json.dumps(base)).startswith("line 1 has no valid world to start from: ")


@pytest.mark.parametrize("version", [1, 2])
def test_an_unknown_kind_is_refused_with_its_line(version: int) -> None:
    head = json.dumps({**json.loads(lines()[0]), "version": version})
    said = "line 2 is not an entry of a log: unknown kind 'letter'"
    assert refusal(f'{head}\n{{"kind": "letter"}}') == said


@pytest.mark.parametrize("levels", [101, 500, 100_000])
@pytest.mark.parametrize("number", [1, 2])
def test_deep_json_is_refused(number: int, levels: int) -> None:
    text = [*lines()[:2]]
    text[number - 1] = f"{'[' * levels}0{']' * levels}"
    assert refusal("\n".join(text)) == f"line {number} is nested more than 100 levels deep"


@pytest.mark.parametrize("number", ["1e400", "NaN", "9" * 5_000])
def test_a_number_that_json_has_not_is_refused(number: str) -> None:
    text = "\n".join(lines()[:2]).replace('"oversize": 0', f'"oversize": {number}')
    assert refusal(text).startswith("line 2 is not JSON: ")


@pytest.mark.parametrize("path", OTHER_HOSTS)
def test_a_path_that_could_name_another_host_is_refused(path: str) -> None:
    text = "\n".join(lines()[:2]).replace('"path": "/auth/token-form"', f'"path": "{path}"')
    said = refusal(text)
    assert said.startswith("line 2 is not an entry of a log: the path ")
    assert said.endswith(" does not begin with exactly one slash")


@pytest.mark.parametrize("path", [*OTHER_HOSTS, "/x#y", "/\xe9\n", "/../.."])
def test_a_token_stays_at_the_base_whatever_the_path(path: str) -> None:
    called: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        called.append(request.url)
        if request.url.path == "/base/auth/token-form":
            return httpx.Response(200, json={"access_token": "t"})
        return httpx.Response(307, headers={"location": "https://else.example/x"})

    read = read_recording("\n".join(lines()[:2]))
    (log_in,) = read.entries
    assert isinstance(log_in, Exchange)
    asking = log_in._replace(
        principal=Principal("kept", "kept", 1), request=Request("POST", path), response=Response(307)
    )
    with Client("http://here.example:81/base", transport=httpx.MockTransport(answer)) as client:
        replayed = list(Sender(client, None, "demo").replay(read._replace(entries=(log_in, asking))))
    assert [(url.scheme, url.netloc) for url in called] == [("http", b"here.example:81")] * 2
    assert replayed[1].differences == ()
