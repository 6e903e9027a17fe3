"""What the suites share: the server, what may be done to it, and where findings go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from mockaxle.contract import Operation
from mockaxle.harness.finding import LEVELS, Finding, Findings
from mockaxle.harness.operations import DECONSENT, DELETE_SITE, LIST_SITES, OFFBOARD, READ_ASSET
from mockaxle.harness.target import Account, Answer, Target

MPAN_WEIGHTS = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
METHODS = ("limited_pause", "full_asset_schedule_control", "cm_infrequent_dispatch", "vpp_limited_control")


class NotTestable(Exception):
    """A suite, or a part of it, cannot be tested here; says why."""


@dataclass(slots=True)
class Homes:
    """Gives out MPANs: those of a file in turn, or fresh ones of ordinary homes made from the seed."""

    listed: tuple[str, ...]
    seed: int
    _taken: int = 0

    def next(self) -> str:
        """One whose site, if it had one, was taken away again."""
        self._taken += 1
        if self.listed:
            return self.listed[(self._taken - 1) % len(self.listed)]
        digits = f"19{Random(self.seed).randrange(10**6):06}{self._taken:04}"
        total = sum(int(digit) * weight for digit, weight in zip(digits, MPAN_WEIGHTS, strict=True))
        return f"{digits}{total % 11 % 10}"

    def several(self, count: int) -> tuple[str, ...]:
        """Different ones. Raises: NotTestable where the file has too few."""
        if self.listed and len(self.listed) < count:
            raise NotTestable(f"it needs {count} MPANs, and --mpans has {len(self.listed)}")
        return tuple(self.next() for _ in range(count))


@dataclass(slots=True)
class Run:
    """One check of one server. Shape: operations are those of the profile, `is_partial` where it lacks some; `created`
    has the ids of sites by account.

    `archived` has the HAR entries of what a child process sent. `progress` is told the suite, how far it is, and how
    far it goes.
    """

    target: Target
    main: Account
    operations: tuple[Operation, ...]
    document: dict[str, Any]
    homes: Homes
    seed: int
    examples: int
    other: Account | None = None
    limited: Account | None = None
    after_expiry: str | None = None
    may_write: bool = True
    style: str = "contract"
    is_partial: bool = False
    findings: Findings = field(default_factory=Findings)
    untested: list[str] = field(default_factory=list)
    archived: list[dict[str, Any]] = field(default_factory=list)
    created: dict[str, Account] = field(default_factory=dict)
    progress: Callable[[str, int, int], None] = lambda suite, done, total: None

    @property
    def id(self) -> str:
        """Names what this run creates: of the seed, so that the same seed sends the same requests."""
        return f"check{self.seed}"

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(operation.key for operation in self.operations)

    def needs(self, *operations: str) -> None:
        """Raises: NotTestable where the profile lacks one."""
        missing = [operation for operation in operations if operation not in self.keys]
        if missing:
            raise NotTestable(f"the profile has no {', '.join(missing)}")

    def judge(self, suite: str) -> "Judge":
        return Judge(self, suite)

    def remember(self, account: Account, site_id: str | None) -> None:
        """A site that this run made, and is to take away again."""
        if site_id:
            self.created[site_id] = account

    def clean_up(self) -> list[str]:
        """Takes away what is left of this run; the ids of what could not be."""
        for mpan in set(self.target.unanswered):
            self._look_for(mpan)
        return [site_id for site_id, account in list(self.created.items()) if not self.take_away(account, site_id)]

    def _look_for(self, mpan: str) -> None:
        """Remembers the site of a call that was not answered, if its assets are this run's."""
        listed = self.main.call(LIST_SITES, query={"mpan": mpan})
        for site in listed.value("sites") or ():
            assets = [self.main.call(READ_ASSET, asset_id=asset_id) for asset_id in site.get("asset_ids") or ()]
            if all(str(asset.value("external_id")).startswith(self.id) for asset in assets):
                self.remember(self.main, site.get("id"))

    def take_away(self, account: Account, site_id: str) -> bool:
        """Offboards a site, or where it has no assets ends its dispatch methods and deletes it."""
        answer = account.call(OFFBOARD, site_id=site_id)
        if answer.status == 400:
            account.call(DECONSENT, {"dispatch_methods": METHODS}, site_id=site_id)
            answer = account.call(DELETE_SITE, site_id=site_id)
        gone = answer.status in (200, 204) or (answer.status == 404 and OFFBOARD in self.keys)
        if gone:
            self.created.pop(site_id, None)
        return gone


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns what is not as expected into findings of a suite."""

    run: Run
    suite: str

    def expect(self, holds: bool, answer: Answer, *, rule: str, grade: str, title: str, expected: str) -> bool:
        """Whether it holds; a finding where not. Shape: grade is that of what was expected, D, O or M."""
        if not holds:
            self.run.findings.add(self.finding(answer, rule=rule, grade=grade, title=title, expected=expected))
        return holds

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
        """Whether an answer has one of the statuses."""
        expected = " or ".join(map(str, statuses))
        return self.expect(answer.status in statuses, answer, rule=rule, grade=grade, title=title, expected=expected)
