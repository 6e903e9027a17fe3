"""The lines of a finding can be pasted into a shell: they make what the call names, and then make the call."""

import json
import shlex
import subprocess
from dataclasses import replace

import pytest

from mockaxle.harness.bodies import onboarding
from mockaxle.harness.operations import LIST_SITES, OFFBOARD, ONBOARD, READ_ASSET, READ_SITE, UNENROL
from mockaxle.harness.reproduction import Repeating, variables
from mockaxle.harness.run import Judge, Run
from mockaxle.world.entries import Exchange
from tests.harness.test_causes import found
from tests.harness.test_cleaning import a_run


def lines_of(run: Run, *exchanges: Exchange, story: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The lines of a finding about the last of these exchanges."""
    finding = replace(found("L1d", "it is wrong"), exchanges=exchanges, story=story)
    return Repeating(run.target.exchanges, username="checked").lines(finding)


def test_the_lines_repeat_a_call_in_a_new_site(url: str) -> None:
    with a_run(url) as run:
        mpan = run.homes.next()
        made = run.main.call(ONBOARD, onboarding(run, mpan, name="one"))
        run.main.call(ONBOARD, onboarding(run, run.homes.next(), name="another"))
        site_id = str(made.value("site", "site_id"))
        run.main.call(UNENROL, {"proposition": "limited_pause"}, site_id=site_id)
        lines = lines_of(run, run.main.call(READ_SITE, site_id=site_id).exchange)
        run.main.call(OFFBOARD, site_id=site_id)
        environment = {"BASE": url, "TOKEN": run.main.bearer, "PATH": "/usr/local/bin:/usr/bin:/bin"}
        done = subprocess.run(["sh", "-eu"], input="\n".join(lines), env=environment, capture_output=True, text=True)
    assert len(lines) == 3, "onboard, unenrol and read"
    assert variables(lines) == "BASE and TOKEN"
    unenrolled, _, read = done.stdout.partition("}")
    assert ('"status":"unenrolled"' in unenrolled, json.loads(read)["mpan"]) == (True, mpan), done
    assert json.loads(read)["id"] != site_id


def test_calls_that_concern_something_else_are_left_out(url: str) -> None:
    with a_run(url) as run:
        made = run.main.call(ONBOARD, onboarding(run, run.homes.next(), name="one"))
        run.main.call(UNENROL, {"proposition": "limited_pause"}, site_id=str(made.value("site", "site_id")))
        asset_id = str(made.value("assets", 0, "asset_id"))
        lines = lines_of(run, run.main.call(READ_ASSET, asset_id=asset_id).exchange)
    assert (len(lines), lines[0].startswith("asset_1=$(curl")) == (2, True)


def test_of_an_mpan_the_calls_of_its_last_site_are_needed(url: str) -> None:
    with a_run(url) as run:
        mpan = run.homes.next()
        for name in ("one", "two"):
            made = run.main.call(ONBOARD, onboarding(run, mpan, name=name))
            run.main.call(OFFBOARD, site_id=str(made.value("site", "site_id")))
        run.main.call(ONBOARD, onboarding(run, mpan, name="three"))
        again = run.main.call(ONBOARD, onboarding(run, mpan, name="three")).exchange
        lines = lines_of(run, again)
        assert ([line.count("-Three") for line in lines], lines[0]) == ([1, 1], lines[1])
        assert len(lines_of(run, run.target.exchanges[-2], again, story=("1. onboard",))) == 2


def test_another_token_and_a_password_have_variables_of_their_own(url: str) -> None:
    with a_run(url) as run:
        other = replace(run.main, username="other", password="demo")
        log_in = other.log_in().exchange
        assert variables(lines_of(run, other.call(LIST_SITES).exchange)) == "BASE and OTHER_TOKEN"
        assert variables(lines_of(run, log_in)) == "BASE and PASSWORD"
        broken = run.main.with_token("broken").call(LIST_SITES)
        finding = Judge(run, "auth").finding(broken, of="A3b", title="it is wrong", expected="401")
    (line,) = Repeating(run.target.exchanges, username="checked").lines(finding)
    assert (variables([line]), "broken" in line) == ("BASE and OTHER_TOKEN", False)


@pytest.mark.parametrize("key", ["it's", '"$(touch owned)"', "`touch owned`"])
def test_a_key_that_a_server_made_up_is_not_run_by_the_shell(url: str, key: str) -> None:
    with a_run(url) as run:
        made = run.main.call(ONBOARD, onboarding(run, run.homes.next(), name="one"))
        site_id = str(made.value("site", "site_id"))
        body = json.dumps({key: {"site_id": site_id}}).encode()
        written = made.exchange._replace(response=made.exchange.response._replace(body=body))
        run.target.exchanges[:] = [written]
        first = lines_of(run, run.main.call(READ_SITE, site_id=site_id).exchange)[0]
    inner = shlex.split(first.removeprefix("site_1=$(").removesuffix(")"))
    assert inner[-1] == f"import json, sys; print(json.load(sys.stdin)[{key!r}]['site_id'])"
