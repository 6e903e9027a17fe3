"""`mockaxle windows`."""

import json

from tests.cli.test_freeze import here
from tests.cli.test_serve import run
from tests.control.controlling import Controller, controller

__all__ = ["controller"]
ONCE = {"from_at": "2040-01-20T03:00:00Z", "to_at": "2040-01-20T05:00:00Z", "price_gbp_per_mwh": 250.5}
PRICE = {"at": "2040-01-20T00:00:00Z", "price_gbp_per_mwh": 1}


def test_it_lists_the_windows_with_id_time_and_price(controller: Controller) -> None:
    controller.done("DELETE", "/market/windows/evening")
    controller.done("POST", "/market/windows", ONCE)
    controller.done("POST", "/market/prices", {"prices": [PRICE]})
    done = run("windows", *here(controller))
    assert done.returncode == 0
    assert [line.split("  ")[-1].strip() for line in done.stdout.splitlines()] == [
        "90.0 GBP/MWh",
        "250.5 GBP/MWh",
        "1 half-hour with a price of its own",
    ]
    assert done.stdout.startswith("night  daily 01:00:00 to 02:00:00 UTC ")
    assert "\nw1     2040-01-20T03:00:00+00:00 to 2040-01-20T05:00:00+00:00  250.5 GBP/MWh\n" in done.stdout


def test_a_market_without_windows_is_said(controller: Controller) -> None:
    for id in ("night", "evening"):
        controller.done("DELETE", f"/market/windows/{id}")
    assert run("windows", *here(controller)).stdout == "no flex windows\n"


def test_json_is_the_answer_of_control(controller: Controller) -> None:
    assert json.loads(run("windows", "--json", *here(controller)).stdout) == controller.done("GET", "/market")
