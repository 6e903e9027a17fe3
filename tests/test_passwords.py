"""Passwords are hashed outside the event loop, and only wrong passwords delay the next attempt."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from time import process_time, thread_time
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from mockaxle.app import App, create_app
from mockaxle.core.limits import MAX_GUESSED_USERNAMES
from mockaxle.scenarios.sections import AccountSection, Scenario
from mockaxle.serving.api import Api
from mockaxle.serving.passwords import Guess, Guesses, Passwords, PasswordUnhashed
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.commands.refusals import UsernameTaken
from mockaxle.world.entries import Request
from tests.calling import FORM, Caller, answered
from tests.clocks import ManualClock
from tests.commanding import carrying_out

GUESSERS, GUESSES_EACH = 8, 5
LISTED = Scenario(accounts=(AccountSection(username="known", password="secret"),))


def shared_app(clock: ManualClock | None = None) -> App:
    return create_app(ServerSettings(host="192.0.2.1"), clock=clock or ManualClock())


def log_in_form(username: str, password: str) -> Request:
    form = urlencode({"username": username, "password": password}).encode()
    return Request("POST", "/auth/token-form", headers=(FORM,), body=form)


def delay_of(api: Api, username: str, password: str = "guess") -> float:
    """The seconds after which a log-in's password is looked at."""
    with pytest.raises(PasswordUnhashed) as raised:
        api.attempt(log_in_form(username, password))
    return raised.value.delay_seconds


async def post(app: App, username: str, password: str, *, peer: str = "203.0.113.1") -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://192.0.2.1") as client:
        return await client.post("/auth/token-form", data={"username": username, "password": password})


def test_guessers_cost_the_event_loop_next_to_nothing() -> None:
    app = shared_app()
    names = [f"team-{number}" for number in range(GUESSERS * GUESSES_EACH)]
    for name in names:
        Caller(app.api, name)

    async def guess(mine: list[str]) -> set[int]:
        return {(await post(app, name, "guess")).status_code for name in mine}

    async def all_guess() -> list[set[int]]:
        return await asyncio.gather(*(guess(names[number::GUESSERS]) for number in range(GUESSERS)))

    whole, loop = process_time(), thread_time()
    statuses = asyncio.run(all_guess())
    whole, loop = process_time() - whole, thread_time() - loop
    assert statuses == [{401}] * GUESSERS
    assert loop < whole / 2


def test_other_calls_do_not_queue_behind_guesses() -> None:
    app = shared_app()
    team = Caller(app.api, "team")
    names = [f"other-{number}" for number in range(4 * GUESSERS)]
    for name in names:
        Caller(app.api, name)

    async def race() -> int:
        guesses = [asyncio.create_task(post(app, name, "guess")) for name in names]
        await asyncio.sleep(0)
        bearer = {"Authorization": f"Bearer {team.token}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock") as client:
            assert (await client.get("/auth/users/me/", headers=bearer)).status_code == 200
        answered = sum(guess.done() for guess in guesses)
        await asyncio.gather(*guesses)
        return answered

    assert asyncio.run(race()) < len(names)


def test_another_address_logs_in_ahead_of_a_guessers_queue() -> None:
    app = shared_app()
    names = [f"other-{number}" for number in range(4 * GUESSERS)]
    for name in names:
        Caller(app.api, name)

    async def race() -> int:
        guesses = [asyncio.create_task(post(app, name, "guess")) for name in names]
        await asyncio.sleep(0)
        assert (await post(app, "team", "ours", peer="203.0.113.2")).status_code == 200
        answered = sum(guess.done() for guess in guesses)
        await asyncio.gather(*guesses)
        return answered

    assert asyncio.run(race()) < len(names) / 2


async def fork(api: Api) -> None:
    await api.worlds.fork("team", snapshot=None, username=None)


async def add_account(api: Api) -> None:
    await api.worlds.add_account("team", AccountSection(username="team-2", password="secret"))


