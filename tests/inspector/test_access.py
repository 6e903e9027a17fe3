"""Who may see which page, and what ends a log-in."""

import re
from datetime import timedelta

import httpx
import pytest

from mockaxle.app import create_app
from mockaxle.serving.passwords import PasswordUnhashed
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Request
from tests.calling import FORM
from tests.clocks import ManualClock
from tests.inspector.visiting import HTML, PREFIX, PROXIED, Partner, Visiting, fresh_name, visiting
from tests.serving import Served

WORLD_PAGES = ("", "/sites", "/sites/x", "/assets/x", "/log", "/log/1", "/log/stream")


def cookie_of(visitor: Visiting) -> tuple[str, str]:
    ((name, value),) = visitor.client.cookies.items()
    return name, value


@pytest.mark.rule("G8")
def test_the_root_leads_browsers_to_the_pages_and_tells_others_that_it_is_no_path(served: Served) -> None:
    led = httpx.get(f"{served.base_url}/", headers={"Accept": "text/html,application/xhtml+xml;q=0.9"})
    assert (led.status_code, led.headers["location"]) == (303, f"{PREFIX}/")
    for accept in ("*/*", "application/json"):
        answer = httpx.get(f"{served.base_url}/", headers={"Accept": accept})
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert httpx.post(f"{served.base_url}/", headers=HTML).status_code == 404


def test_pages_stay_below_the_root_path() -> None:
    app = create_app(ServerSettings(root_path="/axle"))
    with visiting(app, root="/axle") as visitor:
        assert visitor.client.get("/axle/", headers=HTML).headers["location"] == f"/axle{PREFIX}/"
        assert visitor.log_in("proxied").headers["location"] == f"/axle{PREFIX}/inspect/proxied"
        page = visitor.text("")
    paths = re.findall(r'(?:href|src|action)="([^"#]+)"', page)
    assert len(paths) > 10
    assert [path for path in paths if not path.startswith("/axle/")] == []


