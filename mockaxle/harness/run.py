"""The context shared by the suites: the server, the permitted actions, and the findings."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from mockaxle.contract.document import Contract, Operation
from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.finding import Finding, Findings
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.operations import CREATE_ASSET, DECONSENT, DELETE_SITE, OFFBOARD
from mockaxle.harness.progress import Progress
from mockaxle.harness.server_settings import KnownSettings, Setting
from mockaxle.harness.target import Target
from mockaxle.harness.watching.checked import Checked

if TYPE_CHECKING:
    from mockaxle.harness.cleaning import Inventory
    from mockaxle.harness.presence import NotThere

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

    `given` are the settings that the user names, `settings` those of the server. `suite` is the one that runs;
    `on_checked` takes what the watch sees in its place. `unfinished` is the reason why the run ended early, or empty.
    `before` lists the sites and assets before requests whose answers the run does not see (`compares`), None if the
    lists could not be read. `without_data` has the operations for which the server has no data. `judged` counts the
    cases of each suite and statement. `seconds` has the time of each suite, `judging_seconds` that of a suite's own
    judgements, each from the one before it; `began` and `last_judged` are by the monotonic clock. `archived` has the
    HAR entries of a child process. The contract lacks the operations that were `excluded` by options, and those that
    are `not_there` at the server.
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
    given: Mapping[str, Setting] = field(default_factory=dict)
    settings: KnownSettings = field(default_factory=KnownSettings)
    profile: str = "full"
    is_partial: bool = False
    excluded: frozenset[str] = frozenset()
    not_there: "tuple[NotThere, ...]" = ()
    only_present: bool = False
    findings: Findings = field(default_factory=Findings)
    untested: list[str] = field(default_factory=list)
    suite: str = "log-in"
    on_checked: Callable[[Answer, Checked], None] | None = None
    unfinished: str = ""
    compares: bool = False
    before: "Inventory | None" = None
    archived: list[JsonObject] = field(default_factory=list)
    without_data: set[str] = field(default_factory=set)
    judged: Counter[tuple[str, str]] = field(default_factory=Counter)
    judging_seconds: dict[tuple[str, str], float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    last_judged: float = field(default_factory=time.monotonic)
    progress: Progress = field(default_factory=Progress)

    @property
    def id(self) -> str:
        """The prefix of names that this run creates, made from the seed so that it sends the same requests again."""
        return f"check{self.seed}"

    @property
    def is_wire(self) -> bool:
        return self.settings.style == "wire"

    @property
    def operations(self) -> tuple[Operation, ...]:
        return self.contract.operations

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(operation.key for operation in self.operations)

    def needs(self, *operations: str) -> None:
        """Raises: NotTestable if the server or the profile lacks one, or if an option leaves it out."""
        missing = [operation for operation in operations if operation not in self.keys]
        if missing:
            gone = {one.operation for one in self.not_there}
            lacking = "server" if gone & {*missing} else "selection" if self.excluded & {*missing} else "profile"
            raise NotTestable(f"the {lacking} has no {', '.join(missing)}")

    def judge(self, suite: str) -> "Judge":
        return Judge(self, suite)

    def note_time(self, suite: str, statement: str) -> None:
        """Note the time since the last judgement as that of a statement."""
        now = time.monotonic()
        before = self.judging_seconds.get((suite, statement), 0.0)
        self.judging_seconds[suite, statement] = before + now - self.last_judged
        self.last_judged = now

    def take_away_new(self, before: Set[str]) -> None:
        """Remove the sites of this run that are not among those before."""
        for site_id, account in list(self.target.created.items()):
            if site_id not in before:
                self.take_away(account, site_id)

    def take_away(self, account: CheckedAccount, site_id: str) -> bool:
        """Offboard a site, or end its dispatch methods and delete it; return whether it is removed.

        A site without assets that has a sign-up bonus can only be offboarded, with an asset.
        """
        offboarded = answer = account.call(OFFBOARD, site_id=site_id)
        known = OFFBOARD in self.keys
        if not answer.is_good and not (answer.status == 404 and known):
            account.call(DECONSENT, {"dispatch_methods": list(METHODS)}, site_id=site_id)
            answer = account.call(DELETE_SITE, site_id=site_id)
            if answer.status == 400 and offboarded.status < 500 and known:
                asset = {"external_id": f"{self.id}-{site_id}", "type": "charger", "site_id": site_id}
                account.call(CREATE_ASSET, asset)
                answer = account.call(OFFBOARD, site_id=site_id)
        gone = answer.is_good or (answer.status == 404 and known)
        if gone:
            self.target.created.pop(site_id, None)
        return gone


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns unmet expectations into findings of a suite. Shape: watched is true for the watch of all answers."""

    run: Run
    suite: str
    watched: bool = False

    def expect(self, holds: bool, answer: Answer, *, of: str, title: str, expected: str) -> bool:
        """Check a condition; add a finding if it is not met. Shape: `of` is the id of a statement, such as U12b."""
        self.looks_at(of)
        if not holds:
            self.run.findings.add(self.finding(answer, of=of, title=title, expected=expected))
        return holds

    def looks_at(self, *statements: str) -> None:
        """Count a case of these statements, whether they hold or not."""
        self.run.judged.update((self.suite, one) for one in statements)
        if not self.watched:
            self.run.note_time(self.suite, statements[0])

    def finding(self, answer: Answer, *, of: str, title: str, expected: str, story: Sequence[str] = ()) -> Finding:
        return Finding(
            self.suite,
            of,
            title,
            expected,
            answer.shown,
            answer.operation,
            (answer.curl,),
            tuple(story),
            (answer.exchange,),
            self.watched,
        )

    def status(self, answer: Answer, *statuses: int, of: str, title: str) -> bool:
        """Check that an answer has one of the statuses."""
        expected = " or ".join(map(str, statuses))
        return self.expect(answer.status in statuses, answer, of=of, title=title, expected=expected)
