"""A failing test leaves recordings of what happened in its worlds."""

from pathlib import Path

from mockaxle.app import make_apply
from mockaxle.contract import load_contract
from mockaxle.recording import read_recording
from mockaxle.recordings.applying import replay_here
from tests.calling import Caller
from tests.recorded import write_recordings


def test_the_worlds_of_a_failing_test_are_written_and_replay(acme: Caller, tmp_path: Path) -> None:
    acme.onboard()
    written = [read_recording(file.read_text(encoding="utf-8")) for file in write_recordings(tmp_path, "some test")]
    (own,) = [one for one in written if one.world == "acme"]
    assert len(own.entries) == 2
    assert [one for found in replay_here(own, make_apply(load_contract())) for one in found] == []
