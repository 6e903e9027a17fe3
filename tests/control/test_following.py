"""Waiting for the next entries of a log."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mockaxle.control.following import followed
from mockaxle.control.history import Filter
from mockaxle.serving.change_signal import ChangeSignal
from mockaxle.world.entries import Command, Entry
from mockaxle.world.log import Log
from tests.control.controlling import Controller

AT = datetime(2026, 1, 20, tzinfo=UTC)
LATER = 3600.0
ANY = Filter()


@dataclass
class Looking:
    """A filter that keeps the entries that it was asked about."""

    text: str = ""
    seen: list[str] = field(default_factory=list)

    def takes(self, entry: Entry) -> bool:
        assert isinstance(entry, Command)
        self.seen.append(entry.key)
        return self.text in entry.key


class Hosting:
    """A world's log as a follower sees it."""

    def __init__(self, count: int) -> None:
        self.hosted = SimpleNamespace(log=Log(0), changed=ChangeSignal())
        for number in range(count):
            self.write(f"PUT /{number + 1}")

    def write(self, key: str) -> None:
        self.hosted.log.append(Command(AT, AT, key, {}, {}), before=0)
        self.hosted.changed.wake_all()

    async def followed(self, wanted: Any = ANY, *, after: int, seconds: float = LATER) -> tuple[list[int], int]:
        until = asyncio.get_running_loop().time() + seconds
        found, last = await followed(cast(Any, self.hosted), wanted, after=after, until=until)
        return [number for number, _ in found], last

    async def waiting(self, wanted: Any = ANY, *, after: int) -> "asyncio.Task[tuple[list[int], int]]":
        """Begin to follow, and return once it waits for a change."""
        task = asyncio.create_task(self.followed(wanted, after=after))
        while not self.hosted.changed._waiting:
            await asyncio.sleep(0)
        return task


def test_new_entries_are_returned_at_once_with_the_newest_number() -> None:
    assert asyncio.run(Hosting(5).followed(after=3)) == ([4, 5], 5)
    assert asyncio.run(Hosting(400).followed(after=0))[0] == list(range(1, 401))


def test_without_a_new_entry_the_answer_is_empty_in_time() -> None:
    assert asyncio.run(Hosting(5).followed(after=5, seconds=0)) == ([], 5)
    assert asyncio.run(Hosting(0).followed(after=7, seconds=0)) == ([], 0)


def test_each_entry_is_looked_at_once() -> None:
    async def looked() -> list[str]:
        hosting, wanted = Hosting(3), Looking("end")
        task = await hosting.waiting(wanted, after=1)
        for key in ("PUT /4", "PUT /5", "PUT /end"):
            hosting.write(key)
            await asyncio.sleep(0)
        assert await task == ([6], 6)
        return wanted.seen

    assert asyncio.run(looked()) == ["PUT /2", "PUT /3", "PUT /4", "PUT /5", "PUT /end"]


def test_a_log_that_begins_anew_is_followed_from_its_first_entry() -> None:
    async def restarted() -> tuple[list[int], int]:
        hosting = Hosting(3)
        task = await hosting.waiting(after=3)
        hosting.hosted.log = Log(0)
        hosting.write("PUT /1")
        return await task

    assert asyncio.run(restarted()) == ([1], 1)


def test_a_log_that_goes_on_with_its_numbers_repeats_none() -> None:
    async def continued() -> tuple[list[int], int]:
        hosting = Hosting(3)
        task = await hosting.waiting(after=3)
        hosting.hosted.log = Log(0, dropped=4)
        hosting.write("PUT /5")
        return await task

    assert asyncio.run(continued()) == ([5], 5)


@pytest.mark.parametrize(("number", "numbers"), [(1, [1]), (3, [1, 2, 3])])
def test_after_a_rewind_every_kept_entry_is_new(number: int, numbers: list[int]) -> None:
    async def rewound() -> tuple[list[int], int]:
        hosting = Hosting(400)
        task = await hosting.waiting(after=400)
        hosting.hosted.log.cut(number)
        hosting.write("POST /rewind")
        return await task

    assert asyncio.run(rewound()) == (numbers, number)


def test_a_reader_waits_for_the_next_entry_that_matches(controller: Controller) -> None:
    found: list[Any] = []
    last = controller.done("GET", "/log")["last"]
    query = f"/log?after={last}&wait=60&status=404"
    waiting = Thread(target=lambda: found.append(controller.done("GET", query)))
    waiting.start()
    controller.call("GET", "/auth/users/me/")
    controller.call("GET", "/entities/site/00000000-0000-4000-8000-000000000000")
    waiting.join()
    (page,) = found
    assert [entry["status"] for entry in page["entries"]] == [404]
    assert (page["total"], page["last"]) == (1, last + 2)


def test_a_number_that_the_log_does_not_reach_counts_as_none(controller: Controller) -> None:
    page = controller.done("GET", "/log?after=99&wait=60")
    assert [entry["number"] for entry in page["entries"]] == [1]
    controller.done("POST", "/reset")
    assert controller.done("GET", "/log?after=99") == {"entries": [], "total": 0, "dropped": 0, "last": 0}


def test_a_reader_that_waits_sees_the_first_entry_after_a_reset(controller: Controller) -> None:
    controller.call("GET", "/auth/users/me/")
    found: list[Any] = []
    waiting = Thread(target=lambda: found.extend(controller.done("GET", "/log?after=2&wait=60&text=PATCH")["entries"]))
    waiting.start()
    controller.done("POST", "/reset")
    controller.done("PATCH", "/settings", {"pause_minutes": 60})
    waiting.join()
    assert [(entry["number"], entry["command"]) for entry in found] == [(1, "PATCH /settings")]


def test_pages_begin_after_a_number(controller: Controller) -> None:
    for _ in range(3):
        controller.call("GET", "/auth/users/me/")
    for query, numbers in (("after=2", [3, 4]), ("after=1&limit=1", [2]), ("after=1&newest_first=true&limit=1", [4])):
        page = controller.done("GET", f"/log?{query}")
        assert [entry["number"] for entry in page["entries"]] == numbers, query
        assert page["last"] == 4


def test_reading_writes_no_entry(controller: Controller) -> None:
    pages = [controller.done("GET", "/log?after=1&wait=0.01") for _ in range(2)]
    assert pages == [{"entries": [], "total": 0, "dropped": 0, "last": 1}] * 2


@pytest.mark.parametrize("query", ["after=-1", "after=x", "wait=61", "wait=-1", "wait=nan"])
def test_a_wrong_number_is_refused_by_its_name(controller: Controller, query: str) -> None:
    refused = controller.control("GET", f"/log?{query}")
    assert (refused.status_code, query.partition("=")[0] in refused.json()["detail"]) == (422, True)
