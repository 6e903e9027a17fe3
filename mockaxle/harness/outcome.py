"""What a run came to, as plain data: for the terminal, and for every report."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockaxle.harness.finding import Finding, Level
from mockaxle.harness.run import Run
from mockaxle.harness.suites import is_anything_tested, never_accepted, never_called, only_refused
from mockaxle.harness.target import Counts


def outcome(run: Run, *, left_behind: list[str]) -> dict[str, Any]:
    """Shape: JSON's types. Findings are in the order of their coming, each once."""
    findings = [_finding(run, finding) for finding in run.findings]
    refused, tested = never_accepted(run), is_anything_tested(run)
    why = why_not_clean(
        findings, is_ours=run.target.is_ours, never_accepted=refused, tested=tested, unfinished=run.unfinished
    )
    return {
        "target": run.target.base_url,
        "is_mockaxle": run.target.is_ours,
        "seed": run.seed,
        "examples": run.examples,
        "green": not why,
        "why_not": why,
        "unfinished": run.unfinished,
        "tested": tested,
        "judged": [list(pair) for pair in run.judged],
        "findings": findings,
        "counted": {level.value: run.findings.of(level) for level in Level},
        "operations": [_operation(run, key) for key in run.keys],
        "never_accepted": refused,
        "untested": [*run.untested, *_untried(run)],
        "left_behind": left_behind,
    }


def why_not_clean(
    findings: Sequence[Mapping[str, Any]],
    *,
    is_ours: bool,
    never_accepted: Sequence[str],
    tested: bool,
    unfinished: str,
) -> str:
    """Why a run is not clean, or nothing where it is. At a target of ours every finding counts, else no note does."""
    counting = [finding for finding in findings if is_ours or finding["level"] != "note"]
    reasons = (
        (bool(counting), f"{len(counting)} findings count"),
        (bool(never_accepted), f"{len(never_accepted)} operations were never accepted"),
        (not tested, "nothing was tested"),
        (bool(unfinished), unfinished),
    )
    return ", ".join(text for applies, text in reasons if applies)


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


def _untried(run: Run) -> list[str]:
    reasons = {"never called": never_called(run), "called only with what is refused": only_refused(run)}
    return [f"{reason}: {', '.join(keys)}" for reason, keys in reasons.items() if keys]
