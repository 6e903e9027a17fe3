"""The context shared by the suites: the server, the permitted actions, and the findings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from mockaxle.contract.document import Contract, Operation
from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.finding import LEVELS, Finding, Findings
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.operations import DECONSENT, DELETE_SITE, OFFBOARD
from mockaxle.harness.progress import Progress
from mockaxle.harness.target import Target

if TYPE_CHECKING:
    from mockaxle.harness.cleaning import Inventory

MPAN_WEIGHTS = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
INTERRUPTED = "it was interrupted"
METHODS = ("limited_pause", "full_asset_schedule_control", "cm_infrequent_dispatch", "vpp_limited_control")


class NotTestable(Exception):
    """A suite, or a part of it, cannot be tested here. The text says why."""


@dataclass(slots=True)
class Homes:
    """Supplies MPANs: those of a file in turn, or new ones of ordinary homes made from the seed."""

    listed: tuple[str, ...]
    seed: int
    _taken: int = 0

    def next(self) -> str:
        """Return an MPAN without a site; an earlier site of this run was removed."""
        self._taken += 1
        if self.listed:
            return self.listed[(self._taken - 1) % len(self.listed)]
        digits = f"19{Random(self.seed).randrange(10**6):06}{self._taken:04}"
        total = sum(int(digit) * weight for digit, weight in zip(digits, MPAN_WEIGHTS, strict=True))
        return f"{digits}{total % 11 % 10}"

    def several(self, count: int) -> tuple[str, ...]:
        """Return different MPANs. Raises: NotTestable if the file has too few."""
        if self.listed and len(self.listed) < count:
            raise NotTestable(f"it needs {count} MPANs, and --mpans has {len(self.listed)}")
        return tuple(self.next() for _ in range(count))


@dataclass(slots=True)
class Run:
    """One check of one server. Shape: the contract is reduced to the profile, `is_partial` if it lacks operations.

    `unfinished` is the reason why the run ended early, or empty. `before` lists the sites and assets before requests
    whose answers the run does not see (`compares`), None if the lists could not be read. `judged` has the suites and
    rules that were checked, in order; `archived` the HAR entries of a child process.
    """

    target: Target
    main: CheckedAccount
    contract: Contract
    homes: Homes
    seed: int
    examples: int
    other: CheckedAccount | None = None
    limited: CheckedAccount | None = None
    after_expiry: str | None = None
    may_write: bool = True
    style: str = "contract"
    is_partial: bool = False
    findings: Findings = field(default_factory=Findings)
    untested: list[str] = field(default_factory=list)
    unfinished: str = ""
    compares: bool = False
    before: "Inventory | None" = None
    archived: list[JsonObject] = field(default_factory=list)
    judged: dict[tuple[str, str], None] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)

    @property
    def id(self) -> str:
        """The prefix of names that this run creates, made from the seed so that it sends the same requests again."""
        return f"check{self.seed}"

    @property
    def operations(self) -> tuple[Operation, ...]:
        return self.contract.operations

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(operation.key for operation in self.operations)

    def needs(self, *operations: str) -> None:
        """Raises: NotTestable if the profile lacks one."""
        missing = [operation for operation in operations if operation not in self.keys]
        if missing:
            raise NotTestable(f"the profile has no {', '.join(missing)}")

    def judge(self, suite: str) -> "Judge":
        return Judge(self, suite)

    def take_away(self, account: CheckedAccount, site_id: str) -> bool:
        """Offboard a site, or end its dispatch methods and delete it; return whether it is removed."""
        answer = account.call(OFFBOARD, site_id=site_id)
        known = OFFBOARD in self.keys
        if not answer.is_good and not (answer.status == 404 and known):
            account.call(DECONSENT, {"dispatch_methods": METHODS}, site_id=site_id)
            answer = account.call(DELETE_SITE, site_id=site_id)
        gone = answer.is_good or (answer.status == 404 and known)
        if gone:
            self.target.created.pop(site_id, None)
        return gone


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns unmet expectations into findings of a suite."""

    run: Run
    suite: str

    def expect(self, holds: bool, answer: Answer, *, rule: str, grade: str, title: str, expected: str) -> bool:
        """Check a condition; add a finding if it is not met. Shape: grade is that of the expectation, D, O or M."""
        self.looks_at(rule)
        if not holds:
            self.run.findings.add(self.finding(answer, rule=rule, grade=grade, title=title, expected=expected))
        return holds

    def looks_at(self, *rules: str) -> None:
        """Note rules that are checked, whether they hold or not."""
        self.run.judged |= {(self.suite, rule): None for rule in rules}

    def finding(
        self, answer: Answer, *, rule: str, grade: str, title: str, expected: str, story: Sequence[str] = ()
    ) -> Finding:
        return Finding(
            self.suite,
            rule,
            LEVELS[grade],
            title,
            expected,
            answer.shown,
            answer.operation,
            (answer.curl,),
            tuple(story),
            (answer.exchange,),
        )

    def status(self, answer: Answer, *statuses: int, rule: str, grade: str, title: str) -> bool:
        """Check that an answer has one of the statuses."""
        expected = " or ".join(map(str, statuses))
        return self.expect(answer.status in statuses, answer, rule=rule, grade=grade, title=title, expected=expected)
