"""Writes a run as JUnit XML: a test case for each rule, in the suites that checked it, with its duration."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mockaxle.client.visible import visible
from mockaxle.contract.ledger import load_ledger, statement_of
from mockaxle.harness.presence import SUITE as OPERATIONS

if TYPE_CHECKING:
    from junitparser import TestCase, TestSuite

    from mockaxle.harness.outcome import CheckResult, CountedFinding


def write_junit(result: "CheckResult") -> bytes:
    """Write the report. Notes are failures at a mockaxle only, where every finding counts. Units: seconds."""
    from junitparser import JUnitXml

    report = JUnitXml("mockaxle check")
    for suite in _suites(result):
        report.add_testsuite(suite)
    report.add_testsuite(_operations(result))
    report.update_statistics()
    seconds = {one.name: one.seconds for one in result.suites}
    for suite in report:
        suite.time = seconds.get(suite.name, suite.time)
    report.time = result.seconds
    text: bytes = report.tostring()
    return text


def _suites(result: "CheckResult") -> "Iterator[TestSuite]":
    from junitparser import TestSuite

    found = [pair for finding in result.findings for pair in finding.met]
    judged = dict.fromkeys([*((suite, statement_of(one).rule) for suite, one, _ in result.judged), *found])
    for name in dict.fromkeys(suite for suite, _ in judged if suite != OPERATIONS):
        suite = TestSuite(name)
        for rule in (rule for of, rule in judged if of == name):
            suite.add_testcase(_case(result, name, rule=rule))
        yield suite


def _case(result: "CheckResult", suite: str, *, rule: str) -> "TestCase":
    """Make the case of a rule: failed if a finding counts; other findings are listed, too."""
    from junitparser import Failure, TestCase

    seconds = {name: one for timed in result.suites if timed.name == suite for name, one in timed.rules}
    case = TestCase(f"{rule} ({load_ledger()[rule].grade})", classname=f"mockaxle.{suite}", time=seconds.get(rule, 0.0))
    found = [one for one in result.findings if (suite, rule) in one.met]
    counting = [one for one in found if result.is_counting(one)]
    if counting:
        more = f", and {len(counting) - 1} more" if len(counting) > 1 else ""
        failure = Failure(visible(f"{counting[0].title}{more}"), counting[0].level.value)
        failure.text = "\n\n".join(_text(finding) for finding in counting)
        case.result = [failure]
    elif found:
        case.system_out = "\n\n".join(_text(finding) for finding in found)
    return case


def _operations(result: "CheckResult") -> "TestSuite":
    """Make a case for each operation: failed if it is missing or never succeeded, skipped if it was never called."""
    from junitparser import Failure, Skipped, TestCase, TestSuite

    suite = TestSuite(OPERATIONS)
    for missing in result.not_there:
        case = TestCase(missing.operation, classname="mockaxle.operations")
        said = visible(f"not there: {missing.answered}")
        case.result = [Failure(said) if missing in result.missing else Skipped(said)]
        suite.add_testcase(case)
    for operation in result.operations:
        case = TestCase(operation.operation, classname="mockaxle.operations")
        if operation.operation in result.never_accepted:
            case.result = [Failure(f"called {operation.calls} times and never succeeded")]
        elif not operation.calls:
            case.result = [Skipped("never called")]
        suite.add_testcase(case)
    if result.unfinished:
        case = TestCase("the whole run", classname="mockaxle.operations")
        case.result = [Failure(visible(f"not finished: {result.unfinished}"))]
        suite.add_testcase(case)
    return suite


def _text(finding: "CountedFinding") -> str:
    lines = [
        f"{finding.level.value} {finding.statement}: {finding.title}",
        f"rule: {finding.says} ({finding.grade_in_words})",
    ]
    lines += [f"operations: {', '.join(finding.operations)}"]
    lines += [f"expected: {finding.expected}", f"received: {finding.came}"]
    lines += [f"also: {one.statement}: {one.title}" for one in finding.also]
    return "\n".join(map(visible, [*lines, *finding.story, *finding.repeat]))
