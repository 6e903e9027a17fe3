"""`mockaxle freeze`."""

import json

from tests.calling import onboarding
from tests.cli.test_serve import run
from tests.control.controlling import Controller, controller

__all__ = ["controller"]


def here(controller: Controller) -> tuple[str, ...]:
    """The options that name the account."""
    return "--url", str(controller.client.base_url), "--username", controller.username


def test_it_freezes_at_an_instant_and_lets_the_clock_run_from_there(controller: Controller) -> None:
    instant = "2040-01-20T22:00:00+00:00"
    assert run("freeze", "2040-01-20T22:00:00Z", *here(controller)).stdout == f"{instant}\n"
    assert (controller.done("GET", "/clock")["now"], controller.done("GET", "/clock")["mode"]) == (instant, "frozen")
    done = run("freeze", "--off", *here(controller))
    assert (done.returncode, done.stdout) == (0, f"{instant}\n")
    assert controller.done("GET", "/clock")["rate"] == 1


def test_without_an_instant_the_clock_stops_where_it_is(controller: Controller) -> None:
    printed = run("freeze", *here(controller)).stdout
    assert controller.done("GET", "/clock")["now"] == printed.strip()


def test_json_is_the_answer_of_control(controller: Controller) -> None:
    printed = json.loads(run("freeze", "--json", *here(controller)).stdout)
    clock = controller.done("GET", "/clock")
    assert printed == {name: clock[name] for name in ("now", "mode", "rate")}


def test_an_error_is_one_line(controller: Controller) -> None:
    controller.call("POST", "/entities/site/onboard", onboarding())
    for wrong, words in (
        (("soon",), "'soon' is not an instant such as"),
        (("2040-01-20T22:00:00Z", "--off"), "cannot be used together"),
        (("1999-01-01T00:00:00Z",), "A clock cannot go back"),
    ):
        done = run("freeze", *wrong, *here(controller))
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert words in done.stderr
