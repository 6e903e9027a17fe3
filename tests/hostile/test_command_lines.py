"""200 command lines and environments from a seed: exit 2 and a line that says where, never a traceback."""

import json
import os
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import click
import pytest

from mockaxle.cli.main import VERBS, Verbs, cli
from tests.hostile.test_verbs import DRIVER, is_harmless

COUNT, AT_ONCE = 200, 50
NOWHERE = "http://127.0.0.1:1"
TEXTS = [
    "", " ", "-1", "0", "1e9", "nan", "٣", "²", "9" * 5_000, "a" * 100_000, "\udcff", "\x1b[2J", "a\r\nb", "--", "-",
    "=", "[", "{}", "../..", "/", "https://", "http://[", "http://xn--a", "http://u:p@a", "ftp://a", "日本", "70000",
    "1000000000000000000000", "10 s", "25:00", "2026-02-30T00:00:00Z", "junit=/nowhere/x", "har=",
]  # fmt: skip
FIXED = {
    "serve": ["--port", "65536"],
    "demo": ["--url", NOWHERE],
    "wait": ["--timeout", "0"],
    "check": [NOWHERE],
    "healthcheck": ["--url", NOWHERE],
}
"""What makes a verb end at once and reach nobody, whatever else it is given."""


def commands() -> dict[str, click.Command]:
    """Every verb by its words, those of a group one by one."""
    assert isinstance(cli, Verbs)
    found: dict[str, click.Command] = {}
    for name in VERBS:
        command = cli.get_command(click.Context(cli), name)
        assert command
        parts = command.commands if isinstance(command, click.Group) else {"": command}
        found |= {f"{name} {part}".strip(): one for part, one in parts.items()}
    return found


def files(folder: Path) -> list[str]:
    """Paths to what is no file that a verb could use."""
    binary, empty, endless = folder / "binary", folder / "empty", folder / "deep.json"
    binary.write_bytes(bytes(range(256)))
    empty.touch()
    endless.write_text("[" * 100_000)
    return [str(one) for one in (folder, binary, empty, endless, folder / "missing")]


def value(random: Random, paths: list[str]) -> str:
    return random.choice((*TEXTS, *paths, *paths))


def command_line(seed: int, paths: list[str]) -> dict[str, Any]:
    """A verb with some of its options, or some variables of its environment, and values that few of them take."""
    random = Random(seed)
    verb, command = random.choice(list(commands().items()))
    words, environment = verb.split(), {}
    for parameter in random.sample(command.params, min(len(command.params), random.choice((1, 1, 2, 4)))):
        if isinstance(parameter, click.Argument):
            words.append(value(random, paths))
        elif isinstance(parameter.envvar, str) and random.random() < 0.4:
            environment[parameter.envvar] = value(random, paths)
        elif isinstance(parameter, click.Option):
            words += [parameter.opts[0], *([] if parameter.is_flag else [value(random, paths)])]
    return {"arguments": [*words, *FIXED.get(verb, [])], "environment": environment}


@pytest.mark.parametrize("start", range(0, COUNT, AT_ONCE))
def test_a_wrong_command_line_is_refused_in_a_line_or_a_few(start: int, tmp_path: Path) -> None:
    lines = [command_line(seed, files(tmp_path)) for seed in range(start, start + AT_ONCE)]
    environment = {**os.environ, "MOCKAXLE_URL": NOWHERE}
    text = json.dumps(lines)
    done = subprocess.run(DRIVER, input=text, capture_output=True, text=True, env=environment, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    runs = json.loads(done.stdout)["runs"]
    for line, run in zip(lines, runs, strict=True):
        assert "Traceback" not in run["err"] + run["out"], (line, run)
        assert run["code"] in (0, 2) or (run["code"] == 1 and line["arguments"][0] == "healthcheck"), (line, run)
        assert run["code"] == 0 or 0 < len(run["err"].splitlines()) <= 120, (line, run)
        assert is_harmless(run["err"] + run["out"]), (line, run)
    assert sum(run["code"] == 2 for run in runs) > AT_ONCE / 2
