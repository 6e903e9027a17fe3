"""The stream that tells pages of new entries."""

import json
from collections.abc import Iterator

import httpx

from tests.inspector.visiting import Partner, Visiting


def events(lines: Iterator[str]) -> Iterator[tuple[int, dict[str, object]]]:
    number = 0
    for line in lines:
        if line.startswith("id: "):
            number = int(line.removeprefix("id: "))
        elif line.startswith("data: "):
            yield number, json.loads(line.removeprefix("data: "))


def stream(visitor: Visiting, **headers: str) -> httpx.Response:
    request = visitor.client.build_request("GET", f"{visitor.world}/log/stream", headers=headers)
    return visitor.client.send(request, stream=True)


def test_a_new_entry_is_told_as_it_comes(visitor: Visiting, partner: Partner) -> None:
    answer = stream(visitor)
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = events(answer.iter_lines())
    partner.onboarded()
    assert next(told)[1]["path"] == "/entities/site/onboard"
    partner.call("GET", "/auth/users/me/")
    number, entry = next(told)
    assert (number, entry["path"], entry["status"]) == (3, "/auth/users/me/", 200)
    answer.close()


def test_a_stream_goes_on_after_the_last_entry_that_was_told(visitor: Visiting, partner: Partner) -> None:
    partner.onboarded()
    answer = stream(visitor, **{"Last-Event-ID": "1"})
    told = events(answer.iter_lines())
    assert next(told)[0] == 2
    answer.close()


def test_a_stream_ends_with_its_log_in(visitor: Visiting, partner: Partner) -> None:
    answer = stream(visitor)
    told = events(answer.iter_lines())
    partner.call("GET", "/auth/users/me/")
    assert next(told)[1]["path"] == "/auth/users/me/"
    partner.control("POST", "/tokens/revoke", {})
    assert list(told) == []
    answer.close()


def test_a_stream_goes_on_after_a_reset_of_the_log(visitor: Visiting, partner: Partner) -> None:
    partner.onboarded()
    answer = stream(visitor, **{"Last-Event-ID": "9"})
    told = events(answer.iter_lines())
    assert [next(told)[0], next(told)[0]] == [1, 2]
    partner.control("POST", "/reset")
    assert next(told) == (0, {})
    partner.call("GET", "/auth/users/me/")
    assert next(told)[1]["path"] == "/auth/users/me/"
    answer.close()
