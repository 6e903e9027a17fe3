"""Parses a scenario's text, TOML or JSON, into plain data, and reports the line of an error."""

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from mockaxle.core.limits import MAX_LARGE_BODY, MAX_SITES
from mockaxle.scenarios.lines import Format, Lines, line_of_level, line_of_long_number
from mockaxle.scenarios.problems import Path, Problem

MAX_DEPTH = 16
MAX_MESSAGE = 200  # characters
MAX_JSON_LISTS, MAX_JSON_ENTRIES = 400_000, 2_000_000
MAX_DIGITS = 65_536
PIECE, OVERLAP = 65_536, 4_096  # characters that a search walks through without a break
TOO_DEEP = f"is nested deeper than {MAX_DEPTH} levels"
_KEY = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?:^|[{{,\[])[ \t]*{_KEY}(?:[ \t]*\.[ \t]*{_KEY}){{{MAX_DEPTH},}}", re.MULTILINE)
_DIGITS = re.compile(r"[0-9A-Fa-f_]++")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class Unparsed(Exception):
    """A text that cannot be parsed, or is too large."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


def decode(text: bytes) -> str:
    """Raises: Unparsed."""
    if len(text) > MAX_LARGE_BODY:
        raise Unparsed(Problem((), f"has more than {MAX_LARGE_BODY} bytes"))
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Unparsed(Problem((), "is not UTF-8", text.count(b"\n", 0, error.start) + 1)) from None


def parse(text: str, *, format: Format) -> Any:
    """Parse a text, within the limits that its sections do not set. Raises: Unparsed."""
    data = _toml(text) if format == "toml" else _json(text)
    problem = _misshapen(data, may_be_half=format == "json" and _HALF.search(text) is not None)
    if problem is not None:
        raise Unparsed(located([problem], text, format=format)[0])
    return data


def located(problems: Iterable[Problem], text: str, *, format: Format) -> list[Problem]:
    """Add the lines of problems, and sort by them."""
    problems = list(problems)
    lines = Lines((problem.path for problem in problems), text, format=format)
    found = [replace(problem, line=lines.of(problem.path)) if problem.path else problem for problem in problems]
    return sorted(found, key=lambda problem: problem.line or sys.maxsize)


def half_in(data: object) -> Problem | None:
    """Find a text with an unpaired surrogate: JSON can spell it, but it cannot be written."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        path = next(path for path, value in _places(data) if _is_half(value) or (path and _is_half(path[-1])))
        return Problem(path, "contains an unpaired surrogate, such as \\ud800")
    return None


def _toml(text: str) -> Any:
    """Raises: Unparsed."""
    long = _long_key(text)
    if long is not None:  # tomllib's work grows with the square of a key's parts
        line = text.count("\n", 0, long.start()) + 1
        raise Unparsed(Problem((), f"has a key of more than {MAX_DEPTH} parts", line))
    _check_numbers(text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at_line = re.search(r"\(at line ([0-9]+),", str(error))
        line = int(at_line[1]) if at_line else text.count("\n") + 1
        raise Unparsed(Problem((), str(error)[:MAX_MESSAGE], line)) from None
    except (RecursionError, ValueError) as error:
        raise Unparsed(_beyond(error, text)) from None


def _long_key(text: str) -> re.Match[str] | None:
    """Find a key of many parts, in pieces of the text that overlap."""
    starts = range(0, len(text), PIECE - OVERLAP)
    return next((found for start in starts if (found := _LONG_KEY.search(text, start, start + PIECE))), None)


def _check_numbers(text: str) -> None:
    """Raises: Unparsed for a number of very many digits, which tomllib would read without a break."""
    may_have = any(_DIGITS.fullmatch(text, at, at + MAX_DIGITS // 2) for at in range(0, len(text), MAX_DIGITS // 2))
    line = line_of_long_number(text, MAX_DIGITS, in_any_base=True) if may_have else None
    if line is not None:
        raise Unparsed(Problem((), f"has a whole number of more than {MAX_DIGITS} digits", line))


def _json(text: str) -> Any:
    """Raises: Unparsed."""
    if text.count("[") > MAX_JSON_LISTS or text.count(",") > MAX_JSON_ENTRIES:
        raise Unparsed(Problem((), f"has more than {MAX_JSON_LISTS:,} lists or {MAX_JSON_ENTRIES:,} entries"))
    try:
        return json.loads(text, object_hook=_unchanged)
    except json.JSONDecodeError as error:
        raise Unparsed(Problem((), f"{error.msg} (column {error.colno})", error.lineno)) from None
    except (RecursionError, ValueError) as error:
        raise Unparsed(_beyond(error, text)) from None


def _beyond(error: Exception, text: str) -> Problem:
    """Describe a limit of Python's parsers: the nesting, or the digits of a whole number."""
    if isinstance(error, RecursionError):
        return Problem((), TOO_DEEP, line_of_level(text, MAX_DEPTH))
    digits = sys.get_int_max_str_digits()
    return Problem((), f"has a whole number of more than {digits} digits", line_of_long_number(text, digits))


def _unchanged(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object. json holds the event loop, also in a thread, until it calls Python."""
    return value


def _misshapen(data: object, *, may_be_half: bool) -> Problem | None:
    if _depth(data) > MAX_DEPTH:
        return Problem(next(path for path, _ in _places(data) if len(path) >= MAX_DEPTH), TOO_DEEP)
    sites = data.get("sites") if isinstance(data, dict) else None
    if isinstance(sites, list) and len(sites) > MAX_SITES:
        return Problem(("sites",), f"has {len(sites)} entries; at most {MAX_SITES} are allowed")
    return half_in(data) if may_be_half else None


def _depth(data: object) -> int:
    """Measure the nesting of tables and arrays without recursion, up to one more than MAX_DEPTH."""
    level, depth = [data], 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [inner for value in level for _, inner in _entries(value) if isinstance(inner, dict | list)]
    return depth


def _places(data: object) -> Iterator[tuple[Path, object]]:
    """Yield every value with its path, in the order of the text, without recursion."""
    waiting: list[tuple[Path, object]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        waiting += [((*path, key), inner) for key, inner in reversed(list(_entries(value)))]


def _entries(value: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _is_half(value: object) -> bool:
    return isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value)
