"""The final report of `mockaxle check` on the terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from mockaxle.client.visible import visible

if TYPE_CHECKING:
    from mockaxle.harness.outcome import CheckResult, CountedFinding

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
MAX_REPEAT = 12


def lines(result: "CheckResult") -> Iterator[str]:
    """The operations, the findings, the untested parts and the verdict."""
    yield from _operations(result)
    for finding in result.findings:
        yield from _finding(finding)
    if result.untested:
        yield "\nNot tested:"
        yield from (f"  {visible(what)}" for what in result.untested)
    if result.never_accepted:
        yield "\nNever succeeded:"
        yield from (f"  {key}" for key in result.never_accepted)
    if result.left_behind:
        yield "\nCould not be deleted:"
        yield from (f"  {visible(what)}" for what in result.left_behind)
    yield "\n" + _verdict(result)


def _operations(result: "CheckResult") -> Iterator[str]:
    called = [one for one in result.operations if one.calls]
    width = max((len(one.operation) for one in called), default=9)
    yield f"{'operation':{width}}  calls  accepted  refused  findings"
    for one in called:
        counts = f"{one.calls:5}  {one.accepted:8}  {one.refused:7}  {one.findings or '':>8}"
        yield f"{one.operation:{width}}  {counts}".rstrip()


def _finding(finding: "CountedFinding") -> Iterator[str]:
    level = click.style(finding.level.value, fg=COLOURS[finding.level.value], bold=True)
    times = f", {finding.times} times" if finding.times > 1 else ""
    yield f"\n{level} {finding.suite} {finding.rule}: {visible(finding.title)}{times}"
    operations = [one for one in finding.operations if one]
    if operations:
        more = f" and {len(operations) - 1} more" if len(operations) > 1 else ""
        yield f"  operation  {operations[0]}{more}"
    yield f"  expected   {visible(finding.expected)}"
    yield f"  received   {visible(finding.came)}"
    yield from (f"  {visible(step)}" for step in finding.story)
    if finding.repeat:
        yield "  to reproduce, with BASE and TOKEN set:"
        yield from (f"    {visible(line)}" for line in finding.repeat[:MAX_REPEAT])
        if len(finding.repeat) > MAX_REPEAT:
            yield f"    ... and {len(finding.repeat) - MAX_REPEAT} more lines, listed by --report json=FILE"


def _verdict(result: "CheckResult") -> str:
    counted = ", ".join(f"{count} {level}s" if count != 1 else f"1 {level}" for level, count in result.counted.items())
    known = f"; {result.known} known findings ignored" if result.known else ""
    what = "is clean" if result.is_clean else f"is not clean ({result.why_not})"
    what = f"was not checked to the end: {visible(result.why_not)}" if result.unfinished else what
    return f"{result.target} {what}: {counted}{known} (--seed {result.seed})"
