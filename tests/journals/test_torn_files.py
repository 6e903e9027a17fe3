"""A file that a crash left torn: what is left of it is whole, up to some row."""

import shutil
from pathlib import Path
from random import Random

import pytest

from mockaxle.app import make_apply
from mockaxle.contract.document import load_contract
from mockaxle.journals.checking import CheckedWorld, check_worlds
from mockaxle.journals.engine import EngineRefused
from mockaxle.journals.finding import Finder
from mockaxle.journals.sqlite_file import open_file
from mockaxle.scenarios.shipped import default
from mockaxle.world.opening import Beginning
from tests.calling import Caller
from tests.clocks import ManualClock
from tests.commanding import carry_out
from tests.journals.lasting_app import on_file

CUTS = 200
KEY_DIGEST = "a test's"
APPLY = make_apply(load_contract())


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file and its WAL, as a kill leaves them."""
    folder, left = tmp_path_factory.mktemp("lived"), tmp_path_factory.mktemp("left")
    server = on_file(folder / "mock.db", ManualClock())
    caller = Caller(server)  # type: ignore[arg-type]
    for n in range(20):
        home = {"mpan": f"{n:013}", "street_address": f"{n} Canal Row", "postcode": "M1 1AE"}
        assert caller.post("/entities/site", home).status == 200
        if n == 9:
            carry_out(server.worlds, "acme", "POST /rewind", {"before": 6})
    server.keep_reads()
    for file in ("mock.db", "mock.db-wal"):
        shutil.copy(folder / file, left / file)
    server.crash()
    return left


def checked(folder: Path) -> list[CheckedWorld]:
    file = open_file(folder / "mock.db", key_digest=KEY_DIGEST)
    try:
        return list(check_worlds(file, Finder(file, APPLY, beginning=Beginning(default()), max_entries=10_000)))
    finally:
        file.close()


def test_a_wal_that_is_cut_anywhere_leaves_a_world_that_replays(torn: Path, tmp_path: Path) -> None:
    draw, whole = Random(25), (torn / "mock.db-wal").stat().st_size
    found = set()
    for cut in (whole, *(draw.randrange(whole) for _ in range(CUTS))):
        for file in ("mock.db", "mock.db-wal"):
            shutil.copy(torn / file, tmp_path / file)
        (tmp_path / "mock.db-shm").unlink(missing_ok=True)
        with (tmp_path / "mock.db-wal").open("r+b") as wal:
            wal.truncate(cut)
        worlds = checked(tmp_path)
        assert [one.problem for one in worlds] in ([], [""])
        found.add(worlds[0].entries if worlds else 0)
    assert max(found) == 22
    assert len(found) > 15


def test_garbage_in_the_wal_is_not_taken_for_rows(torn: Path, tmp_path: Path) -> None:
    draw = Random(26)
    for file in ("mock.db", "mock.db-wal"):
        shutil.copy(torn / file, tmp_path / file)
    content = bytearray((torn / "mock.db-wal").read_bytes())
    place = len(content) // 2
    content[place : place + 64] = draw.randbytes(64)
    (tmp_path / "mock.db-wal").write_bytes(content)
    assert [one.problem for one in checked(tmp_path)] == [""]


def test_garbage_in_the_file_is_named(torn: Path, tmp_path: Path) -> None:
    (tmp_path / "mock.db").write_bytes(Random(27).randbytes(40_000))
    with pytest.raises(EngineRefused, match=r"mock\.db: it is not a journal of mockaxle"):
        open_file(tmp_path / "mock.db", key_digest=KEY_DIGEST)
