"""A life with bank accounts, withdrawals and e-mails: recorded, replayed to the byte, dumped, loaded and forked."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.app import make_apply
from mockaxle.contract.document import load_contract
from mockaxle.core.bank_accounts import MAGIC_SORT_CODES
from mockaxle.core.clock import EPOCH
from mockaxle.core.records import PaymentStatus
from mockaxle.core.state import State
from mockaxle.core.withdrawals import PAID_BACK, Withdrawal
from mockaxle.recordings.applying import replay_here
from mockaxle.recordings.beginning import dump_base, load_base
from mockaxle.recordings.jsonl import Recording, read_recording, write_recording
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.dumping import dump, spelt
from mockaxle.scenarios.reading import read_scenario
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.world.commands.refusals import CommandRefused
from mockaxle.world.commands.snapshots import forked
from mockaxle.world.entries import from_json, to_json
from mockaxle.world.log import Log
from tests.commanding import carry_out
from tests.replaying import replay
from tests.server.homes import Home, link_account, visit, with_balance, withdrawal_path
from tests.server.test_withdrawals import link_with, mailed, move

APPLY = make_apply(load_contract())


def life() -> Iterator[HostedWorld]:
    """The world of a home after each of its steps."""
    home = with_balance(2345, minimum_withdrawal_pence=1)
    hosted = home.caller.api.worlds.find("acme")
    assert hosted
    for step in range(13):
        take(home, step)
        yield hosted


def take(home: Home, step: int) -> None:
    path = withdrawal_path(home, more="&enforce_two_factor_auth=true")
    if step in (0, 1, 6):
        visit(home, path, form={"action": "send_code"})
    elif step == 2:
        link_with(home, "wrong", path=path)
    elif step in (3, 7):
        link_with(home, mailed(home), "10-00-01" if step == 3 else "10-00-11", path=path, name="Ada Lovelace")
    elif step in (4, 8, 11):
        visit(home, path, "POST")
    elif step == 5:
        move(home, "failed")
    elif step == 9:
        home.until("2026-01-21T12:00:00")
        home.call("/rewards/{site}/transactions")
    elif step == 10:
        home.until("2026-01-26T12:00:00")
        link_account(home, "10-00-10", "1234567")
        link_account(home, "10-00-10")
    elif step == 12:
        home.caller.post("/entities/asset", {"external_id": "c", "type": "charger", "site_id": home.site_id})
        home.caller.post(f"/entities/site/{home.site_id}/offboard-site-and-assets")
        home.until("2026-01-28T12:00:00")
        home.caller.get("/entities/site")


def statuses(state: State) -> list[str]:
    return [one.status.value for one in state.withdrawals.all()]


def recorded(hosted: HostedWorld) -> str:
    return "".join(write_recording(Recording("acme", dump_base(hosted.log.base), tuple(hosted.log))))


@pytest.mark.rule("B10", "B11", "B12", "B13", "B14")
def test_a_life_with_money_replays_to_the_byte() -> None:
    *_, hosted = life()
    assert statuses(hosted.world.state) == ["failed", "returned", "failed"]
    kinds = [one.kind.value for one in hosted.world.state.emails]
    assert kinds == ["two_factor_code"] * 2 + ["payment_failure", "two_factor_code", "payment_failure"]
    log = [from_json(json.loads(json.dumps(to_json(entry)))) for entry in hosted.log]
    world, again = replay("acme", log, base=hosted.log.base)
    assert (again, world) == (list(hosted.log), hosted.world)
    assert [one for found in replay_here(read_recording(recorded(hosted)), APPLY) for one in found] == []


@pytest.mark.rule("B10", "B13")
def test_a_recording_may_begin_at_any_step_of_it() -> None:
    for step in range(13):
        for number, hosted in enumerate(life()):
            if number == step:
                hosted.log = Log(hosted.world)
        assert [one for found in replay_here(read_recording(recorded(hosted)), APPLY) for one in found] == []


@pytest.mark.rule("B10", "B12", "B13")
def test_every_state_of_it_is_loaded_as_it_was_written() -> None:
    for hosted in life():
        state = load_base("acme", json.loads(json.dumps(dump_base(hosted.world)))).state
        known = hosted.world.state
        assert (state.emails, list(state.withdrawals.all())) == (known.emails, list(known.withdrawals.all()))
        assert (state.codes, state.bank_accounts) == (known.codes, known.bank_accounts)
        assert list(state.withdrawals.current().due) == list(known.withdrawals.current().due)


@pytest.mark.rule("B10")
@pytest.mark.parametrize("format", ["toml", "json"])
def test_a_scenario_keeps_accounts_and_withdrawals(format: Any) -> None:
    for hosted in life():
        data = dump(hosted.world.state, clock=None)
        scenario = read_scenario(spelt(data, format), name="dump", format=format)
        assert dump(blueprint(scenario).state(b"", now=EPOCH), clock=None) == data


@pytest.mark.rule("B10")
def test_an_advance_in_one_step_or_in_many_gives_the_same() -> None:
    homes = [with_balance(2345) for _ in range(2)]
    for home in homes:
        link_account(home, "10-00-11")
        visit(home, withdrawal_path(home), "POST")
    for hour in range(1, 24 * 4):
        homes[0].clock.advance(hours=1)
        homes[0].caller.token = homes[0].caller.log_in().json["access_token"] if hour % 8 else homes[0].caller.token
        carry_out(homes[0].caller.api.worlds, "acme", "POST /clock/advance", {"by": "0s"})
    homes[1].clock.advance(hours=24 * 4 - 1)
    for home in homes:
        home.caller.token = home.caller.log_in().json["access_token"]
        home.call("/rewards/{site}/transactions")
    one, other = (home.caller.state for home in homes)
    assert list(one.withdrawals.all()) == list(other.withdrawals.all())
    assert [mail._replace(token=None) for mail in one.emails] == [mail._replace(token=None) for mail in other.emails]
    assert statuses(one) == ["returned"]


DOINGS = st.one_of(
    st.tuples(st.just("link"), st.sampled_from([code for code, _ in MAGIC_SORT_CODES])),
    st.tuples(st.just("withdraw"), st.just("")),
    st.tuples(st.just("wait"), st.sampled_from(["1", "30", "100"])),
    st.tuples(st.just("move"), st.sampled_from(list(PaymentStatus))),
)


@pytest.mark.property
@settings(max_examples=60)
@given(st.lists(DOINGS, max_size=14))
def test_after_anything_the_balance_is_what_no_withdrawal_holds(doings: list[tuple[str, str]]) -> None:
    home = with_balance(2345)
    for what, which in doings:
        if what == "link":
            link_account(home, which, confirmed="yes")
        elif what == "withdraw":
            visit(home, withdrawal_path(home), "POST")
        elif what == "wait":
            home.clock.advance(hours=int(which))
            home.caller.token = home.caller.log_in().json["access_token"]
        elif home.caller.state.withdrawals.order.live:
            with suppress(CommandRefused):
                move(home, which, [*home.caller.state.withdrawals.all()][-1].id)
        known = home.call("/rewards/{site}/info")["current_balance_pence"]
        listed = home.call("/rewards/{site}/transactions")["transactions"]
        held = sum(one["credit_pence"] for one in listed if one.get("payment_status") not in PAID_BACK)
        assert known == held == 2345 - sum(one.pence for one in live(home))
        paid = [one["payment_status"] for one in listed if one["transaction_type"] == "withdrawal"]
        assert paid == statuses(home.caller.state)
        assert known >= 0
    hosted = home.caller.api.worlds.find("acme")
    assert hosted
    assert replay("acme", list(hosted.log), base=hosted.log.base) == (hosted.world, list(hosted.log))


def live(home: Home) -> list[Withdrawal]:
    return [one for one in home.caller.state.withdrawals.all() if one.status not in PAID_BACK]


@pytest.mark.rule("B13")
def test_the_links_in_a_forks_emails_are_its_own() -> None:
    *_, hosted = life()
    parent = hosted.world
    world = forked(parent, "fork", snapshot=None, at=hosted.last_at, real_at=hosted.last_at)
    tokens = [one.token for one in world.state.emails if one.token is not None]
    assert tokens == [1, 2]
    assert [one.token for one in parent.state.emails if one.token is not None] != tokens
    newest = world.tokens.grants.get(2)
    assert newest
    assert newest.link
    assert newest.expires_at == world.state.emails[-1].at + timedelta(hours=48)


@pytest.mark.rule("B10")
def test_a_withdrawal_of_a_scenario_is_moved_by_hand_only() -> None:
    site = {"mpan": "2000000000006", "balance_pence": 5000}
    paid = [{"type": "withdrawal", "credit_pence": -2000, "payment_status": "processing"}]
    paid += [{"type": "withdrawal", "credit_pence": -1000}]
    home = Home()
    carry_out(home.caller.api.worlds, "acme", "PUT /scenario", {"sites": [{**site, "transactions": paid}]})
    home.site_id = home.caller.get("/entities/site").json["sites"][0]["id"]
    home.until("2026-03-20T18:00:00")
    assert statuses(home.caller.state) == ["processing", "posted"]
    for to in ("failed", "returned"):
        transactions = home.call("/rewards/{site}/transactions")["transactions"]
        number = 0 if to == "failed" else 1
        move(home, to, transactions[number]["transaction_id"])
    assert home.call("/rewards/{site}/info")["current_balance_pence"] == 5000
