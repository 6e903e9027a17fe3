"""`python -m tests.mutants.coverage`: writes which suites judge which statements, for `mockaxle rules --coverage`.

It checks the healthy mock with all options, then without each. A planted fault counts as found if the last
`make mutants` found it by its own statement.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner

from mockaxle.cli.check import SUITE_NAMES
from mockaxle.cli.check import check as verb
from mockaxle.contract.ledger import coverage as known
from mockaxle.contract.ledger import statements
from mockaxle.serving.listener import serve_in_thread
from tests.mutants.all_planted import FAULTS
from tests.mutants.checking import ROOT, fresh_app, words
from tests.mutants.table import RESULTS

FILE = ROOT / "contracts" / "coverage.json"
SEED = ("--seed", "1")
QUICK = tuple(name for name in SUITE_NAMES if name != "conformance")
OPTIONS = ("--other-username", "--limited-username", "--after-expiry")
WRITES = "--allow-writes"
ELSEWHERE = "0.0.0.0"
"""A host that counts as another machine, where nothing is written without `--allow-writes`."""

Cases = Mapping[str, Mapping[str, int]]
"""The cases of each suite, by statement."""


def judged(*suites: str, without: str = "") -> Cases:
    """Check a fresh mock without an option, and return what was judged."""
    host = ELSEWHERE if without == WRITES else "127.0.0.1"
    with serve_in_thread(fresh_app(), host=host) as url, TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        options = [word for name in suites for word in ("--suite", name)]
        written = ("--report", f"json={report}", "--recordings", folder)
        call = [
            word.replace(f"--url http://{ELSEWHERE}", "--url http://127.0.0.1") for word in words(url, *SEED, *written)
        ]
        call = _without([*call, *options], without)
        CliRunner().invoke(verb, call, catch_exceptions=False)
        return cases(json.loads(report.read_text(encoding="utf-8")))


def cases(report: Mapping[str, Any]) -> Cases:
    """Return what a JSON report says was judged, in the order of the suites."""
    found: dict[str, dict[str, int]] = {}
    for suite, statement, count in report["judged"]:
        found.setdefault(statement, {})[suite] = count
    return {id: _of_suites(counts) for id, counts in found.items()}


def _of_suites(counts: Mapping[str, int]) -> Mapping[str, int]:
    """Leave out what is judged before the first suite, except where no suite judges it."""
    named = {name: counts[name] for name in SUITE_NAMES if name in counts}
    return named or counts


def coverage() -> dict[str, dict[str, Any]]:
    """Return the rows of the file, in the order of the ledger."""
    whole, quick = judged(), judged(*QUICK)
    lacking = {option: quick.keys() - judged(*QUICK, without=option).keys() for option in (*OPTIONS, WRITES)}
    planted, found = Counter(fault.statement for fault in FAULTS.values()), _found()
    return {
        id: {
            "suites": dict(whole.get(id, {})),
            "needs": [option for option, ids in lacking.items() if id in ids],
            "planted": planted[id],
            "found": found[id],
        }
        for id in statements()
        if id in whole or planted[id]
    }


def spelt(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Write a row in each line."""
    lines = ",\n".join(f" {json.dumps(id)}: {json.dumps(row)}" for id, row in rows.items())
    return f"{{\n{lines}\n}}\n"


def _without(words: list[str], option: str) -> list[str]:
    """Leave out an option and its value."""
    if option not in words:
        return words
    place = words.index(option)
    return words[:place] + words[place + 2 :]


def _found() -> Counter[str]:
    """Count the faults of each statement that a finding of that statement named; as before without results."""
    if not RESULTS.exists():
        return Counter({id: row.found for id, row in known().items()})
    faults = json.loads(RESULTS.read_text(encoding="utf-8"))
    return Counter(
        fault["statement"] for fault in faults if fault["name"] in FAULTS and fault["statement"] in fault["named"]
    )


if __name__ == "__main__":
    FILE.write_text(spelt(coverage()), encoding="utf-8")