async def load(api: Api) -> None:
    accounts = [{"username": f"team-{number}", "password": "secret"} for number in range(3, 6)]
    await carrying_out(api.worlds, "team", "PUT /scenario", {"accounts": accounts})


async def fork_into_a_taken_name(api: Api) -> None:
    await api.worlds.fork("team", snapshot=None, username="taken")


async def add_a_taken_account(api: Api) -> None:
    await api.worlds.add_account("team", AccountSection(username="taken", password="secret"))


async def load_a_taken_account(api: Api) -> None:
    accounts = [{"username": "taken", "password": "secret"}]
    await carrying_out(api.worlds, "team", "PUT /scenario", {"accounts": accounts})


@pytest.mark.parametrize("act", [fork, add_account, load])
def test_control_hashes_outside_the_event_loop_too(act: Callable[[Api], Awaitable[None]]) -> None:
    api = Caller(shared_app().api, "team").api

    async def measured() -> tuple[float, float]:
        whole, loop = process_time(), thread_time()
        await act(api)
        return process_time() - whole, thread_time() - loop

    whole, loop = asyncio.run(measured())
    assert loop < whole / 2


def test_one_worlds_control_hashes_ahead_of_anothers_queue() -> None:
    api = shared_app().api
    for name in ("team", "busy"):
        Caller(api, name)
    sections = [AccountSection(username=f"busy-{number}", password="secret") for number in range(4 * GUESSERS)]

    async def race() -> int:
        added = [asyncio.create_task(api.worlds.add_account("busy", section)) for section in sections]
        await asyncio.sleep(0)
        await fork(api)
        done = sum(one.done() for one in added)
        await asyncio.gather(*added)
        return done

    assert asyncio.run(race()) < len(sections) / 2


@pytest.mark.parametrize("act", [fork_into_a_taken_name, add_a_taken_account, load_a_taken_account])
def test_what_control_refuses_is_not_hashed(act: Callable[[Api], Awaitable[None]]) -> None:
    api = Caller(shared_app().api, "team").api
    Caller(api, "taken")

    async def refused() -> None:
        for _ in range(8):
            with pytest.raises(UsernameTaken):
                await act(api)

    asyncio.run(refused())
    began = process_time()
    asyncio.run(refused())
    middle = process_time()
    for _ in range(8):
        Passwords(bytes(32)).hashed("secret")
    assert middle - began < (process_time() - middle) / 2


@pytest.mark.rule("T5")
def test_an_unhashed_password_changes_nothing() -> None:
    api = shared_app().api
    assert delay_of(api, "team") == 0
    assert (len(api.worlds), len(api.unmatched)) == (0, 0)
    assert answered(api, log_in_form("team", "ours")).status == 200
    assert answered(api, log_in_form("team", "guess")).status == 401


