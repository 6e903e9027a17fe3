"""Several accounts in one world, with roles."""

from itertools import count

import httpx
import pytest

from tests.calling import onboarding
from tests.control.controlling import Controller

_numbers = count()


def add(controller: Controller, **account: object) -> str:
    username = f"guest-{next(_numbers)}"
    controller.done("POST", "/accounts", {"username": username, **account})
    return username


def log_in(client: httpx.Client, username: str, password: str = "secret") -> int:
    form = {"username": username, "password": password}
    return client.post("/auth/token-form", data=form).status_code


@pytest.mark.rule("A4", "A5", "A6")
def test_a_read_only_account_sees_the_world_and_changes_nothing(controller: Controller) -> None:
    site_id = controller.call("POST", "/entities/site/onboard", onboarding()).json()["site"]["site_id"]
    guest = Controller(controller.client, add(controller, kind="read_only"))
    assert guest.call("GET", "/auth/users/me/").json()["roles"] == ["entity_read", "rewards", "lookup"]
    assert guest.call("GET", f"/entities/site/{site_id}").status_code == 200
    refused = guest.call("PATCH", f"/entities/site/{site_id}", {"address": "9 Canal Row"})
    assert (refused.status_code, refused.json()) == (403, {"detail": "The role entity_write is missing"})
    assert refused.headers["x-mockaxle-rules"] == "A4;O"


def test_a_further_full_account_shares_the_world(controller: Controller) -> None:
    guest = Controller(controller.client, add(controller))
    site_id = guest.call("POST", "/entities/site/onboard", onboarding()).json()["site"]["site_id"]
    assert controller.call("GET", f"/entities/site/{site_id}").status_code == 200
    accounts = controller.done("GET", "/accounts")["accounts"]
    assert {account["username"] for account in accounts} == {controller.username, guest.username}


def test_a_password_that_is_set_is_needed(controller: Controller) -> None:
    username = add(controller, password="swordfish")
    assert log_in(controller.client, username) == 401
    assert log_in(controller.client, username, "swordfish") == 200
    assert "swordfish" not in controller.control("GET", "/log").text + controller.control("GET", "/accounts").text


def test_a_username_that_has_a_world_is_refused(controller: Controller) -> None:
    taken = [controller.username, Controller(controller.client, "has-a-world").username, add(controller)]
    for username in taken:
        refused = controller.control("POST", "/accounts", {"username": username})
        assert refused.status_code == 409
        assert "already has a world" in refused.json()["detail"]
    assert controller.control("POST", "/accounts", {"username": "x", "kind": "king"}).status_code == 422
