"""The progress of Schemathesis is read from what it writes while it runs."""

from pathlib import Path

from mockaxle.harness.progress import Progress
from mockaxle.harness.schemathesis_progress import OPERATION_FILE, Follower

PHASE = '{"PhaseStarted":{"id":"1","timestamp":1.5,"phase":{"name":"fuzzing","is_enabled":true}}}\n'
SCENARIO = '{"ScenarioFinished":{"id":"2"}}\n'


class Kept(Progress):
    """Keeps what is reported last."""

    def __init__(self) -> None:
        self.done, self.total, self.what = 0, 0, ""

    def step(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def at(self, what: str) -> None:
        self.what = what


def test_the_phase_the_operation_and_the_scenarios_that_ended_are_followed(tmp_path: Path) -> None:
    events, kept = tmp_path / "events", Kept()
    follower = Follower(kept, events, total=4)
    follower.look()
    assert (kept.done, kept.total, kept.what) == (0, 4, "")
    events.write_text(PHASE + SCENARIO + SCENARIO[:10])
    (tmp_path / OPERATION_FILE).write_text("GET /entities/site")
    follower.look()
    assert (kept.done, kept.what) == (1, "fuzzing GET /entities/site")
    events.write_text(PHASE + 9 * SCENARIO)
    follower.look()
    assert kept.done == 3, "it has not ended yet"