def test_a_log_in_that_is_cancelled_leaves_nothing_behind() -> None:
    app = shared_app()

    async def cancelled() -> None:
        attempt = asyncio.create_task(post(app, "team", "guess"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert attempt.cancel()
        await asyncio.gather(attempt, return_exceptions=True)

    asyncio.run(cancelled())
    assert (len(app.api.worlds), len(app.api.unmatched)) == (0, 0)
    assert asyncio.run(post(app, "team", "ours")).status_code == 200


def test_where_no_password_is_kept_none_is_hashed() -> None:
    api = create_app().api
    assert [answered(api, log_in_form("team", one)).status for one in ("any", "other")] == [200, 200]


@pytest.mark.rule("T5")
def test_each_wrong_password_makes_the_next_wait_longer_until_the_right_one() -> None:
    clock = ManualClock()
    api = shared_app(clock).api
    answered(api, log_in_form("team", "ours"))
    delays = []
    for _ in range(8):
        delays.append(delay_of(api, "team"))
        answered(api, log_in_form("team", "guess"))
    assert delays == [0, 0.125, 0.25, 0.5, 1, 2, 4, 4]
    assert delay_of(api, "other") == 0
    clock.advance(seconds=3)
    assert delay_of(api, "team", "ours") == 1
    answered(api, log_in_form("team", "ours"))
    assert delay_of(api, "team") == 0


@pytest.mark.rule("A2", "T5")
def test_a_known_username_and_an_unknown_one_are_answered_alike() -> None:
    api = create_app(scenario=LISTED, clock=ManualClock()).api

    def costs(username: str) -> float:
        spent = []
        for _ in range(8):
            began = process_time()
            assert answered(api, log_in_form(username, "guess")).status == 401
            spent.append(process_time() - began)
        return min(spent)

    assert 0.5 < costs("known") / costs("unknown") < 2
    assert delay_of(api, "known") == delay_of(api, "unknown") == 4


class Sleeper:
    """Guesses on a clock that sleeping sets forward."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.slept: list[float] = []
        self.passwords = Passwords(bytes(32))
        self.right = self.passwords.hashed("right")
        self.guesses = Guesses(self.passwords, self.clock, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self.clock.advance(seconds=seconds)

    async def guess(self, password: str, *, peer: str = "") -> bytes:
        guess = Guess("team", password, peer, lambda hashed: hashed == self.right)
        return await PasswordUnhashed(guess, self.guesses).hashed_aside()

    def guess_together(self, *guesses: Coroutine[Any, Any, bytes]) -> list[bytes]:
        async def together() -> list[bytes]:
            return await asyncio.gather(*guesses)

        return asyncio.run(together())


def test_the_delay_passes_before_the_hash() -> None:
    sleeper = Sleeper()
    hashed = sleeper.guess_together(sleeper.guess("wrong"), sleeper.guess("right"))
    assert hashed == [sleeper.passwords.hashed("wrong"), sleeper.right]
    assert sleeper.slept == [0.125]


@pytest.mark.parametrize("peers", [1, 12])
@pytest.mark.rule("T5")
def test_guesses_that_are_sent_together_wait_as_long_as_those_that_are_not(peers: int) -> None:
    sleeper = Sleeper()
    sleeper.guess_together(*(sleeper.guess(f"guess-{number}", peer=str(number % peers)) for number in range(12)))
    assert sleeper.slept == [0.125, 0.25, 0.5, 1, 2, 4, 4, 4, 4, 4, 4]


def test_log_ins_that_are_sent_together_wait_for_each_other() -> None:
    app = create_app(ServerSettings(host="192.0.2.1"))
    Caller(app.api, "team")

    async def spent_seconds() -> float:
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(post(app, "team", f"guess-{number}") for number in range(3)))
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(spent_seconds()) >= 0.125 + 0.25


@pytest.mark.rule("T5")
def test_a_right_password_is_not_delayed_behind_its_own_siblings() -> None:
    sleeper = Sleeper()
    sleeper.guess_together(*(sleeper.guess("right") for _ in range(16)))
    assert sleeper.slept == []
    sleeper.guess_together(sleeper.guess("wrong"), *(sleeper.guess("right") for _ in range(16)))
    assert sleeper.slept == [0.125]


def test_who_guesses_a_lot_holds_up_another_address_by_one_guess() -> None:
    sleeper = Sleeper()
    guesses = [sleeper.guess(f"guess-{number}", peer="203.0.113.1") for number in range(30)]

    async def waited() -> float:
        queue = [asyncio.create_task(guess) for guess in guesses]
        await asyncio.sleep(0)
        await sleeper.guess("right", peer="203.0.113.2")
        waited = sum(sleeper.slept)
        await asyncio.gather(*queue)
        return waited

    assert asyncio.run(waited()) == 0.125


def test_the_usernames_whose_guesses_are_counted_are_bounded() -> None:
    guesses = Guesses(Passwords(bytes(32)), ManualClock())
    for number in range(MAX_GUESSED_USERNAMES + 1):
        guesses.was_wrong(str(number))
    assert [guesses.delay_seconds(name) for name in ("0", "1")] == [0, 0.125]
