"""The recording that is kept: what was answered once is answered still, to the byte."""

from collections import Counter

import pytest

from mockaxle.app import make_apply
from mockaxle.contract.document import load_contract
from mockaxle.recordings.applying import replay_here
from mockaxle.recordings.jsonl import Recording, read_recording
from mockaxle.world.entries import Command, Exchange
from mockaxle.world.faults import FaultKind
from tests.recordings.kept import FILE

CONTRACT = load_contract()


@pytest.fixture(scope="module")
def kept() -> Recording:
    return read_recording(FILE.read_text(encoding="utf-8"))


def test_the_kept_recording_gives_a_client_the_same_bytes(kept: Recording) -> None:
    """After a deliberate change: `python -m tests.recordings.kept` makes it anew."""
    found = [one for differences in replay_here(kept, make_apply(CONTRACT)) for one in differences]
    assert [one for one in found if not one.is_reason] == []


def test_it_has_every_operation_answered_well_and_refused(kept: Recording) -> None:
    calls = [entry for entry in kept.entries if isinstance(entry, Exchange)]
    seen = Counter((entry.operation, entry.response.status < 300) for entry in calls)
    keys = {operation.key for operation in CONTRACT.operations}
    assert {key for key in keys if not seen[key, True]} == set()
    assert {key for key in keys if not seen[key, False]} == {"POST /auth/token-form"}, "refused, it reaches no world"


def test_it_has_every_command_of_its_time_and_every_kind_of_fault(kept: Recording) -> None:
    commands = [entry for entry in kept.entries if isinstance(entry, Command)]
    assert len({command.key for command in commands}) == 23
    kinds = {command.body["kind"] for command in commands if command.key == "POST /faults"}
    assert kinds == {kind.value for kind in FaultKind}
