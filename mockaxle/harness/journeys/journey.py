"""The steps of a journey: named calls, each followed by its conditions."""

from collections.abc import Mapping

from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.json_values import Json
from mockaxle.harness.run import Judge, Run


class JourneyBroken(Exception):
    """A step failed so that the journey cannot continue; its faults are among the findings."""


class Journey:
    """Calls as the run's account, and remembers the steps' names."""

    def __init__(self, run: Run, name: str) -> None:
        self.run = run
        self.name = name
        self.steps: list[str] = []
        self._judge: Judge = run.judge("journeys")
        self._count = 0

    def step(
        self,
        name: str,
        operation: str,
        *,
        of: str,
        body: Json = None,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
        packed: bool = False,
        status: int = 200,
        also: tuple[int, ...] = (),
        account: CheckedAccount | None = None,
        **ids: str,
    ) -> Answer:
        """Make a call that must return a status, or one of `also`. Shape: `ids` are those of its path.

        Raises: JourneyBroken, NotTestable.
        """
        self.run.needs(operation)
        self.steps.append(name)
        account = account or self.run.main
        answer = account.call(operation, body, form=form, query=query, packed=packed, ids=ids)
        if not self.must(answer.status in (status, *also), answer, of=of, expected=str(status)):
            raise JourneyBroken(name)
        return answer

    def must(self, holds: bool, answer: Answer, *, of: str, expected: str) -> bool:
        """Check a condition after the last step."""
        title = f"{self.name}: {self.steps[-1]}"
        return self._judge.expect(holds, answer, of=of, title=title, expected=expected)

    def must_be(self, answer: Answer, place: str, *, expected: Json, of: str) -> None:
        """Check the value of an answer at a place such as `enrolment.status`."""
        keys = [int(part) if part.isdigit() else part for part in place.split(".")]
        self.must(answer.value(*keys) == expected, answer, of=of, expected=f"{place} {expected!r}")

    def must_hold(self, answer: Answer, place: str, *, expected: set[str], of: str) -> None:
        """Check the items of the list at a place, in any order; null counts as an empty list."""
        found = answer.texts_at(*place.split("."))
        self.must(found == expected, answer, of=of, expected=f"{place} {sorted(expected)}")

    def id(self, answer: Answer, *keys: str | int) -> str:
        """Return an id from an answer. Raises: JourneyBroken."""
        found = answer.value(*keys)
        if not isinstance(found, str):
            self.must(False, answer, of="U2a", expected=f"an id at {'.'.join(map(str, keys))}")
            raise JourneyBroken(self.name)
        return found

    def name_for(self, what: str) -> str:
        """Make a new external id of this journey."""
        self._count += 1
        return f"{self.run.id}-{self.name.replace(' ', '-')}-{what}-{self._count}"

    def charger(self) -> dict[str, Json]:
        return {"external_id": self.name_for("charger"), "type": "charger", "properties": {"power_kw": 7.4}}

    def end(self, site_id: str) -> None:
        """End the journey and remove its site."""
        self.run.take_away(self.run.main, site_id)
