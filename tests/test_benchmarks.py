"""The benchmark's own parts work; its figures are for `make bench`."""

from benchmarks import growth
from benchmarks.run import calls_of
from benchmarks.servers import MOCK, Account, running


def test_what_a_call_costs_is_measured_at_each_size() -> None:
    found = growth.measure((20, 40))
    assert found.keys() == {"GET a site", "onboard", "last page"}
    assert all(len(times) == 2 and min(times) > 0 for times in found.values())


def test_every_call_of_the_load_is_answered() -> None:
    with running(MOCK) as server:
        account = Account(server)
        for call in calls_of(account).values():
            body = call.body.replace("@number@", f"{7:013}")
            assert account.client.request(call.verb, call.path, content=body or None, headers=JSON).status_code == 200
        assert server.resident_bytes > 1 << 20
        account.client.close()


JSON = {"Content-Type": "application/json"}
