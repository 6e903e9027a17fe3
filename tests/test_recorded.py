"""A failing test leaves recordings of what happened in its worlds."""

from pathlib import Path

import pytest

from mockaxle.app import make_apply
from mockaxle.contract.document import load_contract
from mockaxle.recordings.applying import replay_here
from mockaxle.recordings.jsonl import read_recording
from tests.calling import Caller
from tests.recorded import write_recordings

pytest_plugins = ["pytester"]


def test_the_worlds_of_a_failing_test_are_written_and_replay(acme: Caller, tmp_path: Path) -> None:
    acme.onboard()
    written = [read_recording(file.read_text(encoding="utf-8")) for file in write_recordings(tmp_path, "some test")]
    (own,) = [one for one in written if one.world == "acme"]
    assert len(own.entries) == 2
    assert [one for found in replay_here(own, make_apply(load_contract())) for one in found] == []


@pytest.mark.parametrize(("options", "recordings"), [((), 1), (("-p", "no:cacheprovider"), 0)])
def test_without_a_cache_folder_a_failing_test_leaves_none(
    pytester: pytest.Pytester, options: tuple[str, ...], recordings: int
) -> None:
    pytester.makeconftest("from tests.conftest import acme, app, clock, pytest_runtest_makereport")
    pytester.makepyfile("def test_it(acme):\n    assert acme.onboard() is None\n")
    pytester.syspathinsert(Path(__file__).parent.parent)
    result = pytester.runpytest_subprocess(*options)
    result.assert_outcomes(failed=1)
    assert result.stdout.str().count("mockaxle replay ") == recordings
