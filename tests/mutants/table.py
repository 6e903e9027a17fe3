"""`make mutants`: searches for every planted fault. Writes the table in docs/, and exits 1 where one is missed.

The suite that found a fault the last time is tried first. A fault against a decision of the mock (M) is counted apart,
and may be missed. Arguments choose parts, rules, statements or names: `python -m tests.mutants.table U12 L6b`. Only a
run of all faults writes files.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from multiprocessing import get_context
from typing import Any

from mockaxle.contract.ledger import PARTS, statement_of
from mockaxle.harness.suites import SUITES
from tests.mutants.all_planted import FAULTS
from tests.mutants.checking import ROOT
from tests.mutants.planting import IN_CODE, Fault
from tests.mutants.searching import SLOWEST, Search, judged_statements, search

AT_ONCE, FAULTS_PER_PROCESS = 2, 40
RESULTS = ROOT / "build" / "mutants.json"
"""Shape: a list of objects with name, statement, and named (the ids of the finding that named it, or empty)."""

FOUND_BY = ROOT / "tests" / "mutants" / "found_by.json"
PAGE = ROOT / "docs" / "checking-a-server.md"
MARKS = re.compile(r"(<!-- mutants -->\n).*?(<!-- /mutants -->)", re.DOTALL)
DECISIONS = "decisions of the mock"


def suites_for(fault: Fault, *, last: Mapping[str, str], judged: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the suites in the order in which they search: that of the last time, those that judge the statement, those
    that judge its rule or what else is broken, others.

    The slowest one searches only for faults of rules that it judges.
    """
    rules = {name: {statement_of(id).rule for id in judged[name]} for name in SUITES}
    slow = SLOWEST if fault.stated.rule in rules[SLOWEST] else ""
    quick = [name for name in SUITES if name != SLOWEST]
    own = [name for name in quick if fault.statement in judged[name]]
    near = [name for name in quick if fault.rules & rules[name]]
    order = dict.fromkeys((last.get(fault.name, ""), *own, *near, *quick, slow))
    return [name for name in order if name in SUITES]


def searched(task: tuple[str, list[str]]) -> tuple[str, Search]:
    """Search for the fault of a name. A search that fails has not found it."""
    name, suites = task
    try:
        return name, search(FAULTS[name], suites)
    except Exception as failed:
        return name, Search("", (), (repr(failed),), 0)


def results(faults: Iterable[Fault], suites: Mapping[str, list[str]]) -> Iterator[tuple[Fault, Search]]:
    """Search for faults in two processes. A fault in the code has a process of its own."""
    groups: dict[int, list[Fault]] = {FAULTS_PER_PROCESS: [], 1: []}
    for fault in faults:
        groups[1 if fault.kind == IN_CODE else FAULTS_PER_PROCESS].append(fault)
    for tasks, group in groups.items():
        work = [(fault.name, suites[fault.name]) for fault in group]
        with get_context("spawn").Pool(AT_ONCE, maxtasksperchild=tasks) as pool:
            for name, found in pool.imap_unordered(searched, work):
                yield FAULTS[name], found


def row(fault: Fault) -> str:
    return DECISIONS if fault.stated.grade == "M" else PARTS[fault.part]


def table(found: Mapping[str, bool]) -> str:
    """A row for each part of the ledger: how many faults are planted, and how many of them are found."""
    planted = Counter(row(FAULTS[name]) for name in found)
    right = Counter(row(FAULTS[name]) for name, is_found in found.items() if is_found)
    parts = [name for name in PARTS.values() if planted[name]]
    lines = [f"| {name} | {planted[name]} | {right[name]} |" for name in parts]
    total = f"| all | {sum(planted[name] for name in parts)} | {sum(right[name] for name in parts)} |"
    apart = f"| {DECISIONS} | {planted[DECISIONS]} | {right[DECISIONS]} |"
    return "\n".join(["| part of the rules | planted | found |", "| --- | --- | --- |", *lines, total, apart]) + "\n"


def line(fault: Fault, result: Search) -> str:
    """What a search came to, in one line."""
    ids = ", ".join(result.named or result.others) or "nothing"
    said = f"{result.suite}, as {ids}" if result.suite else f"NOT FOUND; found: {ids}"
    return f"{fault.statement:5} {fault.stated.grade} {fault.about}: {said} ({result.seconds:.1f} s)"


def report(done: Mapping[str, Search]) -> list[dict[str, Any]]:
    shown = ("name", "statement", "kind")
    return [
        {
            **{name: getattr(FAULTS[fault], name) for name in shown},
            "grade": FAULTS[fault].stated.grade,
            **result._asdict(),
        }
        for fault, result in done.items()
    ]


def chosen(wanted: list[str]) -> list[Fault]:
    """Return the faults of some parts, rules, statements or names, by default all."""
    faults = FAULTS.values()
    named = [(fault, {fault.name, fault.statement, fault.stated.rule, fault.part}) for fault in faults]
    return [fault for fault, names in named if not wanted or names & set(wanted)]


def write(done: Mapping[str, Search]) -> None:
    """Write the results of all faults, the suites that found them, and the table in docs/."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report(done), indent=1) + "\n")
    suites = {name: one.suite for name, one in sorted(done.items()) if one.suite}
    FOUND_BY.write_text(json.dumps(suites, indent=1) + "\n")
    rows = table({name: bool(one.suite) for name, one in done.items()})
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(MARKS.sub(lambda marks: f"{marks[1]}{rows}{marks[2]}", text), encoding="utf-8")


def main(wanted: list[str]) -> int:
    faults = chosen(wanted)
    last: dict[str, str] = json.loads(FOUND_BY.read_text()) if FOUND_BY.exists() else {}
    judged = judged_statements()
    suites = {fault.name: suites_for(fault, last=last, judged=judged) for fault in faults}
    done: dict[str, Search] = {}
    for fault, result in results(faults, suites):
        done[fault.name] = result
        print(f"{len(done)}/{len(faults)} {line(fault, result)}", flush=True)
    print(table({name: bool(one.suite) for name, one in done.items()}))
    if not wanted:
        write(done)
    return 0 if all(done[fault.name].suite for fault in faults if fault.stated.grade != "M") else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
