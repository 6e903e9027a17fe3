"""Whatever looks like a token's text in a stray path is masked, however long the path."""

from time import thread_time

import pytest

from mockaxle.app import App
from mockaxle.exchange import Request
from mockaxle.server.masking import without_link
from tests.calling import Caller


@pytest.mark.parametrize(
    ("path", "masked"),
    [
        ("/page/eyJhbGci.eyJzdWIi.c2ln", "/page/@token@"),
        ("/page/x-eyJhbGci.eyJzdWIi.c2ln/more", "/page/x-@token@/more"),
        ("/a/eyJ.b.c/d/eyJ.e.", "/a/@token@/d/@token@"),
        ("/page/%65yJhbGci.eyJzdWIi.c2ln", "/page/@token@"),
        ("/page/eyJhbGci.eyJzdWIi", "/page/eyJhbGci.eyJzdWIi"),
        ("/eyJourney/v1.2.3", "/eyJourney/v1.2.3"),
    ],
)
def test_a_jwt_in_a_stray_path_is_masked(path: str, masked: str) -> None:
    assert without_link(Request("GET", path)).path == masked


def test_a_token_sent_in_a_path_does_not_reach_the_journal(acme: Caller) -> None:
    acme.get(f"/nowhere/{acme.token}")
    assert acme.reception.journal[-1].request.path == "/nowhere/@token@"


def test_a_stray_path_of_twice_the_length_takes_at_most_three_times_as_long(app: App) -> None:
    def cost(length: int) -> float:
        request = Request("GET", "/" + "eyJ" * (length // 3))
        begun = thread_time()
        app.reception.answer(request)
        return thread_time() - begun

    longer, shorter = (min(cost(length) for _ in range(3)) for length in (2_000_000, 1_000_000))
    assert longer <= 3 * shorter
