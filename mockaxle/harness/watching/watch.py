"""Watches every answer of every suite, and compares it with the document and with what was sent and read before."""

from collections.abc import Callable, Iterator
from threading import Lock

from mockaxle.contract.document import Contract
from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.target import LOG_IN
from mockaxle.harness.watching.checked import Checked
from mockaxle.harness.watching.documents import Documents
from mockaxle.harness.watching.echoes import echoed
from mockaxle.harness.watching.effects import note, note_offboarded
from mockaxle.harness.watching.eligibility import eligible
from mockaxle.harness.watching.memory import Memory
from mockaxle.harness.watching.pages import paged
from mockaxle.harness.watching.refused import note_refused
from mockaxle.harness.watching.removed import removed
from mockaxle.harness.watching.representations import compared
from mockaxle.harness.watching.single_answers import single
from mockaxle.harness.watching.upserts import upserted
from mockaxle.harness.watching.verdicts import verdicts

OnChecked = Callable[[Answer, Checked], None]


class Watch:
    """Shape: `owner` is the username of the organisation's account, whose sites and assets it remembers."""

    def __init__(self, contract: Contract, *, nulls: bool, owner: str, report: OnChecked) -> None:
        self._documents = Documents(contract, nulls=nulls)
        self._memory = Memory()
        self._owner = owner
        self._report = report
        self._accepted: set[str] = set()
        self._lock = Lock()

    def see(self, call: MadeCall, answer: Answer) -> None:
        """Check an answer, in the order in which the answers came. A report may raise, after all effects are noted."""
        with self._lock:
            for checked in list(self._checked(call, answer)):
                self._report(answer, checked)

    def forget(self) -> None:
        """Forget what was written and read, after calls whose effect is unknown."""
        with self._lock:
            self._memory.forget()

    def _checked(self, call: MadeCall, answer: Answer) -> Iterator[Checked]:
        yield from self._documents.checked(call, answer)
        yield from single(call.operation, answer)
        if call.username != self._owner:
            return
        yield from self._still_valid(call, answer)
        memory = self._memory
        yield from removed(memory, call, answer=answer)
        yield from upserted(memory, call, answer=answer)
        note(memory, call, answer=answer)
        note_refused(memory, call, answer=answer)
        yield from compared(memory, call, answer=answer)
        yield from paged(memory, call, answer=answer)
        yield from echoed(memory, call, answer=answer)
        yield from eligible(memory, call, answer=answer)
        yield from verdicts(memory, call, answer=answer)
        note_offboarded(memory, call, answer=answer)

    def _still_valid(self, call: MadeCall, answer: Answer) -> Iterator[Checked]:
        """Yield the case of an operation that accepted a token of the account before. Source: A1."""
        if not call.is_full or call.operation == LOG_IN:
            return
        if call.operation in self._accepted:
            title = "a valid token is not accepted any more"
            yield Checked("A1e", answer.status != 401, title, "any status but 401")
        elif answer.is_good:
            self._accepted.add(call.operation)
