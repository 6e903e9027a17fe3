"""Judges whether a call is accepted or refused at all, whatever the status."""

from dataclasses import replace

from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.run import Judge, NotTestable, Run


def accepted(judge: Judge, answer: Answer, *, of: str, title: str) -> bool:
    return judge.expect(answer.is_good, answer, of=of, title=title, expected="2xx")


def refused(judge: Judge, answer: Answer, *, of: str, title: str) -> bool:
    return judge.expect(400 <= answer.status < 500, answer, of=of, title=title, expected="a refusal, 4xx")


def needs_any(run: Run, *operations: str) -> None:
    """Raises: NotTestable if the profile has none of them."""
    if not any(one in run.keys for one in operations):
        raise NotTestable(f"the profile has no {operations[0]}, and none that would do instead")


def refusable(run: Run) -> CheckedAccount:
    """Return the account for calls that a right server refuses; they do not count as tries of their operations."""
    return replace(run.main, allowed=False)
