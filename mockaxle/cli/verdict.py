"""What `mockaxle check` prints at its end."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from mockaxle.visible import visible

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
MAX_REPEAT = 12


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """The operations, each finding, what was not tested, and the verdict."""
    yield from _operations(told)
    for finding in told["findings"]:
        yield from _finding(finding)
    if told["untested"]:
        yield "\nNot tested:"
        yield from (f"  {visible(what)}" for what in told["untested"])
    if told["never_accepted"]:
        yield "\nNever accepted, however it was called:"
        yield from (f"  {key}" for key in told["never_accepted"])
    if told["left_behind"]:
        yield "\nCould not be taken away again:"
        yield from (f"  {visible(what)}" for what in told["left_behind"])
    yield "\n" + _verdict(told)


def _operations(told: Mapping[str, Any]) -> Iterator[str]:
    called = [one for one in told["operations"] if one["calls"]]
    width = max((len(one["operation"]) for one in called), default=9)
    yield f"{'operation':{width}}  calls  accepted  refused  findings"
    for one in called:
        counts = f"{one['calls']:5}  {one['accepted']:8}  {one['refused']:7}  {one['findings'] or '':>8}"
        yield f"{one['operation']:{width}}  {counts}".rstrip()


def _finding(finding: Mapping[str, Any]) -> Iterator[str]:
    level = click.style(finding["level"], fg=COLOURS[finding["level"]], bold=True)
    times = f", {finding['times']} times" if finding["times"] > 1 else ""
    yield f"\n{level} {finding['suite']} {finding['rule']}: {visible(finding['title'])}{times}"
    operations = [one for one in finding["operations"] if one]
    if operations:
        more = f" and {len(operations) - 1} more" if len(operations) > 1 else ""
        yield f"  operation  {operations[0]}{more}"
    yield f"  expected   {visible(finding['expected'])}"
    yield f"  came       {visible(finding['came'])}"
    yield from (f"  {visible(step)}" for step in finding["story"])
    if finding["repeat"]:
        yield "  to repeat, with BASE and TOKEN set:"
        yield from (f"    {visible(line)}" for line in finding["repeat"][:MAX_REPEAT])
        if len(finding["repeat"]) > MAX_REPEAT:
            yield f"    ... and {len(finding['repeat']) - MAX_REPEAT} more, which --report json has"


def _verdict(told: Mapping[str, Any]) -> str:
    counted = ", ".join(f"{count} {level}s" if count != 1 else f"1 {level}" for level, count in told["counted"].items())
    known = f"; {told['known']} known ones left out" if told.get("known") else ""
    what = "is clean" if told["green"] else f"is not clean, since {told['why_not']}"
    what = f"was not checked to the end: {visible(told['why_not'])}" if told["unfinished"] else what
    return f"{told['target']} {what}: {counted}{known} (--seed {told['seed']})"
