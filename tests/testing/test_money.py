"""The money of a world in a test."""

import httpx
import pytest

from mockaxle.testing.mock import MockAxle
from mockaxle.testing.world import ControlRefused, World

SITE = "00000000-0000-4000-8000-000000000001"
ACCOUNT = {"sort_code": "20-00-00", "account_ending": "5678"}
SCENARIO = {
    "clock": {"at": "2026-01-20T18:00:00Z", "rate": 0},
    "sites": [
        {"id": SITE, "mpan": "1000000000012", "email": "a@example.org", "balance_pence": 5000, "bank_account": ACCOUNT}
    ],
}


def withdraw(axle: World) -> None:
    """As the user does on the page."""
    with httpx.Client(base_url=axle.base_url, transport=axle.transport) as client:
        bearer = {"Authorization": f"Bearer {axle.token}"}
        answer = client.get(f"/rewards/{SITE}/url/balance?redirect_uri=https://app.example", headers=bearer).json()
        assert "on its way" in client.post(answer["balance_withdrawal_url"]).text


@pytest.mark.rule("B10", "B11", "B13")
@pytest.mark.parametrize("socket", [True, False])
def test_a_test_reads_and_moves_money(socket: bool) -> None:
    with MockAxle(scenario=SCENARIO, socket=socket) as axle:
        assert axle.token
        assert axle.money.balance(SITE) == 5000
        withdraw(axle)
        (listed,) = axle.money.withdrawals()
        assert (axle.money.balance(SITE), listed["status"], listed["pence"]) == (0, "processing", 5000)
        assert axle.money.transactions(SITE)[-1]["transaction_id"] == listed["transaction_id"]
        axle.money.move(listed["transaction_id"], "failed")
        assert (axle.money.balance(SITE), axle.money.transactions(SITE)[-1]["payment_status"]) == (5000, "failed")
        (email,) = axle.money.emails()
        assert (email["kind"], email["to"]) == ("payment_failure", "a@example.org")
        with httpx.Client(transport=axle.transport) as client:
            assert "£50.00" in client.get(email["link"]).text


@pytest.mark.rule("B10")
def test_an_advance_of_the_clock_posts_a_withdrawal() -> None:
    with MockAxle(scenario=SCENARIO, socket=False) as axle:
        withdraw(axle)
        axle.clock.advance("1d")
        assert [one["status"] for one in axle.money.withdrawals()] == ["posted"]


@pytest.mark.rule("B10", "B13")
def test_what_is_unknown_or_not_allowed_is_refused() -> None:
    with MockAxle(scenario=SCENARIO, socket=False) as axle:
        withdraw(axle)
        id = axle.money.withdrawals()[0]["transaction_id"]
        for call in (
            lambda: axle.money.balance("nobody"),
            lambda: axle.money.move("nobody", "posted"),
            lambda: axle.money.move(id, "approved"),
        ):
            with pytest.raises(ControlRefused):
                call()
