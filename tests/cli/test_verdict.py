"""The report of a check on the terminal: short, the verdict first, and each fault once."""

import re

import click

from mockaxle.cli.verdict import lines
from mockaxle.harness.outcome import CheckResult
from tests.harness.test_causes import LISTED, READ, found, result_of

LONG = found(
    "L1d", "unenrol answers a wrong status field", repeat=tuple(f"curl {number}" for number in range(12)), suite="auth"
)


def printed(result: CheckResult, *, verbose: bool = False) -> list[str]:
    return click.unstyle("\n".join(lines(result, verbose=verbose))).splitlines()


def test_the_first_line_says_what_was_found_and_what_was_checked() -> None:
    first = printed(result_of(LONG))[0]
    facts = r"profile full, 0 suites, 0 calls, 1 statement judged, \d+\.\d s"
    counted = r"1 error, 0 warnings, 0 notes"
    reason = r"\(1 finding counts, nothing was tested\)"
    assert re.fullmatch(rf"http://x is not clean {reason}: {counted}; {facts} \(--seed 1\)", first)


def test_a_finding_has_its_rule_and_its_first_lines_to_repeat_it() -> None:
    shown = printed(result_of(LONG))
    start = shown.index("error L1d: unenrol answers a wrong status field")
    assert shown[start + 1] == "  rule       unenrol moves a site from Active to Inactive. (documented by the vendor)"
    assert shown[start + 2 : start + 6] == [
        f"  operation  {READ}", "  expected   something else", "  received   200", "  seen       1 time, in auth",
    ]  # fmt: skip
    assert shown[start + 7 : start + 11] == [
        "    curl 0", "    curl 1", "    curl 2", "    ... and 9 more lines: --report json=FILE",
    ]  # fmt: skip


def test_everything_is_printed_when_asked_for() -> None:
    shown = printed(result_of(LONG), verbose=True)
    assert "    curl 11" in shown
    assert any(line.startswith("operation ") for line in shown)
    assert not any(line.startswith("operation ") for line in printed(result_of(LONG)))


def test_errors_come_before_warnings_and_notes() -> None:
    note, warning = found("U12h", "a page is not in creation order", LISTED), found("A3a", "no token is not refused")
    levels = [line.split()[0] for line in printed(result_of(note, warning, LONG)) if re.match(r"\w+ \w+: ", line)]
    assert levels == ["error", "warning", "note"]


def test_the_parts_of_the_ledger_and_what_was_not_judged_are_listed() -> None:
    shown = printed(result_of(found("U12h", "a page is not in creation order", LISTED)))
    assert any(re.fullmatch(r"  U  sites and assets +1 of \d\d statements, 1 case", line) for line in shown)
    assert any(re.fullmatch(r"  \d+ statements \(\w+, \w+, \w+ \.\.\.\): --suite \w+", line) for line in shown)
