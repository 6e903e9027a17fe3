"""The benchmark's own parts work; its figures are for `make bench`."""

from subprocess import DEVNULL
from urllib.parse import urlsplit

import pytest

from benchmarks import growth, load, soak
from benchmarks.calls import calls_of
from benchmarks.servers import MOCK, Account, running


def test_what_a_call_costs_is_measured_at_each_size() -> None:
    found = growth.measure((20, 40))
    assert found.keys() == {"GET a site", "onboard", "last page"}
    assert all(len(times) == 2 and min(times) > 0 for times in found.values())


def test_every_call_of_the_load_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "SECONDS", 0.1)
    monkeypatch.setattr(load, "HAS_WRK", False)
    with running(MOCK) as server, Account(server) as account:
        for number, call in enumerate(calls_of(account).values(), start=1):
            before = server.cpu_seconds
            assert load.drive(server.url, call, start=number * 1000).requests > 0
            assert server.cpu_seconds > before
        assert server.resident_bytes > 1 << 20


def test_every_call_of_the_soak_is_answered_as_it_expects() -> None:
    tally = soak.Tally()
    with running(soak.command(0.2), stderr=DEVNULL) as server:
        url = f"http://127.0.0.1:{urlsplit(server.url).port}"
        team, strangers = soak.Team(url, "team", tally), soak.Strangers(url, tally)
        for _ in range(2):
            team.round()
            for _ in soak.ADDRESSES:
                strangers.log_in()
        for client in (team.client, *strangers.clients):
            client.close()
    assert tally.unexpected == []
    assert tally.statuses == {200: 2 * (9 + len(soak.ADDRESSES)) + 2, 503: 2}


def test_the_soak_fails_where_something_grew() -> None:
    def verdict(*resident: int, open_after: int = 5) -> int:
        found = [soak.Sample(at, size, 5) for at, size in enumerate(resident, start=1)]
        return len(soak.failures(found, soak.Tally(), open_before=5, open_after=open_after))

    assert [verdict(9, 10, 11), verdict(10, 100, 109, 110), verdict(10, 100, 105, 111)] == [0, 0, 1]
    assert verdict(10, 10, 10, open_after=6) == 1
