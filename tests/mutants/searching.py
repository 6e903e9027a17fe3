"""Searches for one fault: serves the mock with it in this process, and runs suites until a finding names it."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, NamedTuple

import pytest

from mockaxle.client.client import Client
from mockaxle.contract.document import load_contract
from mockaxle.contract.ledger import coverage
from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.finding import Finding, Findings
from mockaxle.harness.run import Homes, Run
from mockaxle.harness.suites import SUITES, CannotCheck, begin, check
from mockaxle.harness.target import Interrupted, Target
from mockaxle.serving.listener import serve_in_thread
from tests.mutants.checking import fresh_app
from tests.mutants.planting import Fault
from tests.mutants.proxy import Proxy

SEED = 1
SLOWEST = "conformance"
EXAMPLES = {SLOWEST: 5, "lifecycle": 30}
USUAL_EXAMPLES = 30
PATIENCE_SECONDS = 300


class Search(NamedTuple):
    """How a search ended. Shape: `suite` found it, or is empty; named are the ids of its finding, others the rest."""

    suite: str
    named: tuple[str, ...]
    others: tuple[str, ...]
    seconds: float


class UntilNamed(Findings):
    """The findings of a run, which the first one of the statement that the fault breaks ends.

    One of what the fault breaks besides counts if there is none of that statement.
    """

    def __init__(self, fault: Fault | None, target: Target) -> None:
        super().__init__()
        self.naming: Finding | None = None
        self._fault = fault
        self._target = target

    def add(self, finding: Finding) -> None:
        super().add(finding)
        if self._fault is None or self._target.interrupted or not self._fault.is_named_by(*ids_of(finding)):
            return
        self._target.interrupted = finding.statement == self._fault.statement
        if self.naming is None or self._target.interrupted:
            self.naming = finding


def ids_of(finding: Finding) -> tuple[str, ...]:
    """Return the rule and the statement that a finding names."""
    return finding.rule, finding.statement


@contextmanager
def planted(fault: Fault | None) -> Iterator[str]:
    """The URL of a mock with the fault, or of a healthy one."""
    planting: Any = pytest.MonkeyPatch.context() if fault is not None and fault.plant else nullcontext()
    with planting as planter:
        if fault is not None and fault.plant:
            fault.plant(planter)
        app: Any = fresh_app()
        if fault is not None and fault.answer:
            app = Proxy(app, fault.answer, fault.of)
        with serve_in_thread(app) as url:
            yield url


def run_suite(
    url: str, suite: str, *, fault: Fault | None = None, examples: int | None = None
) -> tuple[Run, UntilNamed]:
    """Run a suite until it names the fault. Raises: CannotCheck."""
    advance = f"{sys.executable} -m mockaxle.cli advance 61m --url {url} --username checked"
    with Client(url) as client:
        target = Target(url, client, time.monotonic() + PATIENCE_SECONDS)
        main, other, limited = (CheckedAccount(target, name, "demo") for name in ("checked", "other", "reader"))
        found = UntilNamed(fault, target)
        run = Run(
            target,
            main,
            load_contract(),
            Homes((), SEED),
            SEED,
            examples or EXAMPLES.get(suite, USUAL_EXAMPLES),
            other=other,
            limited=limited,
            after_expiry=advance,
            findings=found,
        )
        with suppress(Interrupted):
            begin(run)
            check(run, [suite])
    return run, found


def search(fault: Fault, suites: list[str], *, examples: int | None = None) -> Search:
    """Run suites in turn, each at a server of its own, until one names the fault."""
    began, others = time.monotonic(), dict[str, None]()
    for suite in suites:
        with planted(fault) as url:
            try:
                _, found = run_suite(url, suite, fault=fault, examples=examples)
            except CannotCheck:
                others |= {"cannot begin": None}
                continue
        if found.naming is not None:
            return Search(suite, ids_of(found.naming), (), time.monotonic() - began)
        others |= {id: None for finding in found for id in ids_of(finding)}
    return Search("", (), tuple(others), time.monotonic() - began)


def judged_statements() -> Mapping[str, frozenset[str]]:
    """Return the statements that each suite judges at a healthy mock.

    The slowest suite is not run for that: `contracts/coverage.json` has what it judged the last time.
    """
    judged = {SLOWEST: frozenset(id for id, row in coverage().items() if SLOWEST in row.suites)}
    for suite in SUITES:
        if suite not in judged:
            with planted(None) as url:
                run, found = run_suite(url, suite)
            assert not list(found), f"{suite} finds faults in a healthy mock"
            judged[suite] = frozenset(id for _, id in run.judged)
    return judged
