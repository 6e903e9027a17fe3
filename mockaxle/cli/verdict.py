"""The report of `mockaxle check` on the terminal."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from mockaxle.client.visible import visible

if TYPE_CHECKING:
    from mockaxle.harness.outcome import CheckResult, CountedFinding

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
FOLDED = 3
NAMED_SUITES = 3
MAX_STORY = 12
MAX_TEXT = 200
EVERYTHING = 10**6


def lines(result: "CheckResult", *, verbose: bool = False) -> Iterator[str]:
    """The verdict, the missing operations, the findings by severity, and what was judged and what was not."""
    yield _verdict(result)
    yield from _not_there(result)
    for finding in result.faults:
        yield from _finding(finding, shown=EVERYTHING if verbose else FOLDED)
    if result.never_accepted:
        yield "\nNever succeeded:"
        yield from (f"  {key}" for key in result.never_accepted)
    if result.left_behind:
        yield "\nCould not be deleted:"
        yield from (f"  {visible(what)}" for what in result.left_behind)
    if result.untested:
        yield "\nNot tested:"
        yield from (f"  {_cut(what, verbose=verbose)}" for what in result.untested)
    yield from _judged(result, verbose=verbose)
    if verbose:
        yield from _operations(result)


def _verdict(result: "CheckResult") -> str:
    """What was found, and what was checked in which time."""
    what = "is clean" if result.is_clean else f"is not clean ({visible(result.why_not)})"
    what = f"was not checked to the end: {visible(result.why_not)}" if result.unfinished else what
    counted = ", ".join(_number(count, level) for level, count in result.counted.items())
    known = f"; {_number(result.known, 'known finding')} ignored" if result.known else ""
    judged = sum(bool(one.cases) for one in result.statements)
    facts = [f"profile {result.profile}", _suites(result), _number(result.calls, "call")]
    facts += [f"{_number(judged, 'statement')} judged", f"{result.seconds:.1f} s"]
    return f"{result.target} {what}: {counted}{known}; {', '.join(facts)} (--seed {result.seed})"


def _suites(result: "CheckResult") -> str:
    names = [one.name for one in result.suites]
    return _number(len(names), "suite") + (f" ({', '.join(names)})" if 0 < len(names) <= NAMED_SUITES else "")


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _not_there(result: "CheckResult") -> Iterator[str]:
    if result.not_there:
        left_out = ", left out by --only-present" if result.only_present else ""
        yield f"\nnot there: {_number(len(result.not_there), 'operation')}{left_out}"
        width = max(len(one.operation) for one in result.not_there)
        yield from (f"  {one.operation:{width}}  {one.status}" for one in result.not_there)


def _finding(finding: "CountedFinding", *, shown: int) -> Iterator[str]:
    from mockaxle.harness.reproduction import variables

    level = click.style(finding.level.value, fg=COLOURS[finding.level.value], bold=True)
    yield f"\n{level} {finding.statement}: {visible(finding.title)}"
    for name, text in _facts(finding):
        yield f"  {name:10} {_cut(text, verbose=shown > FOLDED)}"
    yield from _folded([f"  also       {one.statement}: {visible(one.title)}" for one in finding.also], shown=shown)
    yield from _folded([f"  {visible(step)}" for step in finding.story], shown=max(shown, MAX_STORY))
    if finding.repeat:
        yield f"  to repeat it, with {variables(finding.repeat)} set:"
        yield from _folded([f"    {visible(line)}" for line in finding.repeat], shown=shown, indent="    ")


def _facts(finding: "CountedFinding") -> Iterator[tuple[str, str]]:
    yield "rule", f"{finding.says} ({finding.grade_in_words})"
    if finding.operations:
        more = f" and {len(finding.operations) - 1} more" if len(finding.operations) > 1 else ""
        yield "operation", f"{finding.operations[0]}{more}"
    yield "expected", finding.expected
    yield "received", finding.came
    yield "seen", f"{_number(finding.times, 'time')}, in {', '.join(finding.suites)}"


def _folded(lines: Sequence[str], *, shown: int, indent: str = "  ") -> Iterator[str]:
    """The first lines, and the number of the others."""
    yield from lines[:shown]
    if len(lines) > shown:
        yield f"{indent}... and {_number(len(lines) - shown, 'more line')}: --report json=FILE"


def _cut(text: str, *, verbose: bool) -> str:
    shown = visible(text)
    return shown if verbose or len(shown) <= MAX_TEXT else f"{shown[:MAX_TEXT]}..."


def _judged(result: "CheckResult", *, verbose: bool) -> Iterator[str]:
    """The numbers of statements and cases of each part, and what the others need."""
    parts = [part for part in result.parts if part.judged]
    if parts:
        yield "\nJudged:"
        width = max(len(part.name) for part in parts)
    for part in parts:
        of = f"{part.judged:3} of {part.observable:2} statements"
        yield f"  {part.letter}  {part.name:{width}}  {of}, {_number(part.cases, 'case')}"
    needed: dict[str, list[str]] = defaultdict(list)
    for one in result.statements:
        if one.needs:
            needed[one.needs].append(one.id)
    if needed:
        yield "\nNot judged, and what would be needed:"
    for what, ids in needed.items():
        named = ", ".join(ids if verbose else ids[:FOLDED]) + (" ..." if len(ids) > FOLDED and not verbose else "")
        yield f"  {_number(len(ids), 'statement')} ({named}): {what}"


def _operations(result: "CheckResult") -> Iterator[str]:
    called = [one for one in result.operations if one.calls]
    width = max((len(one.operation) for one in called), default=9)
    yield f"\n{'operation':{width}}  calls  accepted  refused  findings"
    for one in called:
        counts = f"{one.calls:5}  {one.accepted:8}  {one.refused:7}  {one.findings or '':>8}"
        yield f"{one.operation:{width}}  {counts}".rstrip()
