"""Withdrawals, money and e-mails over control."""

import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from mockaxle.app import make_apply
from mockaxle.contract.document import load_contract
from mockaxle.recordings.applying import replay_here
from mockaxle.recordings.jsonl import read_recording
from tests.control.controlling import Controller

STATES = ("pending_approval", "approved", "processing", "posted", "failed", "rejected", "cancelled", "returned")
ALLOWED = {
    "pending_approval": ("approved", "rejected", "cancelled"),
    "approved": ("processing", "cancelled"),
    "processing": ("posted", "failed"),
    "posted": ("returned",),
}
"""The table of docs/money.md, literally."""

ID = "00000000-0000-4000-8000-00000000000{}"
SITE, ELSEWHERE = ID.format(1), ID.format(9)
MONEY = {"id": SITE, "mpan": "1000000000012", "postcode": "M1 1AE", "email": "ada@example.org", "balance_pence": 9000}


def transaction(number: int, status: str) -> dict[str, Any]:
    return {"id": ID.format(number), "type": "withdrawal", "credit_pence": -100, "payment_status": status}


def load(controller: Controller, **site: Any) -> None:
    clock = {"at": "2030-01-21T10:00:00Z", "rate": 0}
    controller.done("PUT", "/scenario", {"clock": clock, "sites": [{**MONEY, **site}]})
    controller.log_in()


def page(controller: Controller, form: dict[str, str]) -> str:
    uri = f"/rewards/{SITE}/url/balance?redirect_uri={quote('https://app.example')}"
    url = controller.call("GET", uri).json()["balance_withdrawal_url"]
    answer = controller.client.post(url, data=form)
    assert answer.status_code == 200
    return answer.text


def link(controller: Controller, sort_code: str) -> None:
    form = {"action": "link", "name": "Ada", "sort_code": sort_code, "account_number": "12345678", "confirmed": "yes"}
    assert "Your bank account is linked." in page(controller, form)


def move(controller: Controller, id: str, status: Any) -> httpx.Response:
    return controller.control("POST", f"/withdrawals/{id}", {"status": status})


@pytest.mark.rule("B10")
@pytest.mark.parametrize("present", STATES)
def test_each_of_the_64_moves_is_made_or_refused_as_the_table_says(controller: Controller, present: str) -> None:
    for wanted in STATES:
        load(controller, transactions=[transaction(2, present)])
        answer = move(controller, ID.format(2), wanted)
        allowed = ALLOWED.get(present, ())
        (listed,) = controller.done("GET", "/withdrawals")["withdrawals"]
        if wanted in allowed:
            assert (answer.status_code, answer.json()) == (200, {"transaction_id": ID.format(2), "status": wanted})
            assert listed["status"] == wanted
        else:
            said = f"only to {' or '.join(allowed)}" if allowed else "nowhere: the state is final"
            assert (answer.status_code, said in answer.json()["detail"]) == (409, True)
            assert listed["status"] == present


@pytest.mark.rule("B10")
@pytest.mark.parametrize(
    ("id", "body", "status", "said"),
    [
        (ELSEWHERE, {"status": "posted"}, 404, "GET withdrawals"),
        ("nobody", {"status": "posted"}, 404, "nobody"),
        (ID.format(2), {"status": "paid"}, 422, "status"),
        (ID.format(2), {"status": None}, 422, "status"),
        (ID.format(2), {}, 422, "status"),
        (ID.format(2), {"status": "posted", "state": "posted"}, 422, "state"),
    ],
)
def test_a_wrong_move_is_refused(controller: Controller, id: str, body: Any, status: int, said: str) -> None:
    load(controller, transactions=[transaction(2, "processing")])
    answer = controller.control("POST", f"/withdrawals/{id}", body)
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text


@pytest.mark.rule("B10", "B12")
def test_withdrawals_are_listed_oldest_first_with_what_comes_next(controller: Controller) -> None:
    load(controller)
    for sort_code in ("10-00-12", "20-00-00"):
        link(controller, sort_code)
        assert "is on its way" in page(controller, {"action": "withdraw"})
        if sort_code == "10-00-12":
            (first,) = controller.done("GET", "/withdrawals")["withdrawals"]
            controller.done("POST", f"/withdrawals/{first['transaction_id']}", {"status": "cancelled"})
    first, second = controller.done("GET", "/withdrawals")["withdrawals"]
    id = controller.done("GET", f"/money/{SITE}")["transactions"][-1]["transaction_id"]
    assert (first["status"], first["next_status"], first["next_at"]) == ("cancelled", None, None)
    assert second == {
        "transaction_id": id,
        "site_id": SITE,
        "pence": 9000,
        "at": "2030-01-21T10:00:00+00:00",
        "status": "processing",
        "sort_code": "20-00-00",
        "account_ending": "5678",
        "next_status": "posted",
        "next_at": "2030-01-22T12:00:00+00:00",
    }


@pytest.mark.rule("B10", "B13")
def test_money_is_what_the_api_answers(controller: Controller) -> None:
    event = {"type": "flex event", "credit_pence": 17, "start_at": "2030-01-20T01:00:00Z", "flex_kwh": "-3.7"}
    event |= {"end_at": "2030-01-20T01:30:00Z", "settled_on": "2030-01-20", "revenue_gbp": "0.333"}
    load(controller, transactions=[event, transaction(2, "failed"), transaction(3, "posted")])
    money = controller.done("GET", f"/money/{SITE}")
    assert money["transactions"] == controller.call("GET", f"/rewards/{SITE}/transactions").json()["transactions"]
    assert money["balance_pence"] == 9000 + 17 - 100
    assert money["site_id"] == SITE
    assert controller.control("GET", f"/money/{ELSEWHERE}").status_code == 404


