"""Who may control: every path tried from where it must not work, and nothing changed."""

from collections.abc import Iterator

import httpx
import pytest

from mockaxle.app import create_app
from mockaxle.contract.document import load_contract
from mockaxle.control.log_handlers import LogHandlers
from mockaxle.control.routes import world_endpoints
from mockaxle.core.limits import MAX_CONTROL_VALUES
from mockaxle.serving.couriers import Couriers
from mockaxle.serving.listener import serve_in_thread
from mockaxle.serving.settings import ServerSettings
from tests.control.controlling import Controller
from tests.serving import Served


async def no_couriers() -> Couriers:
    raise AssertionError("no receiver is added")


PATHS = [
    (
        one.verb,
        one.path.replace("{id}", "night").replace("{asset_id}", "x").replace("{number}", "1"),
    )
    for one in world_endpoints(create_app().api.worlds, LogHandlers(load_contract()), make_couriers=no_couriers)
]
ADMIN_PATHS = [("GET", "/worlds"), ("GET", "/unmatched"), ("GET", "/journal"), ("DELETE", "/worlds/acme")]
EVERYWHERE = [(verb, f"/world{path}") for verb, path in PATHS] + [("POST", "/verify")] + ADMIN_PATHS


def attempt(controller: Controller, verb: str, path: str, **headers: str) -> httpx.Response:
    bearer = {} if "authorization" in headers else controller.bearer
    return controller.client.request(verb, f"/__mockaxle{path}", json={}, headers={**bearer, **headers})


@pytest.mark.parametrize(("verb", "path"), EVERYWHERE)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "localhost.evil.example:80"},
        {"host": "evil@localhost.example"},
        {"host": ""},
        {"host": "evil.example@localhost"},
        {"host": "localhost/evil"},
        {"host": "[::1].evil.example"},
        {"origin": "http://["},
        {"origin": "https://localhost"},
        {"sec-fetch-site": "Cross-Site"},
    ],
)
def test_a_foreign_page_or_host_is_refused(
    controller: Controller, verb: str, path: str, headers: dict[str, str]
) -> None:
    before = controller.done("GET", "")
    answer = attempt(controller, verb, path, **headers)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]
    after = controller.done("GET", "")
    assert {**after, "clock": None} == {**before, "clock": None}


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("host", "localhost", "evil.example"),
        ("origin", "http://localhost", "https://evil.example"),
        ("sec-fetch-site", "same-origin", "cross-site"),
    ],
)
def test_what_is_said_twice_is_not_believed(
    controller: Controller, served: Served, name: str, first: str, second: str
) -> None:
    said = {"host": ["localhost"], "authorization": [controller.bearer["Authorization"]], "connection": ["close"]}
    lines = [f"{key}: {value}" for key, values in {**said, name: [first, second]}.items() for value in values]
    answer = served.talk("\r\n".join(["GET /__mockaxle/world HTTP/1.1", *lines, "", ""]).encode())
    assert int(answer.split()[1]) in (400, 403)


def test_a_body_with_too_many_values_is_413(controller: Controller) -> None:
    answer = controller.control("POST", "/verify", {"calls": [0] * MAX_CONTROL_VALUES})
    assert (answer.status_code, answer.json()["detail"]) == (413, "Send a body of at most 20,000 values")
    assert controller.control("POST", "/verify", {"calls": [0] * (MAX_CONTROL_VALUES - 2)}).status_code == 422


def test_a_body_beyond_the_limit_is_413(controller: Controller) -> None:
    headers = {**controller.bearer, "content-type": "application/json"}
    for content in (b" " * 1_000_001, (b" " * 100_000 for _ in range(11))):
        answer = controller.client.post("/__mockaxle/world/reset", content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.json() == {"detail": "Send a body of at most 1000000 bytes, the limit of --max-body"}
    assert controller.control("POST", "/reset", {"what": ["log"] * 7}).status_code == 422


@pytest.mark.parametrize("number", ["0", "99", "x", "9" * 5000, "-1", "1.0", "%F0%9F%90%8C"])
def test_an_entry_that_is_not_there_is_404_whatever_it_is_called(controller: Controller, number: str) -> None:
    assert controller.control("GET", f"/log/{number}").status_code == 404


def test_a_slash_in_a_name_leads_to_no_other_world(public: Controller) -> None:
    admin = {"authorization": "Bearer let-me-in"}
    assert attempt(public, "GET", "/worlds/acme%2Fclock", **admin).status_code == 404
    assert attempt(public, "GET", "/worlds/acme/", **admin).status_code == 404


def test_the_admin_has_no_world_of_its_own(public: Controller) -> None:
    Controller(public.client, "")
    admin = {"authorization": "Bearer let-me-in"}
    for verb, path in PATHS:
        assert attempt(public, verb, f"/world{path}", **admin).status_code == 404


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}", "LOCALHOST"])
def test_local_names_are_let_in(controller: Controller, served: Served, host: str) -> None:
    assert attempt(controller, "GET", "/world", host=host.format(port=served.port)).status_code == 200


