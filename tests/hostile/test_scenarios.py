"""Scenarios that somebody or something has changed: each is loaded, or refused with the line of what is wrong."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from mockaxle.cli.main import cli
from mockaxle.core.limits import MAX_PROBLEMS
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.pieces import section_in
from mockaxle.scenarios.problems import ScenarioRefused
from mockaxle.scenarios.reading import read_scenario
from mockaxle.scenarios.sections import Scenario
from mockaxle.world.opening import new_world
from tests.hostile.mutated_scenarios import EVERYTHING, Mutant, mutant

COUNT, CHECKED = 500, 60
NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
LINE = r"f:[0-9]+: .+|f: contradictions between sections are reported once this is fixed|f: and (at least )?[0-9]+ more"


def refusal(mutated: Mutant) -> str:
    """Why a scenario is refused, or nothing where a world begins with it."""
    try:
        scenario = read_scenario(mutated.text, name="f", format=mutated.format)
    except ScenarioRefused as refused:
        return str(refused)
    new_world(blueprint(scenario), "w", server_seed="s", real=NOW)
    return ""


def is_well_said(refused: str) -> bool:
    """Whether each line names a place, or says what the others leave out, and can be shown."""
    lines = refused.split("\n")
    shown = all(re.fullmatch(LINE, line) and line.isprintable() and len(line) <= 1_000 for line in lines)
    return shown and lines[0].startswith("f:") and len(lines) <= MAX_PROBLEMS + 1


@pytest.mark.parametrize("start", range(0, COUNT, 50))
def test_a_changed_scenario_is_loaded_or_refused_with_its_line(start: int) -> None:
    refused = {seed: refusal(mutant(seed)) for seed in range(start, start + 50)}
    assert {seed: said for seed, said in refused.items() if said and not is_well_said(said)} == {}
    assert "" in refused.values()


@pytest.mark.parametrize("start", range(0, CHECKED, 20))
def test_the_command_line_refuses_it_with_exit_code_2_and_its_line(start: int, tmp_path: Path) -> None:
    runner = CliRunner()
    for seed in range(start, start + 20):
        mutated = mutant(seed)
        file = tmp_path / f"{seed}.{mutated.format}"
        file.write_bytes(mutated.text)
        done = runner.invoke(cli, ["scenario", "check", str(file)], standalone_mode=False)
        said = refusal(mutated)
        if not said:
            assert (done.exception, done.output.startswith(f"{file}: ")) == (None, True)
            continue
        assert isinstance(done.exception, click.ClickException)
        lines = [line.replace("f:", f"{file}:", 1) for line in said.split("\n")]
        assert done.exception.format_message().split("\n") == [f"{file} cannot be used:", *lines]
        assert (done.exception.exit_code, done.output) == (2, "")


def absent(model: type[BaseModel], data: dict[str, Any]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        section = section_in(field.annotation)
        if name not in data:
            yield f"{model.__name__}.{name}"
        elif section:
            for one in data[name] if isinstance(data[name], list) else [data[name]]:
                yield from absent(section, one)


def test_what_is_changed_has_every_key() -> None:
    data = tomllib.loads(EVERYTHING.read_text(encoding="utf-8"))
    assert list(absent(Scenario, data)) == []
    assert refusal(Mutant(EVERYTHING.read_bytes(), "toml")) == ""
