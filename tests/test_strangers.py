"""A server that strangers share: which world goes first, whose username stays taken, how many worlds one may open."""

import asyncio
from urllib.parse import urlencode

import httpx
import pytest

from mockaxle.app import create_app
from mockaxle.core.limits import MAX_PEERS, OPENINGS_SPAN_SECONDS
from mockaxle.scenarios.sections import AccountSection
from mockaxle.serving.addresses import peer_of
from mockaxle.serving.api import Api
from mockaxle.serving.listener import serve_in_thread
from mockaxle.serving.openings import Openings
from mockaxle.serving.settings import ServerSettings, WhenFull
from mockaxle.world.commands.refusals import TooManyAccounts, TooManyForks, TooManyWorlds
from mockaxle.world.entries import Request, to_json
from tests.calling import FORM, Answer, Caller
from tests.clocks import ManualClock

WHO = "/auth/users/me/"


def shared(
    *,
    clock: ManualClock | None = None,
    max_worlds: int = 1000,
    max_accounts: int = 10_000,
    when_full: WhenFull = "evict",
    new_worlds_per_minute: int = 600,
) -> Api:
    """A server off loopback."""
    settings = ServerSettings(
        host="192.0.2.1",
        max_worlds=max_worlds,
        max_accounts=max_accounts,
        when_full=when_full,
        new_worlds_per_minute=new_worlds_per_minute,
    )
    return create_app(settings, clock=clock or ManualClock()).api


def log_in(api: Api, username: str, password: str = "secret", *, peer: str = "") -> Answer:
    form = urlencode({"username": username, "password": password}).encode()
    request = Request("POST", "/auth/token-form", headers=(FORM,), body=form, client=peer)
    return Caller(api, username, log_in=False).send(request)


@pytest.mark.rule("T5")
def test_strangers_who_only_log_in_drop_no_world_that_is_worked_in() -> None:
    api = shared(max_worlds=3)
    team, first = Caller(api, "team"), Caller(api, "stranger")
    team.onboard()
    for number in range(20):
        Caller(api, f"stranger-{number}")
    assert team.get(WHO).status == 200
    assert first.get(WHO).status == 401
    assert api.worlds.names() == ("stranger-18", "stranger-19", "team")
    assert api.worlds.dropped == 19


@pytest.mark.rule("T5")
def test_where_all_worlds_are_worked_in_the_longest_unused_goes() -> None:
    api = shared(max_worlds=2)
    first, second = Caller(api, "first"), Caller(api, "second")
    for caller in (first, second, first):
        caller.get(WHO)
    third = Caller(api, "third")
    assert [caller.get(WHO).status for caller in (first, second, third)] == [200, 401, 200]


@pytest.mark.rule("T5")
def test_forks_drop_each_other_and_no_world_that_is_worked_in() -> None:
    api = shared(max_worlds=5)
    teams = [Caller(api, f"team-{number}") for number in range(4)]
    for team in teams:
        team.onboard()
    for number in range(9):
        asyncio.run(api.worlds.fork("team-0", snapshot=None, username=f"team-0-{number}", keeper="team-0"))
    assert [team.get(WHO).status for team in teams] == [200] * 4
    assert api.worlds.find("team-0-8")


