"""What a run came to, as plain data: for the terminal, and for every report."""

from typing import Any

from mockaxle.harness.finding import Finding, Level
from mockaxle.harness.run import Run
from mockaxle.harness.suites import is_green, never_accepted, never_called
from mockaxle.harness.target import Counts


def outcome(run: Run, *, left_behind: list[str]) -> dict[str, Any]:
    """Shape: JSON's types. Findings are in the order of their coming, each once."""
    return {
        "target": run.target.base_url,
        "is_mockaxle": run.target.is_ours,
        "seed": run.seed,
        "examples": run.examples,
        "green": is_green(run),
        "findings": [_finding(run, finding) for finding in run.findings],
        "counted": {level.value: run.findings.of(level) for level in Level},
        "operations": [_operation(run, key) for key in run.keys],
        "never_accepted": never_accepted(run),
        "untested": [*run.untested, *_uncalled(run)],
        "left_behind": left_behind,
    }


def _finding(run: Run, finding: Finding) -> dict[str, Any]:
    operations = run.findings.operations(finding)
    return {
        "suite": finding.suite,
        "rule": finding.rule,
        "level": finding.level.value,
        "title": finding.title,
        "operations": list(dict.fromkeys(operations)),
        "expected": finding.expected,
        "came": finding.came,
        "times": len(operations),
        "story": list(finding.story),
        "repeat": list(finding.repeat),
    }


def _operation(run: Run, key: str) -> dict[str, Any]:
    counts = run.target.counts.get(key, Counts())
    found = sum(key in run.findings.operations(finding) for finding in run.findings)
    told = {"calls": counts.calls, "accepted": counts.accepted, "refused": counts.refused, "findings": found}
    return {"operation": key, **told}


def _uncalled(run: Run) -> list[str]:
    keys = never_called(run)
    return [f"never called: {', '.join(keys)}"] if keys else []
