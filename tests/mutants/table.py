"""`make mutants`: every planted fault against its suite. Writes the table in docs/; exit 1 where one is missed."""

import re
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.mutants.all_planted import MUTANTS
from tests.mutants.checking import ROOT, check, served
from tests.mutants.planting import Mutant

AT_ONCE = 2
EXAMPLES = {"conformance": "10", "lifecycle": "100"}
PAGE = ROOT / "docs" / "checking-a-server.md"
MARKS = re.compile(r"(<!-- mutants -->\n).*?(<!-- /mutants -->)", re.DOTALL)


def is_found(mutant: Mutant, *options: str) -> bool:
    """Whether its suite has a finding of its rule. Shape: options come after those of the table."""
    usual = ("--suite", mutant.found_by, "--seed", "1", "--examples", EXAMPLES.get(mutant.found_by, "30"))
    with pytest.MonkeyPatch.context() as planter, TemporaryDirectory() as folder:
        mutant.plant(planter)
        with served() as url:
            code, report, _ = check(url, Path(folder), *usual, *options)
    return code == 1 and mutant.rule in {finding["rule"] for finding in report["findings"]}


def is_named_found(name: str) -> bool:
    return is_found(MUTANTS[name])


def table(found: dict[str, bool]) -> str:
    """A row for each suite: how many are planted, and how many of them it finds."""
    planted = Counter(mutant.found_by for mutant in MUTANTS.values())
    right = Counter(MUTANTS[name].found_by for name, is_right in found.items() if is_right)
    rows = [f"| {suite} | {count} | {right[suite]} |" for suite, count in sorted(planted.items())]
    total = f"| all | {sum(planted.values())} | {sum(right.values())} |"
    return "\n".join(["| suite | planted | found |", "| --- | --- | --- |", *rows, total]) + "\n"


if __name__ == "__main__":
    found: dict[str, bool] = {}
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn"), max_tasks_per_child=1) as pool:
        for mutant, is_right in zip(MUTANTS.values(), pool.map(is_named_found, MUTANTS), strict=True):
            found[mutant.name] = is_right
            print(f"{mutant.found_by:12} {'found' if is_right else 'NOT FOUND':9} {mutant.about}", flush=True)
    written = MARKS.sub(lambda marks: f"{marks[1]}{table(found)}{marks[2]}", PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(written, encoding="utf-8")
    sys.exit(0 if all(found.values()) else 1)
