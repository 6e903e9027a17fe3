"""The surface's duties over a real socket."""

import json
import re
import socket

import httpx
import pytest

from mockaxle.app import create_app
from mockaxle.serving.listener import open_socket, serve_in_thread
from mockaxle.serving.settings import MAX_BODY, ServerSettings
from tests.serving import Served


@pytest.fixture(scope="module")
def token(served: Served) -> str:
    answer = httpx.post(f"{served.base_url}/auth/token-form", data={"username": "wire", "password": "secret"})
    token: str = answer.json()["access_token"]
    return token


def request(path: str, *lines: str, verb: str = "GET", body: bytes = b"", close: bool = True) -> bytes:
    hang_up = ("Connection: close",) if close else ()
    return "\r\n".join([f"{verb} {path} HTTP/1.1", "Host: mock", *lines, *hang_up, "", ""]).encode("latin-1") + body


def status(answer: bytes) -> int:
    return int(answer.split()[1])


def statuses(answers: bytes) -> list[int]:
    return [int(number) for number in re.findall(rb"HTTP/1.1 (\d+)", answers)]


@pytest.mark.rule("G8", "E2")
@pytest.mark.parametrize("path", ["/", "/nowhere", "/entities", "/auth/users/me/x", "//auth/users/me/"])
def test_an_unknown_path_is_404(served: Served, path: str) -> None:
    answer = served.talk(request(path))
    assert status(answer) == 404
    assert answer.endswith(b'{"detail":"Not Found"}')


@pytest.mark.rule("G8", "E2")
@pytest.mark.parametrize("verb", ["PUT", "DELETE", "PATCH", "OPTIONS", "POST", "TRACE"])
def test_a_wrong_verb_is_405_with_allow(served: Served, verb: str) -> None:
    answer = served.talk(request("/auth/users/me/", verb=verb))
    assert status(answer) == 405
    assert b"\r\nallow: GET\r\n" in answer
    assert answer.endswith(b'{"detail":"Method Not Allowed"}')


@pytest.mark.rule("G8")
def test_head_is_405_without_a_body(served: Served) -> None:
    answer = served.talk(request("/auth/users/me/", verb="HEAD"))
    assert status(answer) == 405
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.rule("G8")
@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/auth/users/me", "/auth/users/me/"),
        ("/auth/users/me?a=1&a=2", "/auth/users/me/?a=1&a=2"),
        ("/auth/token-form/", "/auth/token-form"),
        ("/entities/site/onboard/", "/entities/site/onboard"),
        ("/entities/site/x%2Fy/", "/entities/site/x%2Fy"),
    ],
)
def test_a_slash_too_few_or_too_many_is_307(served: Served, path: str, location: str) -> None:
    answer = served.talk(request(path))
    assert status(answer) == 307
    assert f"\r\nlocation: {location}\r\n".encode() in answer


@pytest.mark.rule("G8")
def test_a_client_that_follows_keeps_verb_and_body(served: Served) -> None:
    form = {"username": "wire", "password": "secret"}
    with httpx.Client(base_url=served.base_url, follow_redirects=True) as client:
        assert client.post("/auth/token-form/", data=form).status_code == 200


@pytest.mark.rule("G8")
def test_a_literal_path_wins_over_a_template_also_for_verbs(served: Served) -> None:
    answer = served.talk(request("/entities/site/onboard"))
    assert status(answer) == 405
    assert b"\r\nallow: POST\r\n" in answer


@pytest.mark.rule("G8")
@pytest.mark.parametrize(("path", "expected"), [
    ("/%61uth/users/me/", 200), ("/entities/site/%6Fnboard", 405), ("/entities%2Fsite/onboard", 404),
    ("/entities/site/%E2%82%AC", 422), ("/entities/site/%ff", 422), ("/entities/site/%zz", 422),
])  # fmt: skip
def test_segments_are_percent_decoded_after_they_are_parted(
    served: Served, token: str, path: str, expected: int
) -> None:
    assert status(served.talk(request(path, f"Authorization: Bearer {token}"))) == expected


def test_query_keys_that_repeat_or_are_unknown_do_no_harm(served: Served, token: str) -> None:
    path = "/auth/users/me/?limit=1&limit=2&%00=%ff&&=&a[]=1"
    assert status(served.talk(request(path, f"Authorization: Bearer {token}"))) == 200


LOG_IN = b"username=wire&password=secret"
FORM = "Content-Type: application/x-www-form-urlencoded"


def test_a_chunked_body_is_read_whole(served: Served) -> None:
    chunks = b"".join(b"1\r\n" + LOG_IN[i : i + 1] + b"\r\n" for i in range(len(LOG_IN))) + b"0\r\n\r\n"
    answer = served.talk(request("/auth/token-form", FORM, "Transfer-Encoding: chunked", verb="POST", body=chunks))
    assert status(answer) == 200


def test_a_missing_body_is_422(served: Served, token: str) -> None:
    answer = served.talk(request("/entities/site/onboard", f"Authorization: Bearer {token}", verb="POST"))
    assert status(answer) == 422
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["detail"][0]["loc"] == ["body"]


