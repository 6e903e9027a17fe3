"""Finds the logged calls that meet conditions. A condition that several expected calls share is looked up once."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from json import JSONEncoder
from typing import Any, NamedTuple

from mockaxle.world.entries import Exchange
from mockaxle.world.faults import path_fits
from mockaxle.world.json_bodies import sent_in

ABSENT = object()
MAX_SHOWN = 200  # characters of a value
MAX_SHOWN_BODIES = 8

_FACTS: Mapping[str, Callable[[Exchange], Any]] = {
    "operation": lambda call: call.operation,
    "path": lambda call: call.request.path,
    "account": lambda call: call.principal and call.principal.username,
    "status": lambda call: call.response.status,
}


class Condition(NamedTuple):
    """An expected value. Shape: subject is a fact such as `status`, or a JSON pointer into the body."""

    subject: str
    expected: Any


class LoggedCalls:
    """Calls of a log by their numbers, in order. `expected` are all conditions that will be looked up."""

    def __init__(self, calls: dict[int, Exchange], *, expected: Iterable[Condition]) -> None:
        self._calls = calls
        self._unread = set(calls)
        self._facts: dict[str, Mapping[Any, set[int]]] = {}
        self._fitting: dict[str, set[int]] = {}
        self._pointers: dict[str, Pointer] = {}
        for subject, value in expected:
            if subject not in _FACTS:
                self._pointers.setdefault(subject, Pointer(subject)).having(value)
            elif subject not in self._facts:
                self._facts[subject] = _grouped(calls, by=_FACTS[subject])
        self._shown = lru_cache(maxsize=MAX_SHOWN_BODIES)(sent_in)

    def meeting(self, conditions: Sequence[Condition]) -> list[int]:
        """Return the numbers of the calls that meet all conditions. Only bodies that may meet them are read."""
        facts = [self._meeting(one) for one in conditions if one.subject in _FACTS]
        if len(facts) < len(conditions):
            self._read(min(facts, key=len, default=self._unread))
        met = sorted(map(self._meeting, conditions), key=len)
        return sorted(set.intersection(*met)) if met else list(self._calls)

    def nearest(self, conditions: Sequence[Condition]) -> Iterator[tuple[int, Exchange, list[str]]]:
        """Yield the calls that miss some conditions: the fewest first, of those the latest, with what differs."""
        if any(one.subject not in _FACTS for one in conditions):
            self._read(self._unread)
        met = [self._meeting(one) for one in conditions]
        counts = Counter[int]()
        for numbers in met:
            counts.update(numbers)
        for most in sorted({*counts.values()} - {len(met)}, reverse=True):
            for number in (one for one in reversed(self._calls) if counts.get(one) == most):
                missed = [one.subject for one, numbers in zip(conditions, met, strict=True) if number not in numbers]
                yield number, self._calls[number], [self._differing(self._calls[number], one) for one in missed]

    def _meeting(self, condition: Condition) -> set[int]:
        subject, expected = condition
        if subject not in _FACTS:
            return self._pointers[subject].having(expected)
        if subject == "path":
            return self._fitting_path(expected)
        return self._facts[subject].get(expected, set())

    def _fitting_path(self, pattern: str) -> set[int]:
        if pattern not in self._fitting:
            paths, pieces = self._facts["path"], pattern.split("*")
            longest, last = max(pieces, key=len), pieces[-1]
            fewer = (path for path in paths if longest in path and path.endswith(last))
            self._fitting[pattern] = set().union(*(paths[path] for path in fewer if path_fits(path, pattern)))
        return self._fitting[pattern]

    def _read(self, numbers: Collection[int]) -> None:
        """Note the expected values of those bodies that have not been read."""
        unread = self._unread.intersection(numbers)
        for number in unread:
            body = sent_in(self._calls[number].request.body)
            for pointer in self._pointers.values():
                pointer.note(number, body)
        self._unread -= unread

    def _differing(self, call: Exchange, subject: str) -> str:
        """Return, in words, the value that a call has instead of the expected one."""
        if subject in _FACTS:
            found = _FACTS[subject](call)
            return f"{subject} is {'nobody' if subject == 'account' and found is None else found}"
        found = self._pointers[subject].at(self._shown(call.request.body))
        return f"{subject or 'body'} is {'absent' if found is ABSENT else _beginning_of(found)}"


class Pointer:
    """A JSON pointer, and the numbers of the calls that have each expected value there. Source: RFC 6901."""

    def __init__(self, pointer: str) -> None:
        self._parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        self._expected: dict[Hashable, list[tuple[Any, set[int]]]] = {}

    def at(self, body: Any) -> Any:
        """Return the value of a body at this place, or ABSENT. Shape: the body is JSON; None has no values."""
        found = ABSENT if body is None else body
        for part in self._parts:
            found = _inside(found, part)
            if found is ABSENT:
                break
        return found

    def having(self, value: Any) -> set[int]:
        """Return the numbers of the calls that have a value here, to which those that are noted later are added."""
        alike = self._expected.setdefault(_kind(value), [])
        for expected, numbers in alike:
            if _equal(value, expected):
                return numbers
        alike.append((value, set()))
        return alike[-1][1]

    def note(self, number: int, body: Any) -> None:
        found = self.at(body)
        for expected, numbers in self._expected.get(_kind(found), ()):
            if found == expected and _equal(found, expected):
                numbers.add(number)


def _grouped(calls: Mapping[int, Exchange], *, by: Callable[[Exchange], Any]) -> Mapping[Any, set[int]]:
    groups = defaultdict[Any, set[int]](set)
    for number, call in calls.items():
        groups[by(call)].add(number)
    return groups


def _inside(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part, ABSENT)
    if isinstance(value, list) and len(part) <= len(str(len(value))) and part.isascii() and part.isdigit():
        index = int(part)
        return value[index] if str(index) == part and index < len(value) else ABSENT
    return ABSENT


def _kind(value: Any) -> Hashable:
    """Return what a value has in common with all that equal it."""
    return (type(value), len(value)) if isinstance(value, dict | list) else value


def _equal(found: Any, expected: Any) -> bool:
    """Compare values as JSON does: 1.0 equals 1, true does not."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(_equal(found[key], expected[key]) for key in found)
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(_equal, found, expected))
    return isinstance(found, bool) == isinstance(expected, bool) and bool(found == expected)


def _beginning_of(value: Any) -> str:
    """Return the first characters of a value as JSON, without writing the others."""
    return "".join(islice(JSONEncoder().iterencode(value), MAX_SHOWN))[:MAX_SHOWN]
