"""Everything that a world is survives a crash: accounts, forks, drops, tokens, faults, secrets, the outbox."""

from datetime import timedelta

import pytest

from mockaxle.core.errors import StaleToken
from mockaxle.scenarios.sections import AccountSection, Scenario
from mockaxle.serving.credentials import address_of
from mockaxle.serving.settings import JournalSettings, ServerSettings
from tests.calling import CHARGER, Caller
from tests.clocks import ManualClock
from tests.commanding import carry_out
from tests.journals.conftest import EACH_ENGINE, StartLasting
from tests.journals.lasting_app import KEY, LastingApp

pytestmark = EACH_ENGINE

SHARED = ServerSettings(seed="replay", signing_key=KEY, shared=True)


def fork(server: LastingApp, name: str) -> str:
    username, _ = server.on_loop(server.journalled.fork(name, snapshot=None, username=None))
    server.on_loop(server.journalled.until_kept(username))
    return username


def log_in_status(server: LastingApp, username: str, password: str) -> int:
    return Caller(server, username, log_in=False).log_in(password).status  # type: ignore[arg-type]


def test_a_home_and_its_token_survive_a_crash(start_lasting: StartLasting) -> None:
    server = start_lasting()
    caller = Caller(server)  # type: ignore[arg-type]
    site = caller.onboard().json["site"]["site_id"]
    server.restart()
    assert caller.get(f"/entities/site/{site}").status == 200
    other = {"mpan": "1000000000099", "street_address": "8 Canal Row", "postcode": "M1 1AE"}
    assert caller.post("/entities/site", other).status == 200
    assert len({one["id"] for one in caller.get("/entities/site").json["sites"]}) == 2


def test_tokens_and_ids_go_on_where_they_were(start_lasting: StartLasting) -> None:
    server = start_lasting()
    first = Caller(server)  # type: ignore[arg-type]
    server.restart()
    second = Caller(server)  # type: ignore[arg-type]
    assert (first.world.tokens.issued, second.token != first.token) == (2, True)
    assert first.get("/auth/users/me/").status == 200


def test_a_fork_survives_with_its_parent(start_lasting: StartLasting) -> None:
    server = start_lasting()
    parent = Caller(server)  # type: ignore[arg-type]
    site = parent.onboard().json["site"]["site_id"]
    name = fork(server, "acme")
    carry_out(server.worlds, "acme", "POST /reset", {})
    server.restart()
    child = Caller(server, name)  # type: ignore[arg-type]
    assert [one.get(f"/entities/site/{site}").status for one in (child, parent)] == [200, 404]


def test_a_dropped_world_stays_dropped_and_its_name_begins_anew(start_lasting: StartLasting) -> None:
    server = start_lasting()
    caller = Caller(server)  # type: ignore[arg-type]
    caller.onboard()

    async def drop() -> None:
        server.journalled.drop("acme")
        await server.journalled.until_kept("acme")

    server.on_loop(drop())
    server.restart()
    assert server.journalled.names() == ()
    assert caller.get("/auth/users/me/").status == 401
    again = Caller(server)  # type: ignore[arg-type]
    server.restart()
    assert (again.get("/entities/site").json["sites"], caller.get("/entities/site").status) == ([], 401)


def test_a_password_is_kept_and_a_wrong_one_refused(start_lasting: StartLasting) -> None:
    server = start_lasting(settings=SHARED)
    assert log_in_status(server, "team", "ours") == 200
    server.restart()
    assert [log_in_status(server, "team", word) for word in ("theirs", "ours")] == [401, 200]


def test_an_account_that_control_added_lasts(start_lasting: StartLasting) -> None:
    server = start_lasting()
    Caller(server)  # type: ignore[arg-type]
    reader = AccountSection.model_validate({"username": "reader", "kind": "read_only", "password": "secret"})

    async def add() -> None:
        await server.journalled.add_account("acme", reader)
        await server.lasting._keeper._lane.until_kept(f"@{address_of('reader')}")

    server.on_loop(add())
    server.restart()
    caller = Caller(server, "reader")  # type: ignore[arg-type]
    assert (caller.get("/entities/site").status, caller.onboard().status) == (200, 403)
    assert server.journalled.names() == ("acme",)


def test_counters_of_faults_and_awkward_answers_go_on(start_lasting: StartLasting) -> None:
    server = start_lasting()
    caller = Caller(server)  # type: ignore[arg-type]
    carry_out(server.worlds, "acme", "POST /faults", {"kind": "status", "status": 503, "count": 2})
    assert caller.get("/entities/site").status == 503
    server.restart()
    assert [caller.get("/entities/site").status for _ in range(2)] == [503, 200]


