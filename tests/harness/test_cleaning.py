"""What a check creates is removed again, or named, also where only the lists of sites and assets tell of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mockaxle.app import App
from mockaxle.client.client import Client
from mockaxle.client.log_in import bearer
from mockaxle.contract.document import load_contract
from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.bodies import onboarding
from mockaxle.harness.cleaning import Inventory, clean_up, inventory, note_what_is_there
from mockaxle.harness.run import Homes, Run
from mockaxle.harness.target import Target
from mockaxle.serving.listener import serve_in_thread
from tests.harness.test_check import control, sites_of

OFFBOARD = "POST /entities/site/{site_id}/offboard-site-and-assets"


@contextmanager
def a_run(url: str) -> Iterator[Run]:
    with Client(url) as client:
        account = CheckedAccount(Target(url, client, time.monotonic() + 60), "checked", "demo")
        account.log_in()
        yield Run(account.target, account, load_contract(), Homes((), 1), 1, 5)


def unseen(run: Run, name: str) -> None:
    """A site whose answer the run does not see, as where a child process makes it."""
    body = onboarding(run, run.homes.next(), name=name)
    made = run.target.client.call("POST", "/entities/site/onboard", json=body, headers=bearer(run.main.bearer))
    assert made.status == 200, made.text


def test_what_a_child_process_created_is_removed_and_what_was_there_stays(app: App, url: str) -> None:
    with a_run(url) as run:
        unseen(run, "a-customer's")
        note_what_is_there(run)
        before = inventory(run)
        unseen(run, "a-child's")
        assert clean_up(run) == []
        assert (inventory(run), len(before.sites), sites_of(app)) == (before, 1, 1)


def test_what_cannot_be_removed_is_named(app: App, url: str) -> None:
    with a_run(url) as run:
        note_what_is_there(run)
        unseen(run, "a-child's")
        made = inventory(run)
        control(url, "POST", "/faults", {"kind": "status", "status": 500, "operation": OFFBOARD})
        control(
            url, "POST", "/faults", {"kind": "status", "status": 500, "operation": "DELETE /entities/asset/{asset_id}"}
        )
        assert clean_up(run) == [f"site {made.sites[0]}", f"asset {made.assets[0]}"]
        assert sites_of(app) == 1


def test_lists_that_cannot_be_read_are_said_to_hide_something(url: str) -> None:
    fault = {"kind": "status", "status": 500, "operation": "GET /entities/site"}
    with a_run(url) as run:
        control(url, "POST", "/faults", fault)
        note_what_is_there(run)
        (named,) = clean_up(run)
    assert (
        named == "perhaps further sites and assets, which could not be listed: the lists could not be read at the start"
    )


class Paging:
    """An app whose pages have one item each, whatever the limit."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            query = scope["query_string"].replace(b"limit=5000", b"limit=1")
            scope = {**scope, "query_string": query}
        await self._app(scope, receive, send)


def test_every_page_of_a_list_is_read(app: App) -> None:
    with serve_in_thread(Paging(app)) as url, a_run(url) as run:
        assert inventory(run) == Inventory((), ())
        for name in ("one", "two", "three"):
            unseen(run, name)
        listed = inventory(run)
    assert (len(listed.sites), len(listed.assets)) == (3, 3)
