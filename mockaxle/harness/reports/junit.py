"""Writes a run as JUnit XML: a test case for each rule, in the suites that checked it."""

from typing import TYPE_CHECKING

from mockaxle.client.visible import visible
from mockaxle.contract.ledger import load_ledger

if TYPE_CHECKING:
    from junitparser import TestCase, TestSuite

    from mockaxle.harness.outcome import CheckResult, CountedFinding


def write_junit(result: "CheckResult") -> bytes:
    """Write the report. Notes are failures at a mockaxle only, where every finding counts."""
    from junitparser import JUnitXml, TestSuite

    report = JUnitXml("mockaxle check")
    found = [(finding.suite, finding.rule) for finding in result.findings]
    judged = dict.fromkeys([*result.judged, *found])
    for name in dict.fromkeys(suite for suite, _ in judged):
        suite = TestSuite(name)
        for rule in (rule for of, rule in judged if of == name):
            suite.add_testcase(_case(result, name, rule=rule))
        report.add_testsuite(suite)
    report.add_testsuite(_coverage(result))
    report.update_statistics()
    text: bytes = report.tostring()
    return text


def _case(result: "CheckResult", suite: str, *, rule: str) -> "TestCase":
    """Make the case of a rule: failed if a finding counts; other findings are listed, too."""
    from junitparser import Failure, TestCase

    case = TestCase(f"{rule} ({load_ledger()[rule].grade})", classname=f"mockaxle.{suite}")
    found = [one for one in result.findings if (one.suite, one.rule) == (suite, rule)]
    counting = [one for one in found if result.is_counting(one)]
    if counting:
        failure = Failure(visible(f"{len(counting)} findings: {counting[0].title}"), counting[0].level.value)
        failure.text = "\n\n".join(_text(finding) for finding in counting)
        case.result = [failure]
    elif found:
        case.system_out = "\n\n".join(_text(finding) for finding in found)
    return case


def _coverage(result: "CheckResult") -> "TestSuite":
    """Make a case for each operation: failed if it never succeeded, skipped if it was never called."""
    from junitparser import Failure, Skipped, TestCase, TestSuite

    suite = TestSuite("operations")
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
    lines = [f"{finding.level.value}: {finding.title}", f"operations: {', '.join(finding.operations)}"]
    lines += [f"expected: {finding.expected}", f"received: {finding.came}", *finding.story, *finding.repeat]
    return "\n".join(map(visible, lines))
