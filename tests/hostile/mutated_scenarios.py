"""Scenarios that somebody or something has changed, made from a seed."""

import json
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import tomli_w

from mockaxle.scenarios.lines import Format
from mockaxle.scenarios.shipped import shipped_names, text_of

EVERYTHING = Path(__file__).with_name("everything.toml")
VALUES: tuple[Any, ...] = (True, -1, 0.5, 10**400, "", "\x00", "2030-01-20", "٣", "x" * 5_000, [], {}, [[]], {"a": 1})
"""What takes the place of a value."""

RAW: dict[str, tuple[str, ...]] = {
    "toml": ("0x" + "f" * 5_000, "1e400", "nan", "-inf", "2026-01-20", "23:59:60", "0001-01-01T00:00:00+23:59"),
    "json": ("null", "1e400", "NaN", "-Infinity", '"\\ud800"', "-0", "1E-9999"),
}
"""The same, as the text of a format."""

NUMBERS = ("9" * 100_000, "-" + "9" * 100_000, "0." + "9" * 100_000, "9" * 100_000 + "e9")
KEYS = ("", "a.b", 'a"b', "a\nb", "\x1b[31m", "\u202e", "clé", "[key]", "x" * 5_000, "mpann", "٣")
CHARACTERS = "\"'[]{}=,:\\\n\x00#٣\ufeff\u2028"
BINARY = (b"\xff\xfe", b"\x00\x01\x02", b"\xed\xa0\x80", bytes(range(256)))
PLACE = "--here--"


class Mutant(NamedTuple):
    text: bytes
    format: Format


class Step(NamedTuple):
    """A place in a scenario: a key of a table, or an index of a list."""

    inside: Any
    key: Any


@cache
def starts() -> tuple[bytes, ...]:
    """The shipped scenarios, of ten thousand sites a tenth, and the one that has everything as often as all of them."""
    others = [text_of(name).replace(b"10_000", b"1_000") for name in shipped_names()]
    return (*others, *[EVERYTHING.read_bytes()] * len(others))


def mutant(seed: int) -> Mutant:
    """A scenario changed once or twice: first what it says, then how it is written."""
    random = Random(seed)
    text = random.choice(starts())
    format: Format = random.choice(("toml", "json"))
    changed = random.choice(("said", "said", "written", "both"))
    if format == "json" or changed != "written":
        text = said(tomllib.loads(text.decode()), format, random=random, changed=changed != "written")
    if changed != "said" and text:
        text = written(text, random=random)
    return Mutant(text, format)


def said(data: dict[str, Any], format: Format, *, random: Random, changed: bool) -> bytes:
    """The scenario as a file, with a change at a random place of it."""
    raw = random.choice((*RAW[format], random.choice(NUMBERS), nested(random.choice((20, 100_000)))))
    if changed:
        random.choice(CHANGES)(a_place(data, random), random)
    if format == "toml":
        return tomli_w.dumps(data).replace(f'"{PLACE}"', raw).encode()
    return json.dumps(data, default=str, indent=random.choice((None, 1))).replace(f'"{PLACE}"', raw).encode()


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def a_place(data: dict[str, Any], random: Random) -> Step:
    """Found by a walk that stops at each level with the same chance."""
    at: Any = data
    while True:
        key = random.choice(list(at) if isinstance(at, dict) else range(len(at)))
        if not isinstance(at[key], dict | list) or not at[key] or random.random() < 0.2:
            return Step(at, key)
        at = at[key]


def put_value(at: Step, random: Random) -> None:
    at.inside[at.key] = random.choice(VALUES)


def put_raw(at: Step, random: Random) -> None:
    at.inside[at.key] = PLACE


def delete(at: Step, random: Random) -> None:
    del at.inside[at.key]


def rename(at: Step, random: Random) -> None:
    if isinstance(at.inside, dict):
        at.inside[random.choice(KEYS)] = at.inside.pop(at.key)


def add_key(at: Step, random: Random) -> None:
    if isinstance(at.inside, dict):
        at.inside[random.choice(KEYS)] = at.inside[at.key]


def multiply(at: Step, random: Random) -> None:
    """A list of very many, or of a thing that is none."""
    at.inside[at.key] = [at.inside[at.key]] * random.choice((2, 1_000))


def repeat(at: Step, random: Random) -> None:
    """An entry twice: its names are no longer its own."""
    if isinstance(at.inside, list):
        at.inside.append(at.inside[at.key])


def shift_year(at: Step, random: Random) -> None:
    if hasattr(at.inside[at.key], "replace") and hasattr(at.inside[at.key], "year"):
        at.inside[at.key] = at.inside[at.key].replace(year=random.choice((1, 9999)))


CHANGES: tuple[Callable[[Step, Random], None], ...] = (
    put_value, put_value, put_value, put_raw, put_raw, delete, delete, rename, add_key, multiply, repeat, shift_year
)  # fmt: skip


def written(text: bytes, *, random: Random) -> bytes:
    """The file with a change at a random place of its text."""
    lines, at = text.splitlines(keepends=True), random.randrange(len(text))
    line = random.randrange(len(lines))
    match random.choice(("cut", "binary", "character", "remove", "digits", "repeat", "nest", "number", "huge")):
        case "cut":
            return text[:at]
        case "binary":
            return text[:at] + random.choice(BINARY) + text[at:]
        case "character":
            return text[:at] + random.choice(CHARACTERS).encode() + text[at:]
        case "remove":
            return text[:at] + text[at + 1 :]
        case "digits":
            return text.replace(b"1", "٣".encode(), random.randrange(1, 9))
        case "repeat":
            return b"".join(lines[:line] + lines[line : line + 5] * random.choice((2, 50)) + lines[line:])
        case "nest":
            return text[:at] + b"[" * 100_000 + text[at:]
        case "number":
            return text.replace(b"0", b"9" * 100_000, random.randrange(1, 3))
        case _:
            return b"".join([*lines[:line], b"[[sites]]\n" * 120_000, *lines[line:]])
