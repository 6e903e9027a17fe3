"""Runs the shell steps of a GitHub workflow or composite action, with the variables and files of a GitHub runner."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]


class Runner:
    """One job. Shape: expressions are the values of `${{ ... }}` by their text; variables are those of later steps."""

    def __init__(self, folder: Path, *, variables: Mapping[str, str], expressions: Mapping[str, str]) -> None:
        self.variables, self.expressions = dict(variables), dict(expressions)
        self._files = {name: folder / name.lower() for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.variables |= {"PATH": path, "RUNNER_TEMP": str(folder)}
        self._folder = folder
        self._groups: list[int] = []

    def run(self, step: Mapping[str, Any]) -> subprocess.CompletedProcess[str]:
        """A step's script, whose processes in the background go on."""
        for file in self._files.values():
            file.write_text("")
        own = {name: self.evaluate(value) for name, value in step.get("env", {}).items()}
        files = {name: str(file) for name, file in self._files.items()}
        variables = {**os.environ, **self.variables, **files, **own}
        with subprocess.Popen(
            [*BASH, step["run"]],
            cwd=self._folder,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            self._groups.append(process.pid)
            printed, _ = process.communicate(timeout=300)
        self.variables |= self._set_in("GITHUB_ENV")
        outputs = self._set_in("GITHUB_OUTPUT")
        self.expressions |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in outputs.items()}
        return subprocess.CompletedProcess(process.args, process.returncode, printed)

    def run_all(self, steps: Sequence[Mapping[str, Any]]) -> str:
        """What the steps print. Fails at the first that fails."""
        printed = ""
        for step in steps:
            done = self.run(step)
            assert done.returncode == 0, done.stdout
            printed += done.stdout
        return printed

    def evaluate(self, text: str) -> str:
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: self.expressions[found[1]], text)

    def end(self) -> None:
        """Ends what steps left in the background, as a runner does at a job's end."""
        for group in self._groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGTERM)

    def _set_in(self, name: str) -> dict[str, str]:
        lines = self._files[name].read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@contextmanager
def job(folder: Path, *, variables: Mapping[str, str], expressions: Mapping[str, str]) -> Iterator[Runner]:
    runner = Runner(folder, variables=variables, expressions=expressions)
    try:
        yield runner
    finally:
        runner.end()