@pytest.mark.rule("B11", "B13")
def test_the_link_in_an_email_opens_the_page_and_is_in_no_log(controller: Controller) -> None:
    load(controller)
    assert controller.done("GET", "/emails") == {"emails": []}
    link(controller, "10-00-10")
    page(controller, {"action": "withdraw"})
    controller.done("POST", "/clock/advance", {"by": "3d"})
    controller.log_in()
    (email,) = controller.done("GET", "/emails")["emails"]
    assert (email["to"], email["kind"]) == ("ada@example.org", "payment_failure")
    assert email["at"] == "2030-01-22T12:00:00+00:00"
    assert email["link"].startswith(f"{str(controller.client.base_url).rstrip('/')}/auth/ext/")
    assert controller.client.get(email["link"]).status_code == 200
    controller.done("POST", "/clock/advance", {"to": "2030-01-24T12:00:00Z"})
    assert controller.client.get(email["link"]).status_code == 401
    controller.log_in()
    log = controller.control("GET", "/recording").text
    assert email["link"].rpartition("/")[2] not in log


@pytest.mark.rule("B11", "B13")
def test_an_email_of_a_running_clock_needs_no_other_call(controller: Controller) -> None:
    load(controller)
    link(controller, "10-00-10")
    page(controller, {"action": "withdraw"})
    controller.done("PUT", "/clock", {"at": "2030-01-22T11:59:59.5Z", "rate": 3600})
    emails = controller.done("GET", "/emails")["emails"]
    assert controller.client.get(emails[0]["link"]).status_code == 200
    controller.done("PUT", "/clock", {"rate": 0})
    controller.log_in()
    assert controller.done("GET", "/emails")["emails"] == emails
    recording = read_recording(controller.control("GET", "/recording").text)
    assert [one for found in replay_here(recording, make_apply(load_contract())) for one in found] == []


@pytest.mark.rule("B12", "B13")
def test_a_code_that_was_mailed_is_in_no_entry_of_the_log(controller: Controller) -> None:
    load(controller)
    url = controller.call("GET", f"/rewards/{SITE}/url/balance?redirect_uri=x&enforce_two_factor_auth=true").json()
    controller.client.post(url["balance_withdrawal_url"], data={"action": "send_code"})
    (email,) = controller.done("GET", "/emails")["emails"]
    assert (email["kind"], email["link"]) == ("two_factor_code", None)
    code = re.findall(r"\d{6}", email["text"])[0]
    entries = controller.done("GET", "/log")["entries"]
    assert code not in str([controller.done("GET", f"/log/{one['number']}") for one in entries])


@pytest.mark.rule("B13")
def test_a_grid_event_is_mailed_to_each_vpp_site_with_an_address(controller: Controller) -> None:
    mpans = {"1000000000012": "vpp_limited_control", "1200000000020": "vpp_limited_control"}
    mpans |= {"1000000000100": "vpp_limited_control", "1000000000205": "full_asset_schedule_control"}
    sites = [
        {"mpan": mpan, "postcode": "M1 1AE", "dispatch_methods": {method: "in"}, "email": f"{mpan}@example.org"}
        for mpan, method in mpans.items()
    ]
    del sites[1]["email"]
    assets = [{"site": mpan, "external_id": f"{mpan}-{n}", "type": "battery"} for mpan in mpans for n in range(2)]
    controller.done("PUT", "/scenario", {"sites": sites, "assets": assets})
    controller.done("PUT", "/clock", {"at": "2040-01-20T12:00:00Z", "rate": 0})
    controller.log_in()
    times = {"start_time": "2040-01-20T17:00:00Z", "end_time": "2040-01-20T17:30:00Z"}
    controller.done("POST", "/dispatches", {**times, "power_kw": -5, "fraction": 1})
    emails = controller.done("GET", "/emails")["emails"]
    assert [one["to"] for one in emails] == ["1000000000012@example.org", "1000000000100@example.org"]
    assert {(one["kind"], one["at"], one["link"]) for one in emails} == {
        ("grid_event", "2040-01-20T12:00:00+00:00", None)
    }
    assert "2040-01-20T17:00:00+00:00" in emails[0]["text"]


@pytest.mark.rule("B14")
def test_after_an_offboard_control_still_lists_the_withdrawal(controller: Controller) -> None:
    load(controller)
    link(controller, "20-00-00")
    page(controller, {"action": "withdraw"})
    controller.call("POST", "/entities/asset", {"external_id": "c", "type": "charger", "site_id": SITE})
    assert controller.call("POST", f"/entities/site/{SITE}/offboard-site-and-assets").status_code == 200
    assert controller.control("GET", f"/money/{SITE}").status_code == 404
    controller.done("POST", "/clock/advance", {"by": "2d"})
    (listed,) = controller.done("GET", "/withdrawals")["withdrawals"]
    assert (listed["site_id"], listed["status"]) == (SITE, "posted")
