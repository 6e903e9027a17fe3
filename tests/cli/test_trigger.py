"""`mockaxle trigger`."""

from tests.calling import onboarding
from tests.cli.test_serve import run
from tests.control.controlling import Controller, controller
from tests.deliveries.partners import FULL, NAME

__all__ = ["controller"]


def plugged_in(controller: Controller) -> tuple[str, ...]:
    """Plug a car in, and return the options that name the account."""
    made = controller.call("POST", "/entities/site/onboard", onboarding(proposition=FULL)).json()
    controller.call("POST", f"/entities/asset/{made['assets'][0]['asset_id']}/event/plug-in", {})
    return "--url", str(controller.client.base_url), "--username", controller.username


def test_it_says_a_message_and_prints_where_it_goes(controller: Controller) -> None:
    here = plugged_in(controller)
    done = run("trigger", "schedule", "--asset", NAME, *here)
    last = controller.done("GET", "/messages")["messages"][-1]
    assert (done.returncode, done.stdout) == (0, f"{last['id']}  to nobody: there is no receiver  kept\n")
    body = {"url": "http://127.0.0.1:9/{asset_id}", "kind": "schedules", "held": True}
    controller.done("PUT", "/receivers/mine", body)
    done = run("trigger", "schedule", "--site", "1000000000012", "--receiver", "mine", *here)
    assert done.stdout.endswith("  to mine  held\n")


def test_an_error_is_one_line_and_says_what_is_missing(controller: Controller) -> None:
    here = plugged_in(controller)
    wrongs: tuple[tuple[tuple[str, ...], str], ...] = (
        (("schedule", "--asset", "nobody"), "There is no asset 'nobody'"),
        (("vpp:dispatch:requested",), "POST dispatches makes one"),
        (("schedule",), "needs asset_id or site_id"),
        (("schedule", "--asset", "a", "--site", "b"), "cannot be used together"),
        (("plan",), "is not one of"),
        (("schedule", "--asset", NAME, "--receiver", "nobody"), "There is no receiver 'nobody'"),
    )
    for wrong, words in wrongs:
        done = run("trigger", *wrong, *here)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert words in done.stderr
