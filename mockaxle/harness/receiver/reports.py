"""Writes the result of `mockaxle check-receiver` as JUnit XML, JSON and a self-contained page."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from mockaxle.client.visible import visible
from mockaxle.harness.receiver.rows import ReceiverResult, RowLevel, RowResult

UNJUDGED = "it needs --observe, and a receiver that answers and calls the mock"
PAGE = Path(__file__).with_name("page.html")


def write_junit(result: ReceiverResult) -> bytes:
    """Write a test case for each row. Errors fail, notes are printed, rows that need --observe are skipped."""
    from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

    suite = TestSuite("check-receiver")
    for row in result.rows:
        name = f"{row.row.number} {row.row.title} ({row.row.grade})"
        case = TestCase(name, classname="mockaxle.check-receiver", time=row.seconds)
        if row.level is RowLevel.ERROR:
            case.result = [Failure(_said(row))]
        elif row.level is RowLevel.SKIPPED:
            case.result = [Skipped(UNJUDGED)]
        elif row.level is RowLevel.NOTE:
            case.system_out = _said(row)
        suite.add_testcase(case)
    report = JUnitXml("mockaxle check-receiver")
    report.add_testsuite(suite)
    report.update_statistics()
    report.time = suite.time = result.seconds
    text: bytes = report.tostring()
    return text


def write_json(result: ReceiverResult) -> bytes:
    """Write the rows with their cases. Units: seconds."""
    rows = [
        {
            "number": row.row.number,
            "title": row.row.title,
            "grade": row.row.grade,
            "expected": row.expected,
            "level": row.level,
            "seconds": round(row.seconds, 3),
            "cases": [{"what": case.what, "passed": case.is_met, "came": case.came} for case in row.cases],
        }
        for row in result.rows
    ]
    data = {"target": result.target, "observed": result.is_observed, "green": result.is_clean}
    counted = {level.value: count for level, count in result.counted.items()}
    whole = {**data, **counted, "seconds": round(result.seconds, 3), "rows": rows}
    written = json.dumps(whole, indent=1, ensure_ascii=False)
    return written.encode("utf-8", "backslashreplace") + b"\n"


def write_html(result: ReceiverResult) -> bytes:
    """Write the page. All texts of the receiver are escaped."""
    from jinja2 import Environment

    template = Environment(autoescape=True, trim_blocks=True).from_string(PAGE.read_text(encoding="utf-8"))
    return template.render(run=result).encode("utf-8", "backslashreplace")


WRITERS: Mapping[str, Callable[[ReceiverResult], bytes]] = {
    "junit": write_junit,
    "json": write_json,
    "html": write_html,
}


def _said(row: RowResult) -> str:
    lines = [f"expected: {row.expected}", *(f"{case.what}: {case.came}" for case in row.failed)]
    return visible("; ".join(lines))
