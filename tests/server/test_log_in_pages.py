"""No web page of another origin logs in: each form as a browser would send it, and what comes of it."""

from typing import Any
from urllib.parse import urlencode

import pytest

from mockaxle.app import create_app
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Request
from tests.calling import FORM, Answer, Caller

LOCAL, SHARED = ServerSettings(), ServerSettings(host="0.0.0.0", public_url="https://mock.example/axle")
APP = "https://app.example"
PROXY = {"x-forwarded-for": "203.0.113.7"}


def submit(settings: ServerSettings, **headers: str) -> tuple[Caller, Answer]:
    """A log-in with these headers at a new server, and a caller of that server."""
    caller = Caller(create_app(settings).api, log_in=False)
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    body = urlencode({"username": "acme", "password": "secret"}).encode()
    return caller, caller.send(Request("POST", "/auth/token-form", headers=(FORM, *sent), body=body))


@pytest.mark.parametrize("settings", [LOCAL, SHARED, ServerSettings(shared=True)], ids=["local", "public", "shared"])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost:2953", "origin": APP},
        {"host": "localhost:2953", "origin": "null"},
        {"host": "localhost:2953", "origin": "http://localhost:8000"},
        {"host": "localhost:2953", "sec_fetch_site": "cross-site"},
        {"host": "localhost:2953", "sec_fetch_site": "same-site", "origin": "http://localhost:2953"},
        {"host": "localhost:2953", "origin": APP, "x_forwarded_for": "203.0.113.7"},
        {"origin": APP},
    ],
)
@pytest.mark.rule("A1")
def test_a_foreign_pages_form_is_403_and_opens_nothing(settings: ServerSettings, headers: dict[str, str]) -> None:
    caller, answer = submit(settings, **headers)
    assert (answer.status, set(answer.json)) == (403, {"detail"})
    assert "other origins" in answer.json["detail"]
    assert "--cors-origin" in answer.json["detail"]
    assert caller.api.worlds.names() == ()
    (entry,) = caller.api.unmatched
    assert (entry.principal, entry.request.path, entry.request.body) == (None, "/auth/token-form", b"")


@pytest.mark.parametrize("origin", ["http://evil.example:2953", None])
def test_a_page_whose_name_leads_to_loopback_is_403(origin: str | None) -> None:
    page = {"origin": origin} if origin else {"sec_fetch_mode": "cors"}
    caller, answer = submit(LOCAL, host="evil.example:2953", sec_fetch_site="same-origin", **page)
    assert answer.status == 403
    assert "--allowed-host" in answer.json["detail"]
    assert caller.api.worlds.names() == ()


PASSING: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {}),
    ({}, {"host": "evil.example"}),
    ({"shared": True}, {"host": "evil.example"}),
    ({}, {"host": "localhost:2953", "origin": "http://localhost:2953"}),
    ({}, {"host": "127.0.0.1:2953", "origin": "http://127.0.0.1:2953", "sec_fetch_site": "same-origin"}),
    ({}, {"host": "localhost", "sec_fetch_mode": "cors"}),
    ({"allowed_hosts": ("mock.test",)}, {"host": "mock.test", "origin": "http://mock.test"}),
    ({"cors_origins": (APP,)}, {"host": "localhost:2953", "origin": APP, "sec_fetch_site": "cross-site"}),
    ({"cors_origins": ("*",)}, {"host": "localhost:2953", "origin": "null", "sec_fetch_site": "cross-site"}),
    ({"shared": True}, {"host": "mock.example", "origin": "https://mock.example"}),
    ({"public_url": "https://mock.example/axle"}, {"host": "10.0.0.7", "origin": "https://mock.example"}),
    ({"shared": True}, {"host": "10.0.0.7", "origin": "https://mock.example", "sec_fetch_site": "same-origin"}),
    ({}, {"host": "10.0.0.7", "origin": "https://mock.example", "sec_fetch_site": "same-origin", **PROXY}),
]


@pytest.mark.parametrize(("settings", "headers"), PASSING)
def test_other_forms_log_in(settings: dict[str, Any], headers: dict[str, str]) -> None:
    assert submit(ServerSettings(**settings), **headers)[1].status == 200
