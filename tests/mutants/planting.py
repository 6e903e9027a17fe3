"""How a fault is planted: by a proxy in front of the healthy mock, or in the mock's code where no proxy can do it."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

from mockaxle.contract.ledger import Statement, statement_of
from tests.mutants.proxy import Answering, Call, Fired, Mock, Reply, Seen, refusal

BY_HAND, IN_CODE = "by hand", "in code"


class Planter(Protocol):
    """What a fault in the code needs of pytest's MonkeyPatch."""

    def setattr(self, target: Any, name: str, value: Any) -> None: ...

    def setitem(self, dic: Any, name: Any, value: Any) -> None: ...


Plant = Callable[[Planter], None]
Rewrite = Callable[[Any, Call, Seen], None]
"""Changes the JSON of a request or an answer in place."""

Effect = Callable[[Fired], bool]
"""Tells whether a call and its answer show what the fault does."""


@dataclass(frozen=True)
class Fault:
    """Breaks one statement of the ledger.

    Shape: `also` are other statements that it breaks as well, so a finding may name them instead. It has either an
    `answer`, for the operations in `of` (all if it is empty), or a `plant`. `effect` is None if only the fault itself
    knows what it changes.
    """

    name: str
    statement: str
    kind: str
    also: tuple[str, ...] = ()
    of: frozenset[str] = frozenset()
    answer: Answering | None = None
    plant: Plant | None = None
    effect: Effect | None = None

    @property
    def stated(self) -> Statement:
        return statement_of(self.statement)

    @property
    def rules(self) -> frozenset[str]:
        """The rules by which a finding may name it."""
        return frozenset(statement_of(id).rule for id in (self.statement, *self.also))

    @property
    def part(self) -> str:
        """The part of the ledger: the letter of the rule."""
        return self.statement[0]

    @property
    def about(self) -> str:
        return self.name.replace("_", " ")

    def is_named_by(self, rule: str, statement: str = "") -> bool:
        """Tell whether a finding of a rule, or of a statement, is one of this fault."""
        return bool({rule, statement} & {self.statement, self.stated.rule, *self.also})


FAULTS: dict[str, Fault] = {}


def add(fault: Fault) -> None:
    assert fault.name not in FAULTS, f"{fault.name} occurs twice"
    FAULTS[fault.name] = fault


def fault(statement: str, *of: str, also: tuple[str, ...] = ()) -> Callable[[Answering], Answering]:
    """Register a function that answers the calls of some operations instead of the mock."""

    def register(answer: Answering) -> Answering:
        add(Fault(answer.__name__, statement, BY_HAND, also, frozenset(of), answer))
        return answer

    return register


def in_answers(statement: str, *of: str, also: tuple[str, ...] = ()) -> Callable[[Rewrite], Rewrite]:
    """Register a function that changes the JSON of good answers."""

    def register(rewrite: Rewrite) -> Rewrite:
        rewriting(rewrite.__name__, statement, *of, rewrite=rewrite, also=also)
        return rewrite

    return register


def rewriting(name: str, statement: str, *of: str, rewrite: Rewrite, also: tuple[str, ...] = ()) -> None:
    """Register a fault that changes the JSON of good answers."""
    answer = rewriting_answers(rewrite)
    add(Fault(name, statement, BY_HAND, also, frozenset(of), answer, effect=answers_otherwise))


def in_requests(statement: str, *of: str, also: tuple[str, ...] = ()) -> Callable[[Rewrite], Rewrite]:
    """Register a function that changes the JSON of requests before the mock gets them."""

    def register(rewrite: Rewrite) -> Rewrite:
        answer = rewriting_requests(rewrite)
        add(Fault(rewrite.__name__, statement, BY_HAND, also, frozenset(of), answer, effect=asks_otherwise))
        return rewrite

    return register


def in_code(statement: str, *also: str) -> Callable[[Plant], Plant]:
    """Register a function that changes the code of the mock."""

    def register(plant: Plant) -> Plant:
        add(Fault(plant.__name__, statement, IN_CODE, also, plant=plant))
        return plant

    return register


def rewriting_answers(rewrite: Rewrite) -> Answering:
    async def answer(call: Call, mock: Mock) -> Reply:
        reply = await mock(call)
        said = reply.json
        if not reply.is_good or said is None:
            return reply
        before = deepcopy(said)
        rewrite(said, call, mock.seen)
        return reply if said == before else reply.saying(said)

    return answer


def rewriting_requests(rewrite: Rewrite) -> Answering:
    async def answer(call: Call, mock: Mock) -> Reply:
        sent = call.json
        if isinstance(sent, dict):
            rewrite(sent, call, mock.seen)
            call = call if sent == call.json else call.sending(sent)
        return await mock(call)

    return answer


def answers_otherwise(fired: Fired) -> bool:
    healthy, given = fired.healthy, fired.given
    return healthy is not None and healthy.status == given.status and healthy.json != given.json


def asks_otherwise(fired: Fired) -> bool:
    return any(sent.json != fired.call.json for sent in fired.sent)


def answers_instead(status: int, to: int) -> Effect:
    """Return the effect that gives answers of one status another one."""
    return lambda fired: fired.healthy is not None and (fired.healthy.status, fired.given.status) == (status, to)


def refusing(name: str, statement: str, *of: str, status: int, also: tuple[str, ...] = ()) -> None:
    """Register a fault that refuses what the mock accepts, with nothing done."""

    async def answer(call: Call, mock: Mock) -> Reply:
        return refusal(status)

    add(Fault(name, statement, BY_HAND, also, frozenset(of), answer, effect=lambda fired: fired.given.status == status))


def misjudging(name: str, statement: str, *of: str, status: int, to: int, also: tuple[str, ...] = ()) -> None:
    """Register a fault that gives the answers of one status another one."""

    async def answer(call: Call, mock: Mock) -> Reply:
        reply = await mock(call)
        return Reply(to, reply.headers, reply.body) if reply.status == status else reply

    add(Fault(name, statement, BY_HAND, also, frozenset(of), answer, effect=answers_instead(status, to)))


def nth(seen: Seen, key: Any = "nth") -> int:
    """Count the calls: 1 for the first one."""
    seen[key] = seen.get(key, 0) + 1
    return int(seen[key])


def is_tenth(seen: Seen, key: Any = "nth") -> bool:
    """Tell whether this is one call in ten: the seventh, the seventeenth and so on."""
    return nth(seen, key) % 10 == 7
