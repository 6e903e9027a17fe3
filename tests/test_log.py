"""The log is bounded and always whole."""

from datetime import UTC, datetime

import pytest

from mockaxle.world.entries import Exchange, Request, Response
from mockaxle.world.log import CHUNK_ENTRIES, Log

AT = datetime(2026, 1, 20, tzinfo=UTC)


def entry(number: int, *, size: int = 0) -> Exchange:
    return Exchange(AT, AT, None, None, Request("GET", f"/{number}", body=bytes(size)), Response(200))


def filled(count: int, *, size: int = 0, max_entries: int = 10_000, max_bytes: int = 1 << 30) -> Log[int]:
    """A log of a counter: entry n is applied to the world n."""
    log = Log(0, max_entries=max_entries, max_bytes=max_bytes)
    for number in range(count):
        log.append(entry(number, size=size), before=number)
    return log


def paths(log: Log[int]) -> list[str]:
    return [entry.request.path for entry in log if isinstance(entry, Exchange)]


def test_what_is_dropped_moves_the_base_forward_and_is_counted() -> None:
    log = filled(5000, max_entries=1000)
    entries = paths(log)
    assert 1000 - CHUNK_ENTRIES < len(log) == len(entries) <= 1000
    assert log.dropped == 5000 - len(log)
    assert entries[0] == f"/{log.base}"
    assert entries[-1] == "/4999"


def test_large_bodies_are_bounded_by_their_size() -> None:
    log = filled(100, size=1 << 20, max_bytes=10 << 20)
    assert 5 < len(log) <= 10
    assert paths(log)[0] == f"/{log.base}"


def test_the_newest_entry_is_kept_however_large() -> None:
    assert len(filled(3, size=1000, max_bytes=1)) >= 1


def test_a_small_log_drops_nothing() -> None:
    log = filled(CHUNK_ENTRIES * 2)
    assert (len(log), log.dropped, log.base) == (CHUNK_ENTRIES * 2, 0, 0)


def test_an_entry_is_found_by_its_number_after_others_were_dropped_and_cut() -> None:
    log = filled(500, max_entries=300)
    log.cut(450)
    kept = range(log.dropped + 1, 450)
    assert [log.entry(number) for number in kept] == list(log)
    for number in (0, log.dropped, 450):
        with pytest.raises(KeyError):
            log.entry(number)


def test_entries_are_found_after_a_number_when_others_were_dropped_and_cut() -> None:
    log = filled(500, max_entries=300)
    log.cut(450)
    everything = list(enumerate(log, start=log.dropped + 1))
    assert log.last == 449
    for number in (0, log.dropped, log.dropped + 1, CHUNK_ENTRIES * 2, 448, 449, 1000):
        assert list(log.after(number)) == [pair for pair in everything if pair[0] > number], number
    log.cut(1)
    assert (list(log.after(0)), log.last) == ([], log.dropped)