@pytest.mark.rule("T5")
def test_a_keepers_forks_count_as_new_worlds_and_the_admins_do_not() -> None:
    settings = ServerSettings(shared=True, admin_token="let-me-in", new_worlds_per_minute=3)
    with serve_in_thread(create_app(settings, clock=ManualClock())) as url, httpx.Client(base_url=url) as client:
        token = client.post("/auth/token-form", data={"username": "team", "password": "secret"}).json()["access_token"]

        def fork(bearer: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {bearer}"}
            return client.post("/__mockaxle/worlds/team/fork", json={}, headers=headers)

        answers = [fork(token) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert "--new-worlds-per-minute" in answers[2].json()["detail"]
        assert answers[2].headers["retry-after"] == "60"
        assert [fork("let-me-in").status_code for _ in range(4)] == [200] * 4
        assert client.post("/auth/token-form", data={"username": "more", "password": "secret"}).status_code == 429


def test_a_keeper_without_an_address_forks_no_more_than_others() -> None:
    api = shared(new_worlds_per_minute=2)
    Caller(api, "team")

    async def fork_all() -> list[object]:
        forks = (api.worlds.fork("team", snapshot=None, username=None, keeper="team") for _ in range(4))
        return await asyncio.gather(*forks, return_exceptions=True)

    assert sum(isinstance(done, TooManyForks) for done in asyncio.run(fork_all())) == 2


def test_a_world_that_its_team_only_controls_is_worked_in() -> None:
    app = create_app(ServerSettings(host="192.0.2.1", max_worlds=3, admin_token="let-me-in"))
    teams = [Caller(app.api, name) for name in ("read", "looked-at")]
    with serve_in_thread(app) as url, httpx.Client(base_url=f"{url}/__mockaxle/worlds") as client:
        for name, token in (("read", teams[0].token), ("looked-at", "let-me-in")):
            assert client.get(f"/{name}/clock", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    for number in range(3):
        Caller(app.api, f"stranger-{number}")
    assert [team.get(WHO).status for team in teams] == [200, 401]


@pytest.mark.rule("T5")
def test_the_username_of_a_dropped_world_is_not_free_for_any_password() -> None:
    api = shared(max_worlds=1)
    log_in(api, "team", "ours")
    log_in(api, "stranger")
    assert log_in(api, "team", "guess").status == 401
    assert log_in(api, "team", "ours").status == 200


def test_a_further_account_with_a_password_leads_to_its_world_after_that_was_dropped() -> None:
    api = shared(max_worlds=1)
    Caller(api, "team")
    asyncio.run(api.worlds.add_account("team", AccountSection(username="team-reader", password="read")))
    log_in(api, "stranger")
    assert [log_in(api, "team-reader", one).status for one in ("guess", "read")] == [401, 200]
    assert api.worlds.names() == ("team",)


@pytest.mark.rule("T5")
def test_when_the_accounts_are_full_new_usernames_get_503_and_old_ones_log_in() -> None:
    api = shared(max_accounts=2)
    assert [log_in(api, name).status for name in ("first", "second", "third")] == [200, 200, 503]
    detail = log_in(api, "third").json["detail"]
    assert "2 accounts" in detail
    assert "--max-accounts" in detail
    with pytest.raises(TooManyAccounts, match="2 accounts"):
        asyncio.run(api.worlds.add_account("first", AccountSection(username="first-2")))
    assert log_in(api, "first").status == 200
    api.worlds.drop("second")
    assert log_in(api, "third").status == 200


@pytest.mark.rule("T5")
def test_a_full_server_that_refuses_opens_no_world_and_drops_none() -> None:
    api = shared(max_worlds=1, when_full="refuse")
    assert [log_in(api, name).status for name in ("first", "second", "first")] == [200, 503, 200]
    detail = log_in(api, "second").json["detail"]
    assert "1 worlds" in detail
    assert "--max-worlds" in detail
    with pytest.raises(TooManyWorlds, match="1 worlds"):
        asyncio.run(api.worlds.fork("first", snapshot=None, username=None))
    assert (api.worlds.names(), api.worlds.dropped) == (("first",), 0)


@pytest.mark.rule("T5")
def test_one_peer_opens_so_many_worlds_a_minute_and_no_more() -> None:
    clock = ManualClock()
    api = shared(clock=clock, new_worlds_per_minute=3)
    for number in range(3):
        assert log_in(api, f"stranger-{number}", peer="203.0.113.1").status == 200
        clock.advance(seconds=10)
    refused = log_in(api, "stranger-3", peer="203.0.113.1")
    assert (refused.status, refused.header("retry-after")) == (429, "30")
    assert "--new-worlds-per-minute" in refused.json["detail"]
    assert log_in(api, "stranger-0", peer="203.0.113.1").status == 200
    assert log_in(api, "team", peer="203.0.113.2").status == 200
    clock.advance(seconds=30)
    assert log_in(api, "stranger-3", peer="203.0.113.1").status == 200
    assert log_in(api, "stranger-4", peer="203.0.113.1").header("retry-after") == "10"


def test_a_refused_password_counts_as_no_world() -> None:
    api = shared(max_worlds=1, new_worlds_per_minute=3)
    log_in(api, "team", peer="203.0.113.1")
    log_in(api, "other", peer="203.0.113.1")
    for _ in range(9):
        assert log_in(api, "team", "guess", peer="203.0.113.1").status == 401
    assert log_in(api, "third", peer="203.0.113.1").status == 200


def test_a_server_that_is_not_shared_opens_as_many_as_one_likes() -> None:
    api = create_app(ServerSettings(new_worlds_per_minute=1, max_accounts=1)).api
    assert {log_in(api, f"test-{number}", peer="127.0.0.1").status for number in range(9)} == {200}


def test_the_window_slides_and_outlives_a_clock_that_steps_back() -> None:
    openings = Openings(2)
    for now in (100.0, 130.0):
        assert openings.retry_after("peer", now=now) == 0
        openings.count("peer", now=now)
    assert [openings.retry_after("peer", now=now) for now in (130.0, 159.5, 160.0)] == [30, 1, 0]
    assert openings.retry_after("peer", now=20.0) == 0
    assert openings.retry_after("other", now=130.0) == 0


def test_the_peers_that_are_counted_are_bounded() -> None:
    openings = Openings(1)
    for number in range(MAX_PEERS + 1):
        openings.count(str(number), now=0.0)
    assert [openings.retry_after(peer, now=0.0) for peer in ("0", "1")] == [0, OPENINGS_SPAN_SECONDS]


@pytest.mark.parametrize(
    ("client", "forwarded", "peer"),
    [
        ("203.0.113.7", [b"198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [b"198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", [b"6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", [b"6.6.6.6", b"198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.1", [b"198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", [b"[2001:db8:0::1]:4711"], "2001:db8::1"),
        ("10.0.0.1", [b"unknown"], "10.0.0.1"),
        ("", [b"198.51.100.1"], ""),
    ],
)
def test_the_peer_is_the_connections_unless_a_trusted_proxy_names_another(
    client: str, forwarded: list[bytes], peer: str
) -> None:
    headers = tuple((b"x-forwarded-for", value) for value in forwarded)
    assert peer_of(client, headers, trusted={"10.0.0.1"}) == peer


@pytest.mark.parametrize(("trusted", "statuses"), [((), [200, 429]), (("127.0.0.1",), [200, 200])])
def test_behind_a_trusted_proxy_each_caller_is_a_peer(trusted: tuple[str, ...], statuses: list[int]) -> None:
    app = create_app(ServerSettings(shared=True, new_worlds_per_minute=1, trusted_proxies=trusted))
    with serve_in_thread(app) as url, httpx.Client(base_url=url) as client:
        answers = [
            client.post(
                "/auth/token-form",
                data={"username": f"from-{address}", "password": "secret"},
                headers={"X-Forwarded-For": address},
            )
            for address in ("198.51.100.1", "198.51.100.2")
        ]
    assert [answer.status_code for answer in answers] == statuses


def test_a_peer_is_kept_nowhere() -> None:
    api = shared()
    log_in(api, "team", peer="203.0.113.1")
    log_in(api, "team", "guess", peer="203.0.113.1")
    hosted = api.worlds.find("team")
    assert hosted
    entries = [*hosted.log, *api.unmatched]
    assert len(entries) == 2
    assert "203.0.113.1" not in str(entries)
    assert all("peer" not in to_json(entry)["request"] for entry in entries)


def test_the_admin_sees_how_many_worlds_were_dropped_and_frees_a_username() -> None:
    app = create_app(ServerSettings(host="192.0.2.1", admin_token="let-me-in", max_worlds=1))
    for name in ("team", "stranger"):
        log_in(app.api, name)
    admin = {"Authorization": "Bearer let-me-in"}
    with serve_in_thread(app) as url, httpx.Client(base_url=f"{url}/__mockaxle", headers=admin) as client:
        answer = client.get("/worlds").json()
        assert ([world["world"] for world in answer["worlds"]], answer["dropped"]) == (["stranger"], 1)
        assert [client.delete("/worlds/team").status_code for _ in range(2)] == [204, 404]
    assert log_in(app.api, "team", "another").status == 200
