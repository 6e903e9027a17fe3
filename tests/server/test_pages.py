"""The page on which a balance is withdrawn, and the links that lead there."""

import json
import re

import pytest

from mockaxle.server.pages import is_linkable
from mockaxle.world.entries import Request, to_json
from tests.calling import Caller, answered
from tests.server.homes import visit, with_balance, withdrawal_path


@pytest.mark.rule("W1", "W2", "W3")
def test_a_balance_is_seen_and_really_withdrawn() -> None:
    home = with_balance(2345)
    info = {"current_balance_pence": 2345, "total_earnings_pence": 2345, "minimum_withdrawal_threshold_pence": 1000}
    assert home.call("/rewards/{site}/info") == {**info, "withdrawal_min_wait_days": 0, "can_withdraw": True}
    path = withdrawal_path(home)
    for _ in range(2):
        answer, html = visit(home, path)
        assert (answer.status, answer.header("content-type")) == (200, "text/html; charset=utf-8")
        assert "£23.45" in html
        assert '<a href="https://app.example/back">' in html
        assert "<script" not in html
        assert "default-src 'none'" in (answer.header("content-security-policy") or "")
    _, html = visit(home, path, "POST")
    assert "£23.45 is on its way to you." in html
    assert "<button>Withdraw" not in html
    paid = home.call("/rewards/{site}/transactions")["transactions"][-1]
    assert (paid["transaction_type"], paid["credit_pence"]) == ("withdrawal", -2345)
    assert paid["payment_status"] == "processing"
    assert "end_time" not in paid
    assert home.call("/rewards/{site}/info")["current_balance_pence"] == 0
    assert home.call("/rewards/{site}/info")["total_earnings_pence"] == 2345
    _, html = visit(home, path, "POST")
    assert "below the minimum" in html
    assert home.call("/rewards/{site}/info")["current_balance_pence"] == 0


@pytest.mark.rule("W3")
def test_a_link_lives_an_hour_and_leads_to_one_site_only() -> None:
    home = with_balance(2000)
    path = withdrawal_path(home)
    link = home.call("/rewards/{site}/url/balance?redirect_uri=x")
    assert link["url_expiry_timestamp"] == "2026-01-20T19:00:00+00:00"
    home.until("2026-01-20T18:59:59")
    assert visit(home, path)[0].status == 200
    home.until("2026-01-20T19:00:00")
    answer, html = visit(home, path)
    assert (answer.status, answer.header("content-type")) == (401, "text/html; charset=utf-8")
    assert "This link does not work" in html
    for broken in (path[:-3] + "abc", "/auth/ext/x", f"/auth/ext/{home.caller.token}", "/auth/ext/a.b.c"):
        assert visit(home, broken)[0].status == 401
    token = path.rpartition("/")[2]
    stranger = Caller(home.caller.api, log_in=False)
    stranger.token = token
    assert stranger.get("/auth/users/me/").status == 401


@pytest.mark.rule("W3")
def test_a_link_enters_no_log_and_no_list_of_unmatched_calls() -> None:
    home = with_balance(2000)
    token = withdrawal_path(home).rpartition("/")[2]
    visit(home, f"/auth/ext/{token}")
    visit(home, f"/auth/ext/{token[:-1]}")
    hosted = home.caller.api.worlds.find("acme")
    assert hosted
    text = str([to_json(entry) for entry in hosted.log]) + str(list(home.caller.api.unmatched))
    assert token[:-1] not in text
    assert "/auth/ext/@token@" in text


@pytest.mark.rule("W3")
@pytest.mark.parametrize(
    ("uri", "linked"),
    [
        ("https://app.example/?a=1&b=2", True),
        ("myapp://back", True),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)", False),
        (" java\tscript:alert(1)", False),
        ("\x01javascript:alert(1)", False),
        ("data:text/html,<script>1</script>", False),
        ("vbscript:x", False),
        ('"><script>alert(1)</script>', True),
    ],
)
def test_a_redirect_uri_is_never_run(uri: str, linked: bool) -> None:
    home = with_balance(2000)
    _, html = visit(home, withdrawal_path(home, uri))
    assert is_linkable(uri) is linked
    assert ("<a href=" in html) is linked
    assert "<script" not in html
    assert re.search(r'href="[^"<>]*"|<code>[^<>]*</code>', html)


@pytest.mark.rule("W3")
def test_transactions_are_hidden_where_that_is_asked_for() -> None:
    home = with_balance(2000)
    assert "goodwill credit" in visit(home, withdrawal_path(home))[1]
    assert "goodwill credit" not in visit(home, withdrawal_path(home, more="&hide_transactions=true"))[1]


STRAYS = [
    ("HEAD", "/auth/ext/LINK"),
    ("PUT", "/auth/ext/LINK"),
    ("GET", "/auth/ext/LINK/"),
    ("GET", "/auth/ext/LINK/x"),
    ("GET", "/auth//ext/LINK"),
    ("GET", "/AUTH/ext/LINK"),
    ("GET", "/%61uth/ext/LINK"),
    ("GET", "//oauth/LINK"),
]


def test_a_link_is_kept_nowhere_whatever_is_asked_of_it() -> None:
    home = with_balance(2000)
    path = withdrawal_path(home)
    for verb, asked in STRAYS:
        asked = asked.replace("LINK", path.rpartition("/")[2])
        visit(home, asked, verb)
    hosted = home.caller.api.worlds.find("acme")
    assert hosted
    texts = str(list(home.caller.api.unmatched)) + str([to_json(entry) for entry in hosted.log])
    assert path.rpartition("/")[2] not in texts


@pytest.mark.parametrize("host", [b'a"b', b"a/b", b"x y", b"", "é".encode()])
def test_a_strange_host_is_not_repeated(host: bytes) -> None:
    home = with_balance(2000)
    bearer = (b"authorization", f"Bearer {home.caller.token}".encode())
    path = f"/rewards/{home.site_id}/url/balance"
    response = answered(home.caller.api, Request("GET", path, "redirect_uri=x", (bearer, (b"host", host))))
    assert json.loads(response.body)["balance_withdrawal_url"].startswith("http://127.0.0.1/auth/ext/")
