"""The products suite: a healthy mock is clean by every profile, style and setting, and each lie is found."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mockaxle.harness.products.suite import PARTS
from mockaxle.serving.listener import serve_in_thread
from tests.harness.test_check import LONG, control, suites
from tests.harness.test_other_servers import Altering
from tests.mutants.checking import check, fresh_app

RUNS = [(seed, style) for seed in range(1, 11) for style in ("contract", "wire")] if LONG else [(1, "wire")]
OTHER_SETTINGS = {
    "pause_minutes": 60,
    "strict_time": True,
    "withdrawal_memory": False,
    "strict_readings": True,
    "minimum_withdrawal_pence": 0,
    "withdrawal_min_wait_days": 30,
    "token_times": "world",
    "unknown_model": "refused",
}


@pytest.mark.parametrize(("seed", "style"), RUNS)
def test_a_healthy_mock_is_clean_and_every_part_is_tested(url: str, tmp_path: Path, seed: int, style: str) -> None:
    control(url, "PATCH", "/settings", {"style": style})
    code, report, printed = check(url, tmp_path, "--seed", str(seed), "--style", style, *suites("products"))
    assert (code, report["findings"], report["left_behind"]) == (0, [], []), printed
    assert not any(reason.startswith("products:") for reason in report["untested"]), printed


def test_no_setting_makes_a_finding(url: str, tmp_path: Path) -> None:
    control(url, "PATCH", "/settings", OTHER_SETTINGS)
    code, report, printed = check(url, tmp_path, "--seed", "2", *suites("products"))
    assert (code, report["findings"]) == (0, []), printed


@pytest.mark.parametrize("profile", ["flex-lite", "smart-charging", "vpp", "price-curves"])
def test_a_profile_is_checked_by_its_own_operations(url: str, tmp_path: Path, profile: str) -> None:
    code, report, printed = check(url, tmp_path, "--profile", profile, "--seed", "3", *suites("products"))
    assert (code, report["findings"], report["never_accepted"]) == (0, [], []), printed


def test_without_leave_to_write_no_part_that_writes_is_run() -> None:
    readers = {part.carry_out.__name__ for part in PARTS if not part.writes}
    assert readers == {"log_ins", "typed_mpans", "listed_meters", "missing_meters", "addresses", "examples", "paths"}


def without_first_price(said: Any) -> None:
    said["half_hourly_traded_prices"] = said["half_hourly_traded_prices"][1:]


def accepting(said: Any) -> None:
    for one in said["responses"]:
        one["accepted"] = True


def without_codes(said: Any) -> None:
    for asset in said["assets"]:
        for verdict in asset["propositions"]:
            verdict["issues"] = [code for code in verdict["issues"] if not code.endswith("date_not_set")]


def for_half_an_hour(said: Any) -> None:
    said["url_expiry_timestamp"] = "2026-01-20T22:30:00+00:00"


def with_more_money(said: Any) -> None:
    said["current_balance_pence"] = said["total_earnings_pence"] = 500


REWRITTEN: dict[str, tuple[Callable[[Any], None], str]] = {
    "/price-curve": (without_first_price, "P1a"),
    "/data/readings": (accepting, "R2c"),
    "/eligibility": (without_codes, "Q3d"),
    "/url/balance": (for_half_an_hour, "W3b"),
    "/info": (with_more_money, "W1a"),
}
OTHER_STATUSES = {
    ("POST /meter/by-mpan", 202): (404, "G7c"),
    ("POST /entities/site/check-eligibility", 404): (422, "Q5b"),
    ("GET /auth/users/me", 307): (404, "G8c"),
}


def lying(called: str, status: int, body: bytes) -> tuple[int, bytes]:
    status, _ = OTHER_STATUSES.get((called, status), (status, ""))
    for end, (rewrite, _) in REWRITTEN.items():
        if called.endswith(end) and status == 200:
            said = json.loads(body)
            rewrite(said)
            return status, json.dumps(said).encode()
    return status, body


def test_each_of_several_lies_is_found(tmp_path: Path) -> None:
    with serve_in_thread(Altering(fresh_app(), lying)) as url:
        code, report, printed = check(url, tmp_path, "--seed", "4", *suites("products"))
    expected = {of for _, of in (*REWRITTEN.values(), *OTHER_STATUSES.values())}
    assert code == 1
    assert expected <= {one["statement"] for one in report["findings"]}, printed


def withdrawing(status: str) -> Callable[[str, int, bytes], tuple[int, bytes]]:
    """A server at which every home has a withdrawal in a state, which its balance does not know."""
    paid = {"transaction_type": "withdrawal", "transaction_id": "00000000-0000-4000-8000-000000000001"}
    paid |= {"start_time": "2026-01-20T12:00:00+00:00", "payment_status": status}

    def change(called: str, code: int, body: bytes) -> tuple[int, bytes]:
        if not (called.startswith("GET ") and called.endswith("/transactions") and code == 200):
            return code, body
        said = json.loads(body)
        return code, json.dumps(
            {**said, "transactions": [*said["transactions"], {**paid, "credit_pence": -5}]}
        ).encode()

    return change


@pytest.mark.rule("B11", "W1")
@pytest.mark.parametrize("status", ["failed", "returned", "rejected", "cancelled", "posted"])
def test_a_withdrawal_that_gave_the_money_back_is_not_in_the_balance(tmp_path: Path, status: str) -> None:
    with serve_in_thread(Altering(fresh_app(), withdrawing(status))) as url:
        _, report, printed = check(url, tmp_path, "--seed", "4", *suites("products"))
    found = {one["statement"] for one in report["findings"]}
    assert ("W1a" in found) is (status == "posted"), printed


ODD: tuple[Any, ...] = (None, True, -1, 10**20, "", [], {}, [{}], {"a": [1]}, "0001-01-01T00:00:00+14:00")


def distorted(value: Any, rng: Random) -> Any:
    """A value with some parts dropped or replaced by others of any type."""
    if rng.random() < 0.1:
        return rng.choice(ODD)
    if isinstance(value, dict):
        return {name: distorted(inner, rng) for name, inner in value.items() if rng.random() < 0.95}
    return [distorted(inner, rng) for inner in value] if isinstance(value, list) else value


def test_no_shape_of_an_answer_ends_the_suite(tmp_path: Path) -> None:
    rng = Random(6)

    def change(called: str, status: int, body: bytes) -> tuple[int, bytes]:
        if called.endswith("/token-form") or not body.startswith((b"{", b"[")) or rng.random() < 0.6:
            return status, body
        return status, json.dumps(distorted(json.loads(body), rng)).encode()

    with serve_in_thread(Altering(fresh_app(), change)) as url:
        code, report, _ = check(url, tmp_path, "--seed", "5", *suites("products"))
    assert code == 1
    assert not [reason for reason in report["untested"] if reason.startswith("products: not finished")]