def test_the_page_of_the_mock_itself_is_let_in(controller: Controller, served: Served) -> None:
    own = {"origin": served.base_url, "sec-fetch-site": "same-origin"}
    assert attempt(controller, "GET", "/world", **own).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_form_cannot_change_anything(controller: Controller, content_type: str) -> None:
    for path in (path for verb, path in PATHS if verb == "POST"):
        headers = {**controller.bearer, "content-type": content_type}
        answer = controller.client.post(f"/__mockaxle/world{path}", content=b"{}", headers=headers)
        assert answer.status_code == 415


@pytest.mark.parametrize(("verb", "path"), [(verb, f"/world{path}") for verb, path in PATHS])
def test_without_a_token_there_is_no_world(controller: Controller, verb: str, path: str) -> None:
    assert attempt(controller, verb, path, authorization="Bearer x").status_code == 401


@pytest.mark.parametrize(("verb", "path"), PATHS)
def test_anothers_world_is_not_found(controller: Controller, verb: str, path: str) -> None:
    other = Controller(controller.client, "someone-else")
    before = other.done("GET", "")
    assert attempt(controller, verb, f"/worlds/someone-else{path}").status_code == 404
    assert {**other.done("GET", ""), "clock": None} == {**before, "clock": None}


@pytest.mark.parametrize(("verb", "path"), ADMIN_PATHS)
def test_server_wide_things_need_the_admin_token(controller: Controller, verb: str, path: str) -> None:
    assert attempt(controller, verb, path).status_code == 403


@pytest.fixture
def public() -> Iterator[Controller]:
    """A server that believes it listens on all addresses."""
    app = create_app(ServerSettings(host="0.0.0.0", admin_token="let-me-in"))
    with serve_in_thread(app) as url, httpx.Client(base_url=url) as client:
        yield Controller(client, "acme")


@pytest.mark.parametrize(("verb", "path"), EVERYWHERE)
def test_off_loopback_nothing_works_with_another_token(public: Controller, verb: str, path: str) -> None:
    answer = attempt(public, verb, path, authorization="Bearer let-me-out")
    assert answer.status_code == 403
    assert "admin token" in answer.json()["detail"]


@pytest.mark.parametrize(("verb", "path"), ADMIN_PATHS)
def test_off_loopback_server_wide_things_need_the_admin_token_too(public: Controller, verb: str, path: str) -> None:
    assert attempt(public, verb, path).status_code == 403


def test_health_is_for_everybody(public: Controller) -> None:
    assert public.client.get("/__mockaxle/health", headers={"origin": "https://evil.example"}).status_code == 200


def test_the_admin_token_opens_every_world(public: Controller) -> None:
    admin = {"authorization": "Bearer let-me-in", "host": "mock.example"}
    assert [world["world"] for world in attempt(public, "GET", "/worlds", **admin).json()["worlds"]] == ["acme"]
    assert attempt(public, "GET", "/worlds/acme/clock", **admin).status_code == 200
    assert attempt(public, "GET", "/worlds/nobody/clock", **admin).status_code == 404
    assert attempt(public, "DELETE", "/worlds/acme", **admin).status_code == 204
    assert public.call("GET", "/auth/users/me/").status_code == 401
    entries = attempt(public, "GET", "/unmatched", **admin).json()["entries"]
    assert entries[-1]["rules"] == ["A3"]
    assert attempt(public, "GET", "/journal", **admin).json()["entries"] == entries


def test_the_admin_token_opens_no_foreign_page(public: Controller) -> None:
    foreign = {"authorization": "Bearer let-me-in", "origin": "https://evil.example"}
    assert attempt(public, "GET", "/worlds", **foreign).status_code == 403


def test_a_further_host_name_can_be_allowed() -> None:
    app = create_app(ServerSettings(allowed_hosts=("Mock.Test",)))
    with serve_in_thread(app) as url, httpx.Client(base_url=url) as client:
        assert attempt(Controller(client, "acme"), "GET", "/world", host="mock.test:80").status_code == 200


@pytest.mark.parametrize("kind", ["component", "read_only", "home_assistant"])
@pytest.mark.rule("A7")
def test_only_a_full_accounts_token_controls_its_world(controller: Controller, kind: str) -> None:
    if kind == "component":
        form = {"external_user_id": "u", "allowed_origin": "o", "gave_boundary_meter_consent_at": "2026-01-05T09:00Z"}
        answer = controller.client.post("/auth/component-token", data=form, headers=controller.bearer).json()
    else:
        name = f"{controller.username}-{kind}"
        controller.done("POST", "/accounts", {"username": name, "kind": kind})
        answer = controller.client.post("/auth/token-form", data={"username": name, "password": "secret"}).json()
    limited = {"Authorization": f"Bearer {answer['access_token']}"}
    before = controller.done("GET", "")
    for verb, path in PATHS:
        answer = controller.client.request(verb, f"/__mockaxle/world{path}", json={}, headers=limited)
        assert answer.status_code == 401, (verb, path)
    assert {**controller.done("GET", ""), "clock": None} == {**before, "clock": None}