@pytest.mark.parametrize("path", WORLD_PAGES)
@pytest.mark.parametrize("headers", [{}, PROXIED], ids=["local", "elsewhere"])
def test_a_page_of_a_world_asks_for_a_log_in(visitor: Visiting, path: str, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=visitor.client.base_url, headers={**HTML, **headers}) as stranger:
        answer = stranger.get(visitor.world + path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{PREFIX}/log-in?next={visitor.world}{path}"
        form = stranger.post(f"{visitor.world}/do/reset")
        assert (form.status_code, form.headers["location"]) == (303, f"{PREFIX}/log-in?next={visitor.world}")


def test_without_a_log_in_only_the_rules_are_told_elsewhere(visitor: Visiting, partner: Partner) -> None:
    partner.onboarded()
    with httpx.Client(base_url=visitor.client.base_url, headers={**HTML, **PROXIED}) as stranger:
        assert "F5" in stranger.get(f"{PREFIX}/rules").text
        assert stranger.get(f"{PREFIX}/rules/F5").status_code == 200
        home = stranger.get(f"{PREFIX}/")
    assert home.status_code == 200
    assert visitor.world not in home.text


def test_a_log_in_sees_its_own_world_only(visitor: Visiting, served: Served) -> None:
    other = Visiting(served.base_url)
    other.log_in(fresh_name())
    for path in WORLD_PAGES:
        assert visitor.client.get(other.world + path).status_code == 404
    assert visitor.client.get(f"{PREFIX}/inspect/nobody-{fresh_name()}").status_code == 404
    assert other.world not in visitor.client.get(f"{PREFIX}/").text


def test_the_admin_token_sees_every_world() -> None:
    app = create_app(ServerSettings(admin_token="the-admin-token"))
    with visiting(app) as partner:
        partner.log_in("acme")
        admin = Visiting(str(partner.client.base_url))
        assert admin.log_in("anything", "the-admin-token").headers["location"] == f"{PREFIX}/"
        assert f"{PREFIX}/inspect/acme" in admin.client.get(f"{PREFIX}/").text
        assert admin.client.get(f"{PREFIX}/inspect/acme").status_code == 200
        assert app.api.worlds.find("anything") is None


def test_a_token_reads_a_page_as_it_reads_control(partner: Partner, visitor: Visiting) -> None:
    bearer = {"Authorization": partner.client.headers["Authorization"]}
    base = str(visitor.client.base_url)
    assert httpx.get(f"{base}{visitor.world}", headers=bearer).status_code == 200
    assert httpx.post(f"{base}{visitor.world}/do/reset", headers=bearer, data={"confirmed": "yes"}).status_code == 415


def test_the_cookie_does_not_open_control(visitor: Visiting) -> None:
    assert visitor.client.get(f"{PREFIX}/world").status_code == 401
    assert visitor.client.post(f"{PREFIX}/world/reset", json={}).status_code == 401
    assert visitor.client.get("/auth/users/me/").status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(served: Served) -> None:
    header = Visiting(served.base_url).log_in(fresh_name()).headers["set-cookie"]
    assert header.startswith(f"mockaxle_{served.port}=")
    attributes = {part.strip().lower() for part in header.split(";")[1:]}
    assert {"httponly", "samesite=strict", f"path={PREFIX}", "max-age=43200"} <= attributes
    assert "secure" not in attributes


def test_the_cookie_is_for_tls_where_clients_use_it() -> None:
    with visiting(create_app(ServerSettings(public_url="https://axle.example", shared=False))) as visitor:
        assert "; Secure" in visitor.log_in("acme").headers["set-cookie"]


@pytest.mark.parametrize("end", ["lapse", "revocation", "drop", "tampered", "log-out"])
def test_a_log_in_ends(end: str) -> None:
    clock = ManualClock()
    app = create_app(clock=clock)
    with visiting(app) as visitor:
        visitor.log_in("acme")
        assert visitor.get("").status_code == 200
        name, value = cookie_of(visitor)
        partner = Partner(str(visitor.client.base_url), "acme")
        if end == "lapse":
            clock.advance(hours=12)
        elif end == "revocation":
            partner.control("POST", "/tokens/revoke", {})
        elif end == "drop":
            app.api.worlds.drop("acme")
            Partner(str(visitor.client.base_url), "acme")
        elif end == "tampered":
            visitor.client.cookies.clear()
            visitor.client.cookies.set(name, value[:-4] + "AAAA", path=PREFIX)
        else:
            answer = visitor.client.post(f"{PREFIX}/log-out", data={"form_key": visitor.form_key})
            assert (answer.status_code, answer.headers["location"]) == (303, f"{PREFIX}/")
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
        answer = httpx.get(f"{visitor.client.base_url}{visitor.world}", headers={"Cookie": cookies})
        assert answer.status_code == 303


def test_a_log_in_lasts_for_twelve_hours_of_the_machine() -> None:
    clock = ManualClock()
    with visiting(create_app(clock=clock)) as visitor:
        visitor.log_in("acme")
        visitor.do("advance", by="40d")
        clock.advance(hours=11, minutes=59)
        assert visitor.get("").status_code == 200
        clock.at += timedelta(minutes=1)
        assert visitor.get("").status_code == 303


def test_another_password_ends_a_log_in() -> None:
    app = create_app(ServerSettings(shared=True, admin_token="the-admin-token"))
    with visiting(app) as visitor:
        visitor.log_in("acme", "first")
        assert visitor.get("").status_code == 200
        admin = {"Authorization": "Bearer the-admin-token"}
        scenario = {"accounts": [{"username": "acme", "password": "second"}]}
        url = f"{visitor.client.base_url}{PREFIX}/worlds/acme/scenario"
        assert httpx.put(url, json=scenario, headers=admin).status_code == 200
        assert visitor.get("").status_code == 303
        assert visitor.log_in("acme", "first").status_code == 401
        assert visitor.log_in("acme", "second").status_code == 303


def test_a_log_in_without_a_stored_password_is_of_no_use_elsewhere(visitor: Visiting) -> None:
    assert visitor.get("").status_code == 200
    assert visitor.client.get(visitor.world, headers=PROXIED).status_code == 303


def test_a_log_in_from_elsewhere_keeps_the_password(served: Served) -> None:
    visitor = Visiting(served.base_url, headers=PROXIED)
    username = fresh_name()
    assert visitor.log_in(username, "mine").status_code == 303
    assert visitor.get("").status_code == 200
    assert Visiting(served.base_url, headers=PROXIED).log_in(username, "other").status_code == 401


@pytest.mark.rule("A2")
def test_a_wrong_password_counts_as_at_the_api() -> None:
    app = create_app(ServerSettings(shared=True))
    with visiting(app) as visitor:
        visitor.log_in("acme", "right")
        answer = visitor.log_in("acme", "guess")
        assert answer.status_code == 401
        assert "Incorrect username or password" in answer.text
        assert 'value="acme"' in answer.text
        assert "guess" not in answer.text
        with pytest.raises(PasswordUnhashed) as unhashed:
            app.api.attempt(Request("POST", "/auth/token-form", headers=(FORM,), body=b"username=acme&password=x"))
        assert unhashed.value.delay_seconds > 0


def test_a_read_only_account_sees_no_pages(served: Served, visitor: Visiting, partner: Partner) -> None:
    reader = f"{visitor.world.rpartition('/')[2]}-reader"
    partner.control("POST", "/accounts", {"username": reader, "kind": "read_only", "password": "reads"})
    answer = Visiting(served.base_url).log_in(reader, "reads")
    assert answer.status_code == 403
    assert "full account" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_forms_of_other_pages_are_refused(visitor: Visiting, partner: Partner, headers: dict[str, str]) -> None:
    before = partner.entries()
    form = {"form_key": visitor.form_key, "confirmed": "yes"}
    paths = (f"{visitor.world}/do/reset", f"{visitor.world}/first-calls", f"{PREFIX}/log-out", f"{PREFIX}/log-in")
    for path in paths:
        sent = {**form, "username": "acme", "password": "x"} if path.endswith("log-in") else form
        assert visitor.client.post(path, data=sent, headers=headers).status_code == 403, path
    assert partner.entries() == before


@pytest.mark.parametrize("form_key", ["", "0" * 64, "é"])
def test_a_form_needs_the_key_of_its_log_in(visitor: Visiting, partner: Partner, form_key: str) -> None:
    partner.onboarded()
    for path in (f"{visitor.world}/do/reset", f"{visitor.world}/first-calls", f"{PREFIX}/log-out"):
        answer = visitor.client.post(path, data={"form_key": form_key, "confirmed": "yes"})
        assert answer.status_code == 403
    assert "1 site:" in visitor.text("/sites")


def test_the_key_of_another_log_in_is_refused(visitor: Visiting, served: Served) -> None:
    other = Visiting(served.base_url)
    other.log_in(fresh_name())
    visitor.form_key = other.form_key
    assert visitor.do("freeze").status_code == 403


def test_a_name_that_resolves_to_this_machine_is_refused(visitor: Visiting) -> None:
    for path in (visitor.world, f"{PREFIX}/"):
        assert visitor.client.get(path, headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example/", "//[", "/docs", "/__mockaxle/\\evil", "/__mockaxle/a\nb"]
)
def test_a_log_in_leads_to_a_page_of_the_inspector_only(served: Served, there: str) -> None:
    visitor, username = Visiting(served.base_url), fresh_name()
    answer = visitor.log_in(username, next=there)
    assert answer.headers["location"] == f"{PREFIX}/inspect/{username}"
    assert visitor.client.get(f"{PREFIX}/log-in", params={"next": there}).status_code == 200
    led = visitor.log_in(username, next=f"{visitor.world}/log?status=422")
    assert led.headers["location"] == f"{visitor.world}/log?status=422"


def test_reading_writes_no_entry(visitor: Visiting, partner: Partner) -> None:
    site_id, asset_id = partner.onboarded()
    before = partner.entries()
    for path in ("", "/sites", f"/sites/{site_id}", f"/assets/{asset_id}", "/log", "/log/1", "/sites/x"):
        visitor.get(path)
    assert partner.entries() == before


def test_every_page_says_what_it_may_load(visitor: Visiting) -> None:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    paths = [visitor.world + path for path in WORLD_PAGES if not path.endswith("stream")]
    paths += [f"{PREFIX}/{path}" for path in ("", "log-in", "rules", "rules/F5", "rules/x")]
    for path in paths:
        answer = visitor.client.get(path)
        assert answer.headers["content-security-policy"] == policy, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "style=" not in answer.text
        assert "<style" not in answer.text


def test_a_form_of_another_kind_is_refused_in_words(visitor: Visiting) -> None:
    answer = visitor.client.post(f"{visitor.world}/do/freeze", content=b"\xff=%ff")
    assert (answer.status_code, "not a form" in answer.text.lower()) == (400, True)
    long = visitor.client.post(f"{visitor.world}/do/freeze", data={"at": "x" * 70_000})
    assert long.status_code == 413
