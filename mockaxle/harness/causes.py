"""Puts findings with one cause together, so that a report names a fault once.

A fault is met by several suites, in several operations, and in several ways. Findings have one cause if

1. suites gave them the same title for the same statement;
2. the watch gave them the same title, whatever the statement: what should have been stored is judged by the statement
   of the call that stored it. In these titles it does not count which operation they name, the place of a field, and
   whether it is of a site or an asset, except where an operation crashes;
3. they have the same statement, and the operations of one are among those of the other;
4. all answers of one are among those of another that explains it: these answers should have been a refusal, or they
   break the document by a crash, a wrong status, or a field that is missing or malformed and that the first names too.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mockaxle.harness.finding import AnswerKey, Finding, Seen

OPERATION = re.compile(r"^[A-Z]+ /\S*[:\s]\s*")
"""The operation with which a title begins."""

KIND = re.compile(r"\ban? (?:site|asset)\b|\b(?:site|asset)(?=s\b)")
FIELD = re.compile(r": (?:[\w*]+\.)*(?P<name>\w+)$")
REFUSALS = re.compile(r"4\d\d( or 4\d\d)*")
"""The statuses of a refusal, as a finding expects them."""

CRASHED = re.compile(r" 500$")
CRASH, STATUS, BODY = "G1a", "G1b", "G1c"
"""Statements of the document: no crash, a declared status, a body of the right schema."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Findings with one cause. Shape: in the order in which they were met; the main one names the cause."""

    seen: tuple[Seen, ...]
    main: Finding

    @property
    def answers(self) -> set[AnswerKey]:
        return {key for one in self.seen for key in one.answers}

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations, each once."""
        return tuple(dict.fromkeys(name for one in self.seen for name in one.operations if name))

    @property
    def statements(self) -> set[str]:
        return {one.finding.statement for one in self.seen}

    @property
    def suites(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.finding.suite for one in self.seen))

    @property
    def times(self) -> int:
        """The number of answers that show it, as far as they are known."""
        return len(self.answers) + sum(len(one.operations) for one in self.seen if not one.answers)

    @property
    def titles(self) -> tuple[tuple[str, str], ...]:
        """The statements and titles, those of the main finding first."""
        keys = (one.finding.key for one in self.seen)
        return tuple(dict.fromkeys([self.main.key[1:], *(key[1:] for key in keys)]))

    @property
    def occurrences(self) -> list[Finding]:
        """The occurrences of the main finding that are kept, of all suites."""
        same = (one for one in self.seen if one.finding.key[1:] == self.main.key[1:])
        return [finding for one in same for finding in one.occurrences]


def causes(seen: Iterable[Seen]) -> list[Cause]:
    """Return the causes by severity; those of a level in the order in which they were met."""
    found = list(seen)
    places = {id(one): place for place, one in enumerate(found)}

    def join(one: Cause, other: Cause, *, main: Finding | None = None) -> Cause:
        joined = sorted((*one.seen, *other.seen), key=lambda seen: places[id(seen)])
        return Cause(tuple(joined), main or _most_severe(joined))

    def absorb(one: Cause, other: Cause) -> Cause:
        return join(one, other, main=one.main)

    groups = _grouped([Cause((one,), one.finding) for one in found], join)
    groups = _absorbed(groups, _is_same_statement, join)
    groups = _absorbed(groups, _follows, absorb)
    return sorted(groups, key=lambda one: (one.main.level.place, places[id(one.seen[0])]))


Join = Callable[[Cause, Cause], Cause]


def _most_severe(seen: Iterable[Seen]) -> Finding:
    return min(seen, key=lambda one: one.finding.level.place).finding


def _grouped(causes: Iterable[Cause], join: Join) -> list[Cause]:
    """Join the causes of the same title, those of suites for each statement."""
    groups: dict[tuple[str, str], Cause] = {}
    for one in causes:
        key = ("" if one.main.watched else one.main.statement, _subject(one.main))
        groups[key] = join(groups[key], one) if key in groups else one
    return list(groups.values())


def _absorbed(causes: Sequence[Cause], is_part: Callable[[Cause, Cause], bool], join: Join) -> list[Cause]:
    """Join each cause that is part of another with the first such one.

    Those with the most operations come first, and of equal ones those that a refusal was expected for.
    """
    wide: list[Cause] = []
    for one in sorted(causes, key=lambda one: (-len(one.operations), -one.times, not _is_acceptance(one))):
        place = next((place for place, other in enumerate(wide) if is_part(one, other)), None)
        if place is None:
            wide.append(one)
        else:
            wide[place] = join(wide[place], one)
    return wide


def _is_same_statement(one: Cause, other: Cause) -> bool:
    return one.main.statement in other.statements and set(one.operations) <= set(other.operations)


def _follows(one: Cause, other: Cause) -> bool:
    """Tell whether a cause is met only where another already is, which explains it."""
    return bool(one.answers) and one.answers <= other.answers and _explains(other, one)


def _explains(root: Cause, other: Cause) -> bool:
    """Tell whether a cause explains another about the same answers."""
    if _is_acceptance(root):
        return not _is_acceptance(other)
    statement, explained = root.main.statement, other.main.statement
    if statement in (CRASH, STATUS):
        return explained != CRASH and (statement, explained) != (STATUS, STATUS)
    if statement != BODY or explained in (CRASH, STATUS, BODY):
        return False
    fields = {found["name"] for _, title in root.titles if (found := FIELD.search(title))}
    text = f"{other.main.title} {other.main.expected}"
    return any(re.search(rf"\b{name}\b", text) for name in fields)


def _is_acceptance(cause: Cause) -> bool:
    """Tell whether it is that a call was accepted that should have been refused, so that its answer says little."""
    return bool(REFUSALS.fullmatch(cause.main.expected)) and cause.main.came.startswith("2")


def _subject(finding: Finding) -> str:
    """Return what a title says is wrong, without where."""
    if not finding.watched or CRASHED.search(finding.title):
        return finding.title
    return FIELD.sub(lambda found: f": {found['name']}", KIND.sub("object", OPERATION.sub("", finding.title)))
