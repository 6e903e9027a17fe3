"""Who may do what on a shared server, and through a proxy on the same machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx
import pytest

from mockaxle.app import create_app
from mockaxle.client.client import Client
from mockaxle.scenarios.sections import AccountSection, Scenario
from mockaxle.serving.listener import serve_in_thread
from mockaxle.serving.settings import ServerSettings
from mockaxle.testing.world import World
from tests.calling import onboarding

ADMIN = "let-me-in"
PROXIES = [
    {"forwarded": "for=203.0.113.7"},
    {"x-forwarded-for": "203.0.113.7"},
    {"x-forwarded-proto": "https"},
    {"x-real-ip": "203.0.113.7"},
    {"via": "1.1 proxy"},
]
SHARED: list[dict[str, Any]] = [
    {"host": "0.0.0.0"},
    {"shared": True},
    {"root_path": "/axle"},
    {"public_url": "https://mock.example"},
]
GUESTS = Scenario(
    accounts=(
        AccountSection(username="acme", password="secret"),
        AccountSection(username="guest", world="acme"),
        AccountSection(username="open"),
    )
)
_numbers = count()


class Team:
    """Calls a server with the headers that a proxy adds, if any."""

    def __init__(self, client: httpx.Client, username: str = "acme", password: str = "secret", **via: str) -> None:
        self.client, self.username, self.via = client, username, via
        self.token = self.log_in(password).json().get("access_token", "")

    def log_in(self, password: str) -> httpx.Response:
        form = {"username": self.username, "password": password}
        return self.client.post("/auth/token-form", data=form, headers=self.via)

    def control(self, verb: str, path: str, body: Any = None, *, token: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.token}", **self.via}
        sent = body if body is not None else {} if verb == "POST" else None
        return self.client.request(verb, f"/__mockaxle{path}", json=sent, headers=headers)

    def status(self, verb: str, path: str, body: Any = None) -> int:
        return self.control(verb, path, body).status_code


@contextmanager
def calling(scenario: Scenario | None = None, **settings: Any) -> Iterator[httpx.Client]:
    app = create_app(ServerSettings(admin_token=ADMIN, **settings), scenario=scenario)
    with serve_in_thread(app) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.fixture(scope="module")
def unshared() -> Iterator[httpx.Client]:
    with calling() as client:
        yield client


@pytest.fixture(scope="module")
def shared() -> Iterator[httpx.Client]:
    with calling(shared=True) as client:
        yield client


def fresh(client: httpx.Client, **via: str) -> Team:
    return Team(client, f"team{next(_numbers)}", **via)


@pytest.mark.parametrize("settings", SHARED)
def test_a_shared_server_keeps_passwords_and_each_team_controls_its_own_world(settings: dict[str, Any]) -> None:
    with calling(**settings) as client:
        acme, other = Team(client), Team(client, "other")
        assert (acme.log_in("guess").status_code, acme.log_in("secret").status_code) == (401, 200)
        assert acme.status("PUT", "/world/clock", {"at": "2030-01-20T12:00:00Z", "rate": 0}) == 200
        assert acme.status("GET", "/worlds/acme/clock") == 200
        assert acme.status("GET", "/worlds/other/clock") == 404
        assert other.control("GET", "/world/clock").json()["mode"] == "real"
        assert [acme.status("GET", path) for path in ("/worlds", "/unmatched")] == [403, 403]
        assert acme.control("GET", "/worlds/other/clock", token=ADMIN).status_code == 200


def test_no_shared_undoes_what_other_options_imply() -> None:
    with calling(root_path="/axle", public_url="https://mock.example", shared=False) as client:
        acme = Team(client)
        assert acme.log_in("another").status_code == 200
        assert acme.status("GET", "/world") == 200


@pytest.mark.parametrize("via", PROXIES)
def test_through_a_proxy_nobody_enters_a_world_that_was_opened_without_a_password(
    unshared: httpx.Client, via: dict[str, str]
) -> None:
    local = fresh(unshared)
    local.client.post("/entities/site/onboard", json=onboarding(), headers={"Authorization": f"Bearer {local.token}"})
    remote = Team(unshared, local.username, **via)
    refused = remote.log_in("secret")
    assert refused.status_code == 401
    assert "--shared" in refused.headers["x-mockaxle-hint"]
    assert remote.control("GET", "/world", token=local.token).status_code == 403
    assert local.status("GET", "/world") == 200


@pytest.mark.parametrize("via", PROXIES)
def test_through_a_proxy_a_log_in_keeps_the_password_which_opens_control(
    unshared: httpx.Client, via: dict[str, str]
) -> None:
    remote = fresh(unshared, **via)
    assert (remote.log_in("guess").status_code, remote.status("GET", "/world")) == (401, 200)
    local = Team(unshared, remote.username)
    assert (local.token != "", local.log_in("guess").status_code) == (True, 401)
    fork = remote.control("POST", "/world/fork").json()
    assert Team(unshared, fork["username"], fork["password"], **via).status("GET", "/world") == 200
    assert Team(unshared, fork["username"], "guess").token == ""


@pytest.mark.parametrize("kind", ["component", "read_only", "home_assistant"])
@pytest.mark.rule("A7")
def test_on_a_shared_server_only_a_full_accounts_token_controls(shared: httpx.Client, kind: str) -> None:
    team = fresh(shared)
    if kind == "component":
        form = {"external_user_id": "u", "allowed_origin": "o", "gave_boundary_meter_consent_at": "2026-01-05T09:00Z"}
        bearer = {"Authorization": f"Bearer {team.token}"}
        token = shared.post("/auth/component-token", data=form, headers=bearer).json()["access_token"]
    else:
        account = {"username": f"{team.username}-limited", "kind": kind, "password": "swordfish"}
        assert team.status("POST", "/world/accounts", account) == 200
        token = Team(shared, account["username"], "swordfish").token
    assert team.control("GET", "/world", token=token).status_code == 403


def test_accounts_without_a_password_log_in_and_control_nothing() -> None:
    with calling(GUESTS, shared=True) as client:
        acme, guest, free = Team(client), Team(client, "guest", "any"), Team(client, "open", "any")
        assert "" not in (guest.token, free.token)
        assert [one.status("GET", "/world") for one in (acme, guest, free)] == [200, 403, 403]
        assert acme.status("POST", "/world/accounts", {"username": "acme-two"}) == 200
        assert Team(client, "acme-two", "any").status("GET", "/world") == 403


def test_a_token_got_without_a_password_does_not_control_when_the_account_gets_one() -> None:
    with calling(GUESTS, shared=True) as client:
        acme, guest = Team(client), Team(client, "guest", "any")
        accounts = [{"username": "guest", "password": "swordfish"}, {"username": "acme"}]
        assert acme.status("PUT", "/world/scenario", {"accounts": accounts}) == 200
        assert guest.status("GET", "/world") == 403
        assert Team(client, "guest", "swordfish").status("GET", "/world") == 200
        assert (acme.status("GET", "/world"), acme.log_in("guess").status_code) == (200, 401)


def test_a_token_got_with_a_former_password_controls_nothing() -> None:
    with calling(shared=True) as client:
        acme = Team(client)
        assert acme.status("PUT", "/world/scenario", {"accounts": [{"username": "acme", "password": "secret"}]}) == 200
        assert acme.status("PUT", "/world/scenario", {"accounts": [{"username": "acme", "password": "new"}]}) == 200
        assert acme.status("GET", "/world") == 403
        assert Team(client, "acme", "new").status("GET", "/world") == 200


def test_a_revoked_token_controls_nothing_also_when_it_is_no_longer_kept(shared: httpx.Client) -> None:
    team, other = fresh(shared), fresh(shared)
    assert team.status("POST", "/world/tokens/revoke") == 200
    assert team.status("GET", "/world") == 403
    again = Team(shared, team.username)
    assert again.control("GET", "/world").json()["tokens"] == 1
    assert [one.status("GET", "/world") for one in (team, again, other)] == [403, 200, 200]


def test_a_revoked_token_controls_a_server_of_this_machine_alone(unshared: httpx.Client) -> None:
    team = fresh(unshared)
    assert team.status("POST", "/world/tokens/revoke") == 200
    assert team.status("GET", "/world") == 200


def test_a_tests_world_goes_on_after_its_tokens_were_revoked(shared: httpx.Client) -> None:
    team = fresh(shared)
    with Client(str(shared.base_url)) as client:
        world = World(client.base_url, team.username, "secret", client)
        world.faults.revoke_tokens()
        assert world.control("GET", "")["world"] == team.username


def test_a_token_controls_after_its_end(shared: httpx.Client) -> None:
    team = fresh(shared)
    assert team.status("PUT", "/world/clock", {"at": "2030-01-20T12:00:00Z", "rate": 0}) == 200
    assert team.status("POST", "/world/clock/advance", {"by": "61m"}) == 200
    assert team.log_in("secret").status_code == 200
    assert team.control("GET", "/world").json()["tokens"] == 1
    assert team.status("POST", "/world/accounts", {"username": "somebody"}) == 422


ADDED: list[tuple[str, str, Any]] = [
    ("POST", "/accounts", {"username": "{name}", "password": "swordfish"}),
    ("PUT", "/scenario", {"accounts": [{"username": "{name}", "password": "swordfish"}]}),
    ("POST", "/fork", {"username": "{name}"}),
]


def named(body: Any, name: str) -> Any:
    if isinstance(body, dict):
        return {key: named(value, name) for key, value in body.items()}
    return [named(one, name) for one in body] if isinstance(body, list) else body.replace("{name}", name)


@pytest.mark.parametrize(("verb", "path", "body"), ADDED, ids=[path for _, path, _ in ADDED])
def test_on_a_shared_server_names_begin_with_the_own_one(
    shared: httpx.Client, unshared: httpx.Client, verb: str, path: str, body: Any
) -> None:
    team, other = fresh(shared), fresh(shared)
    for name in ("somebody", f"{team.username}er", f"{other.username}-squatted", f"x{team.username}-two"):
        refused = team.control(verb, f"/world{path}", named(body, name))
        assert refused.status_code == 422
        assert f"'{team.username}-'" in refused.json()["detail"]
    own = f"{team.username}-{path[1:]}"
    assert team.status(verb, f"/world{path}", named(body, own)) == 200
    by_admin = named(body, f"free{path[1:]}")
    assert team.control(verb, f"/worlds/{team.username}{path}", by_admin, token=ADMIN).status_code == 200
    assert fresh(unshared).status(verb, f"/world{path}", by_admin) == 200


def test_a_forks_made_name_begins_with_the_own_one_and_its_password_opens_control() -> None:
    with calling(Scenario(accounts=(AccountSection(username="acme", password="secret", world="w"),)), shared=True) as c:
        fork = Team(c).control("POST", "/world/fork").json()
        assert fork["username"] == "acme-fork-1"
        assert Team(c, fork["username"], fork["password"]).status("GET", "/world") == 200
        assert Team(c, fork["username"], "guess").token == ""


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_on_a_shared_server_no_foreign_page_controls(shared: httpx.Client, headers: dict[str, str]) -> None:
    team = fresh(shared)
    team.via = headers
    assert team.control("GET", "/world").status_code == 403


@pytest.mark.parametrize("path", ["/world/accounts", "/world/fork"])
def test_a_username_with_a_slash_is_422_everywhere(unshared: httpx.Client, shared: httpx.Client, path: str) -> None:
    for client in (unshared, shared):
        team = fresh(client)
        refused = team.control("POST", path, {"username": f"{team.username}-a/b"})
        assert refused.status_code == 422
        assert "slash" in refused.json()["detail"]
        scenario = {"accounts": [{"username": f"{team.username}-a/b"}]}
        assert team.status("PUT", "/world/scenario", scenario) == 422
