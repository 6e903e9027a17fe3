"""Finds the logged calls or deliveries that meet conditions. A condition that several of the expected ones share is
looked up once."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from heapq import merge
from itertools import chain, islice
from json import JSONEncoder
from typing import Any, Generic, NamedTuple, TypeVar

from mockaxle.world.entries import Exchange
from mockaxle.world.faults import path_fits
from mockaxle.world.json_bodies import sent_in

ABSENT = object()
MAX_SHOWN = 200  # characters of a value
MAX_SHOWN_BODIES = 8
MAX_SHOWN_VALUES = 3
_LAST = chr(0x10FFFF)

T = TypeVar("T")


class Facts(NamedTuple, Generic[T]):
    """What can be expected of an entry. Shape: a fact that is a tuple has several values; body is JSON.

    `missing` says what an entry has instead of a fact that is None, by the fact.
    """

    by_name: Mapping[str, Callable[[T], Any]]
    body: Callable[[T], bytes]
    missing: Mapping[str, str]


CALLS = Facts[Exchange](
    {
        "operation": lambda call: call.operation,
        "path": lambda call: call.request.path,
        "account": lambda call: call.principal and call.principal.username,
        "status": lambda call: call.response.status,
    },
    lambda call: call.request.body,
    {"account": "nobody"},
)


class Condition(NamedTuple):
    """An expected value. Shape: subject is a fact such as `status`, or a JSON pointer into the body."""

    subject: str
    expected: Any


class Logged(Generic[T]):
    """Entries of a log by their numbers, in order. `expected` are all conditions that will be looked up."""

    def __init__(self, calls: dict[int, T], facts: Facts[T], *, expected: Iterable[Condition]) -> None:
        self._facts_of = facts
        self._calls = calls
        self._unread = set(calls)
        self._have_been_read = list[Collection[int]]()
        self._facts: dict[str, Mapping[Any, set[int]]] = {}
        self._fitting: dict[str, set[int]] = {}
        self._pointers: dict[str, Pointer] = {}
        self._places = _Place()
        for subject, value in expected:
            if subject in facts.by_name:
                self._facts[subject] = self._facts.get(subject) or _grouped(calls, by=facts.by_name[subject])
                continue
            if subject not in self._pointers:
                self._pointers[subject] = self._places.add(Pointer(subject))
            self._pointers[subject].having(value)
        self._shown = lru_cache(maxsize=MAX_SHOWN_BODIES)(sent_in)

    def meeting(self, conditions: Sequence[Condition]) -> list[int]:
        """Return the numbers of the entries that meet all conditions. Only bodies that may meet them are read."""
        facts = [self._meeting(one) for one in conditions if one.subject in self._facts_of.by_name]
        if len(facts) < len(conditions):
            self._read(min(facts, key=len, default=self._unread))
        met = sorted(map(self._meeting, conditions), key=len)
        return sorted(set.intersection(*met)) if met else list(self._calls)

    def nearest(self, conditions: Sequence[Condition]) -> Iterator[tuple[int, T, list[str]]]:
        """Yield the entries that miss some conditions: the fewest first, of those the latest, with what differs."""
        if any(one.subject not in self._facts_of.by_name for one in conditions):
            self._read(self._unread)
        met = [self._meeting(one) for one in conditions]
        for number in _by_most(self._calls, met):
            missed = [one.subject for one, numbers in zip(conditions, met, strict=True) if number not in numbers]
            yield number, self._calls[number], [self._differing(self._calls[number], one) for one in missed]

    def _meeting(self, condition: Condition) -> set[int]:
        subject, expected = condition
        if subject not in self._facts_of.by_name:
            return self._pointers[subject].having(expected)
        if subject == "path":
            return self._fitting_path(expected)
        return self._facts[subject].get(expected, set())

    def _fitting_path(self, pattern: str) -> set[int]:
        if pattern not in self._fitting:
            paths = self._facts["path"]
            self._fitting[pattern] = set().union(*(paths[path] for path in self._paths.fitting(pattern)))
        return self._fitting[pattern]

    @cached_property
    def _paths(self) -> "_Paths":
        return _Paths(self._facts["path"])

    def _read(self, numbers: Collection[int]) -> None:
        """Note the expected values of those bodies that have not been read."""
        if any(numbers is read for read in self._have_been_read):
            return
        self._have_been_read.append(numbers)
        unread = self._unread.intersection(numbers)
        for number in unread:
            body = sent_in(self._facts_of.body(self._calls[number]))
            if body is not None:
                self._places.note(number, body)
        self._unread -= unread

    def _differing(self, call: T, subject: str) -> str:
        """Return, in words, the value that an entry has instead of the expected one."""
        if subject in self._facts_of.by_name:
            found = self._facts_of.by_name[subject](call)
            return f"{subject} is {self._facts_of.missing.get(subject) if found is None else _in_words(found)}"
        found = self._pointers[subject].at(self._shown(self._facts_of.body(call)))
        return f"{subject or 'body'} is {'absent' if found is ABSENT else _beginning_of(found)}"


class LoggedCalls(Logged[Exchange]):
    """Calls of a log."""

    def __init__(self, calls: dict[int, Exchange], *, expected: Iterable[Condition]) -> None:
        super().__init__(calls, CALLS, expected=expected)


class Pointer:
    """A JSON pointer, and the numbers of the entries that have each expected value there. Source: RFC 6901."""

    def __init__(self, pointer: str) -> None:
        self.parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        self._expected: dict[Hashable, list[tuple[Any, set[int]]]] = {}

    def at(self, body: Any) -> Any:
        """Return the value of a body at this place, or ABSENT. Shape: the body is JSON; None has no values."""
        found = ABSENT if body is None else body
        for part in self.parts:
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

    def note(self, number: int, found: Any) -> None:
        """Note the value that a call has at this place."""
        for expected, numbers in self._expected.get(_kind(found), ()):
            if found == expected and _equal(found, expected):
                numbers.add(number)


class _Place:
    """The pointers to a place in bodies and to those inside it, so that a body is walked once for all of them."""

    def __init__(self) -> None:
        self._pointer: Pointer | None = None
        self._inner: dict[str, _Place] = {}

    def add(self, pointer: Pointer) -> Pointer:
        place = self
        for part in pointer.parts:
            place = place._inner.setdefault(part, _Place())
        place._pointer = pointer
        return pointer

    def note(self, number: int, value: Any) -> None:
        if self._pointer is not None:
            self._pointer.note(number, value)
        for part in self._parts_in(value):
            self._inner[part].note(number, _inside(value, part))

    def _parts_in(self, value: Any) -> Iterable[str]:
        """Return the parts that the value has, looking up the fewer in the more."""
        if isinstance(value, dict):
            return self._inner.keys() & value.keys()
        if not isinstance(value, list):
            return ()
        if len(value) < len(self._inner):
            return [part for part in map(str, range(len(value))) if part in self._inner]
        return [part for part in self._inner if _inside(value, part) is not ABSENT]


class _Paths:
    """Finds the paths that fit a pattern, among those with its beginning or with its end."""

    def __init__(self, paths: Collection[str]) -> None:
        self._paths = paths
        self._forwards = sorted(paths)
        self._backwards = sorted(path[::-1] for path in paths)

    def fitting(self, pattern: str) -> Iterable[str]:
        first, *pieces = pattern.split("*")
        if not pieces:
            return (pattern,) if pattern in self._paths else ()
        beginning, ending = _range(self._forwards, first), _range(self._backwards, pieces.pop()[::-1])
        longest = max(pieces, key=len, default="")
        if len(beginning) <= len(ending):
            fewer = (self._forwards[place] for place in beginning)
        else:
            fewer = (self._backwards[place][::-1] for place in ending)
        return (path for path in fewer if longest in path and path_fits(path, pattern))


def _range(texts: list[str], beginning: str) -> range:
    """Return the places of the texts with a beginning."""
    return range(bisect_left(texts, beginning), bisect_right(texts, beginning + _LAST))


def _by_most(calls: dict[int, T], met: Sequence[set[int]]) -> Iterator[int]:
    """Yield the calls in some sets but not in all: those in the most sets first, of those the latest.

    A call in several sets is in one beside the largest, so only these are walked, and the largest as far as needed.
    """
    if len(met) < 2:
        return
    *others, largest = sorted(met, key=len)
    counts = Counter(chain.from_iterable(others))
    counts.update(largest.intersection(counts))
    by_count = defaultdict[int, list[int]](list)
    for number in sorted(counts, reverse=True):
        by_count[counts[number]].append(number)
    for count in range(len(met) - 1, 1, -1):
        yield from by_count[count]
    in_largest = (number for number in reversed(calls.keys()) if number in largest and number not in counts)
    yield from merge(by_count[1], in_largest, reverse=True)


def _grouped(calls: Mapping[int, T], *, by: Callable[[T], Any]) -> Mapping[Any, set[int]]:
    groups = defaultdict[Any, set[int]](set)
    for number, call in calls.items():
        found = by(call)
        for value in found if isinstance(found, tuple) else (found,):
            groups[value].add(number)
    return groups


def _in_words(found: Any) -> str:
    """Return a fact as text, the first few values of several."""
    if not isinstance(found, tuple):
        return str(found)
    more = f" and {len(found) - MAX_SHOWN_VALUES} more" if len(found) > MAX_SHOWN_VALUES else ""
    return (", ".join(map(str, found[:MAX_SHOWN_VALUES])) or "none") + more


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
