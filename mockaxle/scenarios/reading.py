"""Reads a scenario: TOML or JSON, with every problem's line and key."""

import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from mockaxle.limits import MAX_LARGE_BODY, MAX_PROBLEMS, MAX_SITES
from mockaxle.scenarios.coherence import problems_of
from mockaxle.scenarios.lines import Format, Lines
from mockaxle.scenarios.problems import Path, Problem, ScenarioRefused
from mockaxle.scenarios.sections import Scenario
from mockaxle.scenarios.wording import words

MAX_DEPTH = 16
MANY = 100 * MAX_PROBLEMS
_KEY = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?:^|[{{,\[])[ \t]*{_KEY}(?:[ \t]*\.[ \t]*{_KEY}){{{MAX_DEPTH},}}", re.MULTILINE)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
HALF = Problem((), "holds half a character, such as \\ud800")
UNCOMPARED = Problem((), "once this is fixed, its sections are compared with each other")


def read_scenario(text: bytes, *, name: str, format: Format) -> Scenario:
    """The scenario that a file of at most 10 MB holds; errors call it by the name. Raises: ScenarioRefused."""
    if len(text) > MAX_LARGE_BODY:
        raise ScenarioRefused(name, [Problem((), f"has more than {MAX_LARGE_BODY} bytes")])
    decoded = _decode(text, name)
    data = _parse(decoded, name=name, format=format)
    if format == "json" and _HALF.search(decoded) and not _is_whole(data):
        raise ScenarioRefused(name, [HALF])
    if _depth(data) > MAX_DEPTH:
        raise ScenarioRefused(name, [Problem((), f"is nested deeper than {MAX_DEPTH} levels")])
    _check_size(data, name)
    return _validated(data, name, locate=lambda problems: _located(problems, decoded, format))


def read_content(data: Mapping[str, Any], *, name: str) -> Scenario:
    """The scenario that a mapping holds, whose problems have no lines. Raises: ScenarioRefused."""
    scenario = _validated(dict(data), name, locate=lambda problems: problems)
    if not _is_whole(scenario.model_dump(mode="json")):
        raise ScenarioRefused(name, [HALF])
    return scenario


def format_of(name: str) -> Format:
    """By the file's ending: JSON for `.json`, else TOML."""
    return "json" if name.lower().endswith(".json") else "toml"


def _validated(data: object, name: str, *, locate: Callable[[list[Problem]], list[Problem]]) -> Scenario:
    """Raises: ScenarioRefused."""
    try:
        scenario = Scenario.model_validate(data)
        problems = list(problems_of(scenario))
        count = len(problems)
    except ValidationError as error:
        problems = [*islice(_problems(error, data), MAX_PROBLEMS), UNCOMPARED]
        count = error.error_count() + 1
    if problems:
        listed = locate(problems[:MAX_PROBLEMS])
        raise ScenarioRefused(name, listed, more=count - len(listed))
    return scenario


def _decode(text: bytes, name: str) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise ScenarioRefused(name, [Problem((), "is not UTF-8", line)]) from None


def _parse(text: str, *, name: str, format: Format) -> Any:
    """Raises: ScenarioRefused."""
    long = _LONG_KEY.search(text) if format == "toml" else None
    if long is not None:  # tomllib's work grows with the square of a key's parts
        line = text.count("\n", 0, long.start()) + 1
        raise ScenarioRefused(name, [Problem((), f"has a key of more than {MAX_DEPTH} parts", line)])
    try:
        return tomllib.loads(text) if format == "toml" else json.loads(text)
    except json.JSONDecodeError as error:
        problem = Problem((), f"{error.msg} (column {error.colno})", error.lineno)
    except RecursionError:
        problem = Problem((), f"is nested deeper than {MAX_DEPTH} levels")
    except ValueError as error:
        at_line = re.search(r"\(at line ([0-9]+),", str(error))
        problem = Problem((), str(error), int(at_line[1]) if at_line else None)
    raise ScenarioRefused(name, [problem])


def _is_whole(data: object) -> bool:
    """Whether its texts can be written at all: JSON can spell halves of characters."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def _depth(data: object) -> int:
    """How deep tables and arrays are nested, without recursion; counted to one more than MAX_DEPTH."""
    level, depth = [data], 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [inner for value in level for inner in _inside(value) if isinstance(inner, dict | list)]
    return depth


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_size(data: object, name: str) -> None:
    """Raises: ScenarioRefused."""
    sites = data.get("sites") if isinstance(data, dict) else None
    if isinstance(sites, list) and len(sites) > MAX_SITES:
        raise ScenarioRefused(name, [Problem(("sites",), f"has {len(sites)} entries; at most {MAX_SITES} are read")])


def _problems(error: ValidationError, data: object) -> Iterator[Problem]:
    """The problems of a scenario; of very many those at its beginning, since all of them are found at once."""
    if error.error_count() > MANY:
        error = _error_of(_beginning(data)) or error
    for found in error.errors(include_url=False):
        path = tuple(part for part in found["loc"] if part != "[key]")
        yield Problem(path, words(found, known=_fields_at(tuple(found["loc"])[:-1])))


def _error_of(data: object) -> ValidationError | None:
    try:
        Scenario.model_validate(data)
    except ValidationError as error:
        return error
    return None


def _beginning(data: object) -> object:
    """The first entries of every table and array."""
    if isinstance(data, dict):
        return {key: _beginning(value) for key, value in islice(data.items(), MAX_PROBLEMS)}
    return [_beginning(value) for value in data[:MAX_PROBLEMS]] if isinstance(data, list) else data


def _fields_at(path: Path) -> list[str]:
    model: type[BaseModel] = Scenario
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = _section_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _section_in(part))), None)


def _located(problems: list[Problem], text: str, format: Format) -> list[Problem]:
    """The problems in the order of their lines."""
    lines = Lines((problem.path for problem in problems), text, format=format)
    found = [replace(problem, line=lines.of(problem.path)) if problem.path else problem for problem in problems]
    return sorted(found, key=lambda problem: problem.line or sys.maxsize)
