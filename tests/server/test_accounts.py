"""Logging in, tokens and roles."""

import pytest

from mockaxle.app import App, create_app
from mockaxle.core.accounts import NEVER, Grant, Role, Tokens, authorise, issue, role_for
from mockaxle.core.errors import RoleMissing
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Request
from tests.calling import FORM, Answer, Caller
from tests.clocks import START, ManualClock

SECURED = [
    ("GET", "/auth/users/me/"),
    ("POST", "/entities/site/onboard"),
    ("GET", "/entities/site/00000000-0000-0000-0000-000000000000"),
    ("GET", "/entities/asset/00000000-0000-0000-0000-000000000000"),
    ("POST", "/entities/asset/00000000-0000-0000-0000-000000000000/event/plug-in-schedule"),
]


def log_in(app: App, form: bytes) -> Answer:
    return Caller(app.api, log_in=False).send(Request("POST", "/auth/token-form", headers=(FORM,), body=form))


@pytest.mark.rule("A1")
def test_a_log_in_gives_a_bearer_token(app: App) -> None:
    answer = log_in(app, b"username=acme&password=secret&grant_type=password")
    assert answer.status == 200
    assert answer.json.keys() == {"access_token", "token_type"}
    assert answer.json["token_type"] == "bearer"


@pytest.mark.rule("A1", "E5")
@pytest.mark.parametrize(
    ("form", "faults"),
    [
        (b"", [("username", "value_error.missing"), ("password", "value_error.missing")]),
        (b"username=acme", [("password", "value_error.missing")]),
        (b"username=a&password=b&grant_type=implicit", [("grant_type", "value_error.str.regex")]),
        (b"username=a&password=b&grant_type=password%0A", [("grant_type", "value_error.str.regex")]),
    ],
)
def test_a_malformed_form_is_422(app: App, form: bytes, faults: list[tuple[str, str]]) -> None:
    answer = log_in(app, form)
    assert answer.status == 422
    assert [(item["loc"], item["type"]) for item in answer.json["detail"]] == [(["body", n], t) for n, t in faults]


@pytest.mark.rule("A2", "E2")
@pytest.mark.parametrize("password", [b"wrong", b""])
def test_the_password_wrong_and_an_empty_one_are_refused(app: App, password: bytes) -> None:
    answer = log_in(app, b"username=acme&password=" + password)
    assert (answer.status, answer.json) == (401, {"detail": "Incorrect username or password"})
    assert answer.header("www-authenticate") == "Bearer"


def test_a_multipart_form_is_a_form_too(app: App) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nacme\r\n' + (
        b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nsecret\r\n--x--\r\n'
    )
    headers = ((b"content-type", b"multipart/form-data; boundary=x"),)
    answer = Caller(app.api, log_in=False).send(Request("POST", "/auth/token-form", headers=headers, body=body))
    assert answer.status == 200


@pytest.mark.rule("A3", "E2", "G5")
@pytest.mark.parametrize(("verb", "path"), SECURED)
@pytest.mark.parametrize("header", [None, b"", b"Bearer", b"Bearer ", b"Basic YTpi", b"token"])
def test_without_a_bearer_token_everything_is_401(app: App, verb: str, path: str, header: bytes | None) -> None:
    headers = () if header is None else ((b"authorization", header),)
    answer = Caller(app.api, log_in=False).send(Request(verb, path, headers=headers, body=b"\xff{"))
    assert (answer.status, answer.json) == (401, {"detail": "Not authenticated"})
    assert answer.header("www-authenticate") == "Bearer"


@pytest.mark.rule("A1", "A3")
@pytest.mark.parametrize(("verb", "path"), SECURED)
def test_a_token_lives_one_hour(acme: Caller, clock: ManualClock, verb: str, path: str) -> None:
    clock.advance(minutes=59, seconds=59)
    assert acme.call(verb, path).status != 401
    clock.advance(seconds=1)
    answer = acme.call(verb, path)
    assert (answer.status, answer.json) == (401, {"detail": "Could not validate credentials"})


def test_expired_tokens_are_let_go(acme: Caller, clock: ManualClock) -> None:
    for _ in range(50):
        clock.advance(minutes=10)
        acme.log_in()
    assert len(acme.world.tokens.grants) <= 7


@pytest.mark.rule("A5")
def test_an_account_has_all_six_roles(acme: Caller) -> None:
    roles = ["entity_read", "entity_write", "rewards", "lookup", "metrics_write", "components"]
    assert acme.get("/auth/users/me/").json == {"username": "acme", "roles": roles}


@pytest.mark.rule("A4", "A6")
@pytest.mark.parametrize(
    ("verb", "path", "role"),
    [
        ("GET", "/entities/site", Role.ENTITY_READ),
        ("POST", "/entities/site", Role.ENTITY_WRITE),
        ("DELETE", "/entities/asset/{asset_id}", Role.ENTITY_WRITE),
        ("GET", "/rewards/{site_id}/info", Role.REWARDS),
        ("POST", "/meter/by-mpan", Role.LOOKUP),
        ("POST", "/validation/mpan", Role.LOOKUP),
        ("POST", "/data/readings", Role.METRICS_WRITE),
        ("POST", "/auth/component-token", Role.COMPONENTS),
        ("GET", "/auth/users/me/", None),
        ("GET", "/examples/dispatch-event", None),
    ],
)
def test_each_area_needs_its_role(verb: str, path: str, role: Role | None) -> None:
    assert role_for(verb, path) is role
    others = tuple(other for other in Role if other is not role)
    if role is not None:
        with pytest.raises(RoleMissing):
            authorise(Grant("acme", others, NEVER), role, now=START)
    else:
        authorise(Grant("acme", (), NEVER), role, now=START)


def test_tokens_are_numbered_and_never_used_again() -> None:
    tokens, first = issue(Tokens(), "a", roles=(), now=START)
    tokens, second = issue(tokens, "b", roles=(), now=START)
    assert (first, second) == (1, 2)
    grant = tokens.grants.get(2)
    assert grant is not None
    assert grant.username == "b"


@pytest.mark.rule("A2")
def test_off_loopback_the_first_password_stays(clock: ManualClock) -> None:
    api = create_app(ServerSettings(host="0.0.0.0"), clock=clock).api
    caller = Caller(api)
    assert caller.log_in("another").status == 401
    assert caller.log_in("secret").status == 200


def test_on_loopback_any_password_will_do(acme: Caller) -> None:
    assert acme.log_in("another").status == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.rule("E5")
def test_a_username_with_a_slash_is_malformed(host: str) -> None:
    caller = Caller(create_app(ServerSettings(host=host)).api, "acme/clock", log_in=False)
    refused = caller.log_in()
    (item,) = refused.json["detail"]
    assert (refused.status, item["loc"], item["type"]) == (422, ["body", "username"], "value_error")
    assert caller.api.worlds.names() == ()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_what_loopback_is(host: str) -> None:
    assert ServerSettings(host=host).on_loopback
    assert not ServerSettings(host="0.0.0.0").on_loopback
    assert not ServerSettings(host="mock.example").on_loopback
