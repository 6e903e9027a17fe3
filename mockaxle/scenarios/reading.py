"""Reads a scenario: TOML or JSON, with every problem's line and key."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from mockaxle.scenarios.coherence import problems_of
from mockaxle.scenarios.lines import Format, line_of
from mockaxle.scenarios.problems import Path, Problem, ScenarioRefused
from mockaxle.scenarios.sections import Scenario

MAX_BYTES = 32 << 20
MAX_DEPTH = 16
MAX_LOCATED = 50


def read_scenario(text: bytes, *, name: str, format: Format) -> Scenario:
    """The scenario that a file of at most 32 MiB holds; errors call it by the name. Raises: ScenarioRefused."""
    if len(text) > MAX_BYTES:
        raise ScenarioRefused(name, [Problem((), f"has {len(text)} bytes; at most {MAX_BYTES} are read")])
    decoded = _decode(text, name)
    data = _parse(decoded, name=name, format=format)
    if _depth(data) > MAX_DEPTH:
        raise ScenarioRefused(name, [Problem((), f"is nested deeper than {MAX_DEPTH} levels")])
    try:
        scenario = Scenario.model_validate(data)
        problems = list(problems_of(scenario))
    except ValidationError as error:
        problems = list(_problems(error))
    if problems:
        raise ScenarioRefused(name, [*_located(problems[:MAX_LOCATED], decoded, format), *problems[MAX_LOCATED:]])
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
    for found in error.errors(include_url=False, include_input=False):
        path = tuple(found["loc"])
        if found["type"] == "extra_forbidden":
            yield Problem(path, _unknown(path))
        elif found["type"] == "missing":
            yield Problem(path, "is missing")
        else:
            yield Problem(path, found["msg"].removeprefix("Value error, "))


def _unknown(path: Path) -> str:
    """Names the key that was probably meant."""
    known = _fields_at(path[:-1])
    near = get_close_matches(str(path[-1]), known, n=1)
    return "is no key here; " + (f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}")


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


def _located(problems: list[Problem], text: str, format: Format) -> Iterator[Problem]:
    for problem in problems:
        yield Problem(problem.path, problem.text, line_of(problem.path, text, format=format))
