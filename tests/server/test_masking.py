"""Whatever looks like a token's text in a stray path is masked, however long the path."""

from time import thread_time

import pytest

from mockaxle.app import App
from mockaxle.contract.document import load_contract
from mockaxle.recordings.formats import FORMS
from mockaxle.recordings.jsonl import Recording
from mockaxle.serving.masking import HANDING_OVER, unmatched_part, without_secrets
from mockaxle.world.entries import Request
from tests.calling import JSON, Caller, answered


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
    assert unmatched_part(Request("GET", path), None)[0].path == masked


def test_a_token_sent_in_a_path_is_not_kept(acme: Caller) -> None:
    acme.get(f"/nowhere/{acme.token}")
    assert acme.api.unmatched[-1].request.path == "/nowhere/@token@"


def test_a_token_where_none_belongs_is_in_no_export(acme: Caller) -> None:
    token = acme.token or ""
    acme.get(f"/entities/site?access_token={token}&limit=5")
    acme.get(f"/entities/site?access_token=%65{token[1:]}")
    acme.get(f"/entities/asset/external-id/{token}")
    acme.onboard(assets=[{"external_id": token, "type": "charger"}])
    hosted = acme.api.worlds.find("acme")
    assert hosted is not None
    recording = Recording("acme", None, tuple(hosted.log))
    for form in FORMS.values():
        assert token.rpartition(".")[2] not in "".join(form.write(recording))
    assert acme.get("/entities/asset").json["assets"][0]["external_id"] == "@token@"


def test_masking_a_broken_body_of_twice_the_size_takes_at_most_three_times_as_long() -> None:
    operation = next(one for one in load_contract().operations if one.key == HANDING_OVER)

    def cost(size: int) -> float:
        request = Request("POST", "/", headers=(JSON,), body=b'{"a": "' + rb"\n1" * (size // 3) + b'"')
        begun = thread_time()
        without_secrets(operation, request)
        return thread_time() - begun

    longer, shorter = (min(cost(size) for _ in range(3)) for size in (4_000_000, 1_000_000))
    assert longer <= 3 * 3 * shorter


def test_a_stray_path_of_twice_the_length_takes_at_most_three_times_as_long(app: App) -> None:
    def cost(length: int) -> float:
        request = Request("GET", "/" + "eyJ" * (length // 3))
        begun = thread_time()
        answered(app.api, request)
        return thread_time() - begun

    longer, shorter = (min(cost(length) for _ in range(3)) for length in (2_000_000, 1_000_000))
    assert longer <= 3 * shorter
