"""Servers of two versions on one journal: the newer one takes a world over, the older one leaves it."""

import pytest

from mockaxle.journals.made_with import is_newer
from tests.calling import Caller
from tests.journals.conftest import StartLasting
from tests.journals.lasting_app import LastingApp

OLD, NEW = "mockaxle 0.9.0, tzdata 2025.2, sources b", "mockaxle 0.10.0, tzdata 2025.2, sources a"


@pytest.mark.parametrize(
    ("one", "than", "newer"),
    [
        (NEW, OLD, True),
        (OLD, NEW, False),
        (NEW, NEW, False),
        (NEW, NEW.replace("0.10.0", "0.10.0.dev3"), True),
        (NEW.replace("2025.2", "2026.1"), NEW, True),
        (NEW.replace("sources a", "sources b"), NEW, True),
        (NEW, "", True),
    ],
)
def test_versions_are_ordered_by_their_numbers(one: str, than: str, newer: bool) -> None:
    assert is_newer(one, than) is newer


def server_of(version: str, start: StartLasting, monkeypatch: pytest.MonkeyPatch) -> LastingApp:
    monkeypatch.setattr("mockaxle.lasting.made_with", lambda: version)
    return start(is_shared=True)


def sites(caller: Caller) -> int:
    return len(caller.get("/entities/site").json["sites"])


def test_an_older_server_leaves_the_worlds_that_a_newer_one_has_written(
    start_lasting: StartLasting, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = server_of(OLD, start_lasting, monkeypatch)
    before, left = Caller(old, "acme"), Caller(old, "left")  # type: ignore[arg-type]
    before.onboard()
    new = server_of(NEW, start_lasting, monkeypatch)
    after = Caller(new, "acme")  # type: ignore[arg-type]
    assert (sites(after), sites(left)) == (1, 0)
    answer = before.get("/entities/site")
    assert (answer.status, answer.json["done"]) == (503, "no")
    assert f"a newer version ({NEW})" in answer.json["detail"]
    assert before.onboard().status == 503
    old.on_loop(old.lasting._keeper.refresh_names())
    assert before.get("/entities/site").status == 503
    assert (len(old.said), new.said) == (1, [])
    assert (left.onboard().status, sites(left), sites(after)) == (200, 1, 1)


def test_a_server_that_starts_serves_what_any_version_wrote_before(
    start_lasting: StartLasting, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = server_of(NEW, start_lasting, monkeypatch)
    caller = Caller(new, "acme")  # type: ignore[arg-type]
    caller.onboard()
    new.restart(crashed=False)
    back = server_of(OLD, start_lasting, monkeypatch)
    assert sites(Caller(back, "acme")) == 1  # type: ignore[arg-type]
    assert back.said == []