def test_more_worlds_than_memory_holds_are_all_there(start_lasting: StartLasting) -> None:
    server = start_lasting(settings=ServerSettings(seed="replay", signing_key=KEY, max_worlds=2))
    callers = [Caller(server, f"team-{n}") for n in range(5)]  # type: ignore[arg-type]
    for one in callers:
        one.onboard()
    assert [len(one.get("/entities/site").json["sites"]) for one in callers] == [1] * 5
    assert (len(server.journalled), len(server.journalled.names())) == (2, 5)
    server.restart()
    assert len(server.journalled) == 0
    assert [len(one.get("/entities/site").json["sites"]) for one in callers] == [1] * 5


def test_a_log_in_does_not_leave_memory_before_its_next_call(start_lasting: StartLasting) -> None:
    server = start_lasting(settings=ServerSettings(seed="replay", signing_key=KEY, max_worlds=20))
    for number in range(20):
        Caller(server, f"team-{number}").onboard()  # type: ignore[arg-type]
    for name in ("new", "newer"):
        Caller(server, name)  # type: ignore[arg-type]
    names = [f"team-{number}" for number in range(20)]
    assert [name for name in (*names, "new", "newer") if server.journalled.in_memory(name) is None] == names[:2]


def test_with_refuse_the_limit_counts_the_worlds_of_the_journal(start_lasting: StartLasting) -> None:
    settings = ServerSettings(seed="replay", signing_key=KEY, max_worlds=2, when_full="refuse")
    server = start_lasting(settings=settings)
    assert [log_in_status(server, name, "x") for name in ("a", "b", "c")] == [200, 200, 503]
    server.restart()
    assert [log_in_status(server, name, "x") for name in ("c", "a")] == [503, 200]


def test_a_receivers_secret_and_its_messages_last(start_lasting: StartLasting) -> None:
    server = start_lasting()
    caller = Caller(server)  # type: ignore[arg-type]
    hosted = server.worlds.find("acme")
    body = {"url": "http://127.0.0.1:9/{asset_id}", "kind": "schedules", "held": True}
    carry_out(server.worlds, "acme", "PUT /receivers/{name}", body, name="partner")

    async def keep_secret() -> None:
        server.journalled.set_secrets(hosted, {"partner": "whsec_a-secret"})
        await server.lasting._keeper._lane.until_kept(f"@{address_of('acme')}")

    server.on_loop(keep_secret())
    asset_id = caller.onboard(assets=[CHARGER], proposition="full_asset_schedule_control").json["assets"][0]["asset_id"]
    caller.post(f"/entities/asset/{asset_id}/event/plug-in", {})
    before = hosted.world.state.outbox
    server.restart()
    after = server.worlds.find("acme")
    assert (after.secrets, after.world.state.outbox) == ({"partner": "whsec_a-secret"}, before)
    assert before.open_count > 0


def test_untouched_worlds_are_dropped(start_lasting: StartLasting) -> None:
    clock = ManualClock()
    server = start_lasting(clock=clock)
    Caller(server, "old")  # type: ignore[arg-type]
    server.restart()
    clock.advance(days=20)
    Caller(server, "young")  # type: ignore[arg-type]
    clock.advance(days=11)

    async def drop() -> list[str]:
        gone = server.journalled.drop_untouched(timedelta(days=30))
        await server.journalled.until_kept("old")
        return gone

    assert server.on_loop(drop()) == ["old"]
    server.restart()
    assert server.journalled.names() == ("young",)


def test_only_the_newest_bases_are_kept(start_lasting: StartLasting) -> None:
    server = start_lasting(journal=JournalSettings(base_characters=1, log_entries=4))
    caller = Caller(server)  # type: ignore[arg-type]
    for _ in range(400):
        caller.get("/auth/users/me/")
        carry_out(server.worlds, "acme", "PATCH /settings", {"pause_minutes": 60})
    server.keep_reads()
    address = address_of("acme")
    assert len(server.engine.base_numbers(address)) < 20
    assert len(server.engine.rows(address)) < 60
    server.restart()
    assert caller.world.state.reference.settings.pause_minutes == 60


@pytest.mark.parametrize("crashed", [True, False])
def test_a_stale_opening_is_refused_after_a_restart(start_lasting: StartLasting, crashed: bool) -> None:
    server = start_lasting()
    caller = Caller(server)  # type: ignore[arg-type]
    server.restart(crashed=crashed)
    with pytest.raises(StaleToken):
        server.app.api.worlds.bearers.authenticate(b"Bearer nothing.of.ours")
    assert caller.get("/auth/users/me/").status == 200


def test_a_password_of_the_scenario_that_control_changed_lasts(start_lasting: StartLasting) -> None:
    scenario = Scenario.model_validate({"accounts": [{"username": "demo", "password": "first"}]})
    server = start_lasting(scenario=scenario)
    assert log_in_status(server, "demo", "first") == 200
    carry_out(server.worlds, "demo", "PUT /scenario", {"accounts": [{"username": "demo", "password": "second"}]})
    for _ in range(2):
        assert [log_in_status(server, "demo", word) for word in ("first", "second")] == [401, 200]
        server.restart()
