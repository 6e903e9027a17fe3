"""Reads a scenario: TOML or JSON, with every problem's line and key."""

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from mockaxle.scenarios.coherence import problems_of
from mockaxle.scenarios.lines import Format, line_of
from mockaxle.scenarios.problems import Path, Problem, ScenarioRefused
from mockaxle.scenarios.sections import Scenario
from mockaxle.scenarios.wording import words

MAX_BYTES = 64 << 20
MAX_DEPTH = 16
MAX_LOCATED = 50
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
UNCOMPARED = Problem((), "once this is mended, its sections are compared with each other")


def read_scenario(text: bytes, *, name: str, format: Format) -> Scenario:
    """The scenario that a file of at most 64 MiB holds; errors call it by the name. Raises: ScenarioRefused."""
    if len(text) > MAX_BYTES:
        raise ScenarioRefused(name, [Problem((), f"has {len(text)} bytes; at most {MAX_BYTES} are read")])
    decoded = _decode(text, name)
    data = _parse(decoded, name=name, format=format)
    if format == "json" and _HALF.search(decoded) and not _is_whole(data):
        raise ScenarioRefused(name, [Problem((), "holds half a character, such as \\ud800")])
    if _depth(data) > MAX_DEPTH:
        raise ScenarioRefused(name, [Problem((), f"is nested deeper than {MAX_DEPTH} levels")])
    try:
        scenario = Scenario.model_validate(data)
        problems = list(problems_of(scenario))
    except ValidationError as error:
        problems = [*_problems(error), UNCOMPARED]
    if problems:
        raise ScenarioRefused(name, _located(problems, decoded, format))
    return scenario


def format_of(name: str) -> Format:
    """By the file's ending: JSON for `.json`, else TOML."""
    return "json" if name.lower().endswith(".json") else "toml"


def _decode(text: bytes, name: str) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise ScenarioRefused(name, [Problem((), "is not UTF-8", line)]) from None


def _parse(text: str, *, name: str, format: Format) -> Any:
    """Raises: ScenarioRefused."""
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


def _problems(error: ValidationError) -> Iterator[Problem]:
    for found in error.errors(include_url=False):
        path = tuple(part for part in found["loc"] if part != "[key]")
        yield Problem(path, words(found, known=_fields_at(tuple(found["loc"])[:-1])))


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
    """The problems in the order of their lines; of very many the lines are not looked up."""
    found = [
        replace(problem, line=line_of(problem.path, text, format=format)) if problem.path else problem
        for problem in problems[:MAX_LOCATED]
    ]
    return [*sorted(found, key=lambda problem: problem.line or sys.maxsize), *problems[MAX_LOCATED:]]