@pytest.mark.rule("E3")
def test_a_body_over_the_limit_is_413(served: Served, token: str) -> None:
    with httpx.Client(base_url=served.base_url, headers={"Authorization": f"Bearer {token}"}) as client:
        assert client.post("/entities/site/onboard", content=b" " * (MAX_BODY + 1)).status_code == 413
        assert client.post("/entities/site/onboard", content=b" " * MAX_BODY).status_code == 422
        chunks = (b" " * 100_000 for _ in range(MAX_BODY // 100_000 + 1))
        assert client.post("/entities/site/onboard", content=chunks).status_code == 413
        assert client.get("/auth/users/me/").status_code == 200


def test_a_body_announced_over_the_limit_is_refused_before_it_is_sent(served: Served, token: str) -> None:
    lines = (f"Authorization: Bearer {token}", f"Content-Length: {10**15}")
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(request("/entities/site/onboard", *lines, verb="POST"))
        assert status(connection.recv(4096)) == 413


def test_a_length_of_many_digits_is_read_all_the_same(served: Served) -> None:
    length = f"Content-Length: {'0' * 5000}{len(LOG_IN)}"
    assert status(served.talk(request("/auth/token-form", FORM, length, verb="POST", body=LOG_IN))) == 200


def test_a_client_gone_mid_request_leaves_nothing(served: Served) -> None:
    before = len(served.app.api.unmatched)
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(
            request("/auth/token-form", FORM, "Content-Length: 999", verb="POST", body=b"username=gone&password=secret")
        )
    assert status(served.talk(request("/nowhere"))) == 404
    assert len(served.app.api.unmatched) == before + 1
    assert served.app.api.worlds.find("gone") is None


def test_a_connection_is_kept_alive(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        for _ in range(3):
            connection.sendall(request("/nowhere", close=False))
            answer = b""
            while not answer.endswith(b'"Not Found"}'):
                answer += connection.recv(4096)
            assert status(answer) == 404


def test_pipelined_requests_are_answered_in_order(served: Served, token: str) -> None:
    bearer = f"Authorization: Bearer {token}"
    body = request("/auth/token-form", FORM, f"Content-Length: {len(LOG_IN)}", verb="POST", body=LOG_IN, close=False)
    me = "/auth/users/me/"
    raw = request("/nowhere", close=False) + body + request(me, bearer, close=False) + request(me)
    assert statuses(served.talk(raw)) == [404, 200, 200, 401]


@pytest.mark.rule("G1")
def test_the_document_is_public(served: Served) -> None:
    document = httpx.get(f"{served.base_url}/openapi.json").json()
    assert document["servers"] == [{"url": "/"}]
    assert "/entities/site/onboard" in document["paths"]


def test_health_needs_no_token(served: Served) -> None:
    answer = httpx.get(f"{served.base_url}/__mockaxle/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert httpx.get(f"{served.base_url}/__mockaxle/nowhere").status_code == 404


def test_small_answers_are_not_held_back(served: Served) -> None:
    with open_socket("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP  # or asyncio leaves Nagle's algorithm on


def test_no_answer_names_the_server_behind(served: Served) -> None:
    assert "server" not in httpx.get(f"{served.base_url}/openapi.json").headers


@pytest.mark.rule("G8")
@pytest.mark.parametrize("origins", [(), ("https://partner.example",)])
def test_a_page_whose_origin_is_not_named_is_refused_with_a_word_and_a_trace(origins: tuple[str, ...]) -> None:
    app = create_app(ServerSettings(cors_origins=origins))
    asking = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    with serve_in_thread(app) as url:
        answer = httpx.options(f"{url}/entities/site", headers=asking)
    assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})
    assert "--cors-origin" in answer.headers["x-mockaxle-hint"]
    assert app.api.unmatched[-1].request.method == "OPTIONS"


def test_with_cors_switched_on_pages_of_that_origin_may_call_the_api_but_not_control() -> None:
    app = create_app(ServerSettings(cors_origins=("https://partner.example",)))
    with serve_in_thread(app) as url, httpx.Client(base_url=url) as client:
        wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        page, other = {"Origin": "https://partner.example", **wish}, {"Origin": "https://evil.example", **wish}
        allowed = client.options("/entities/site/onboard", headers=page)
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, page["Origin"])
        assert client.options("/entities/site/onboard", headers=other).status_code == 405
        answer = client.get("/auth/users/me/", headers=page)
        assert answer.headers["access-control-allow-origin"] == page["Origin"]
        assert "X-Mockaxle-Rules" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-origin" not in client.get("/auth/users/me/", headers=other).headers
        for verb in ("GET", "OPTIONS"):
            control = client.request(verb, "/__mockaxle/world", headers=page)
            assert control.status_code in (403, 405)
            assert not [name for name in control.headers if name.startswith("access-control")]


def test_below_a_root_path_everything_is_served_and_redirects_stay_there() -> None:
    with serve_in_thread(create_app(ServerSettings(root_path="/axle"))) as url, httpx.Client(base_url=url) as client:
        form = {"username": "root", "password": "secret"}
        for root in ("/axle", ""):
            assert client.post(f"{root}/auth/token-form", data=form).status_code == 200
            assert client.get(f"{root}/__mockaxle/health").status_code == 200
            assert client.get(f"{root}/openapi.json").json()["servers"] == [{"url": "/axle"}]
        assert client.get("/axle/auth/users/me").headers["location"] == "/axle/auth/users/me/"
        assert client.get("/axle/docs/").headers["location"] == "/axle/docs"
        assert client.get("/axled/auth/users/me/").status_code == 404


def test_broken_http_is_400_and_the_server_lives_on(served: Served) -> None:
    assert status(served.talk(b"\x16\x03\x01\r\n\r\n")) == 400
    assert status(served.talk(request("/nowhere"))) == 404
