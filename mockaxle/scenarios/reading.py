"""Reads a scenario in TOML or JSON, and reports every problem with line and key."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError

from mockaxle.core.limits import MAX_PROBLEMS
from mockaxle.scenarios.coherence import problems_of
from mockaxle.scenarios.lines import Format
from mockaxle.scenarios.parsing import Unparsed, decode, half_in, located, parse
from mockaxle.scenarios.pieces import Pieces, section_in
from mockaxle.scenarios.problems import Path, Problem, ScenarioRefused
from mockaxle.scenarios.sections import Scenario
from mockaxle.scenarios.wording import words

MANY = 100 * MAX_PROBLEMS
UNCOMPARED = Problem((), "contradictions between sections are reported once this is fixed")


def read_scenario(text: bytes, *, name: str, format: Format) -> Scenario:
    """Read a file of at most 10 MB. Problems begin with the name. Raises: ScenarioRefused."""
    try:
        decoded = decode(text)
        data = parse(decoded, format=format)
    except Unparsed as error:
        raise ScenarioRefused(name, [error.problem]) from None
    return _validated(data, name, locate=lambda problems: located(problems, decoded, format=format))


def read_content(data: Mapping[str, Any], *, name: str) -> Scenario:
    """Read a mapping. Its problems have no lines. Raises: ScenarioRefused."""
    scenario = _validated(dict(data), name, locate=lambda problems: problems)
    problem = half_in(scenario.model_dump(mode="json"))
    if problem is not None:
        raise ScenarioRefused(name, [problem])
    return scenario


def format_of(name: str) -> Format:
    """Tell the format by the file's ending: JSON for `.json`, else TOML."""
    return "json" if name.lower().endswith(".json") else "toml"


def _validated(data: object, name: str, *, locate: Callable[[list[Problem]], list[Problem]]) -> Scenario:
    """Raises: ScenarioRefused."""
    pieces = Pieces(max_errors=MANY)
    data = pieces.of(data)
    try:
        scenario = Scenario.model_validate(data)
        problems = list(problems_of(scenario))
        count = len(problems)
    except ValidationError as error:
        problems = [*islice(_problems(error, data), MAX_PROBLEMS), UNCOMPARED]
        count = error.error_count() + pieces.dropped + 1
    if problems:
        listed = locate(problems[:MAX_PROBLEMS])
        raise ScenarioRefused(name, listed, more=count - len(listed), is_cut=pieces.is_cut)
    return scenario


def _problems(error: ValidationError, data: object) -> Iterator[Problem]:
    """Yield the problems of a scenario; if there are very many, those of its first entries."""
    if error.error_count() > MANY:
        error = _error_of(_beginning(data)) or error
    for found in error.errors(include_url=False):
        path = tuple(found["loc"])
        if path[-1:] == ("[key]",) and found["type"] != "extra_forbidden":  # pydantic's word for a key that is wrong
            path = path[:-1]
        yield Problem(path, words(found, known=_fields_at(path[:-1])))


def _error_of(data: object) -> ValidationError | None:
    try:
        Scenario.model_validate(data)
    except ValidationError as error:
        return error
    return None


def _beginning(data: object) -> object:
    """Return the first entries of every table and array."""
    if isinstance(data, dict):
        return {key: _beginning(value) for key, value in islice(data.items(), MAX_PROBLEMS)}
    return [_beginning(value) for value in data[:MAX_PROBLEMS]] if isinstance(data, list) else data


def _fields_at(path: Path) -> list[str]:
    model: type[BaseModel] = Scenario
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = section_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)
