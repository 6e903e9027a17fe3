"""Withdrawals: bank accounts linked on the page, and money on its way by the clock and by hand."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from mockaxle.core.bank_accounts import MAGIC_SORT_CODES
from mockaxle.core.withdrawals import ALLOWED
from mockaxle.scenarios.sections import SiteSection
from mockaxle.world.commands.refusals import CommandRefused
from mockaxle.world.entries import Exchange, Request, to_json
from tests.calling import answered
from tests.commanding import carry_out
from tests.server.homes import Home, link_account, visit, with_balance, withdrawal_path

NOON = {"20": "2026-01-21T12:00:00", "21": "2026-01-22T12:00:00", "23": "2026-01-23T12:00:00"}
ACCOUNT = "Bank account: "


def move(home: Home, to: str, id: str | None = None) -> None:
    path = {"transaction_id": id or last(home)["transaction_id"]}
    carry_out(
        home.caller.api.worlds, home.caller.username, "POST /withdrawals/{transaction_id}", {"status": to}, **path
    )


def last(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = home.call("/rewards/{site}/transactions")["transactions"][-1]
    return found


def status(home: Home) -> str:
    found: str = last(home)["payment_status"]
    return found


def pence(home: Home) -> int:
    found: int = home.call("/rewards/{site}/info")["current_balance_pence"]
    return found


def withdraw(home: Home) -> str:
    return visit(home, withdrawal_path(home), form={"action": "withdraw"})[1]


def with_account(sort_code: str, balance: int = 2345) -> Home:
    home = with_balance(balance)
    link_account(home, sort_code, confirmed="yes")
    return home


@pytest.mark.rule("B10", "W2", "W3")
def test_a_withdrawal_is_posted_at_noon_on_the_next_business_day() -> None:
    home = with_balance(2345)
    assert "£23.45 is on its way to you." in withdraw(home)
    for instant, state in (
        ("2026-01-20T18:00:00", "processing"),
        ("2026-01-21T11:59:59", "processing"),
        ("2026-01-21T12:00:00", "posted"),
        ("2026-03-21T12:00:00", "posted"),
    ):
        home.until(instant)
        assert (status(home), pence(home)) == (state, 0)
    assert f"<td>{state}</td>" in visit(home, withdrawal_path(home))[1]


@pytest.mark.rule("B10", "B11", "B12")
@pytest.mark.parametrize(
    ("sort_code", "states"),
    [
        ("20-00-00", ["processing", "posted", "posted", "posted"]),
        ("10-00-10", ["processing", "failed", "failed", "failed"]),
        ("10-00-11", ["processing", "posted", "posted", "returned"]),
        ("10-00-12", ["pending_approval"] * 4),
    ],
)
@pytest.mark.parametrize("in_steps", [True, False])
def test_a_magic_sort_code_decides_how_a_withdrawal_ends(sort_code: str, states: list[str], in_steps: bool) -> None:
    home = with_account(sort_code)
    withdraw(home)
    instants = ["2026-01-20T18:00:00", *NOON.values()]
    for instant, state in list(zip(instants, states, strict=True))[0 if in_steps else -1 :]:
        home.until(instant)
        back = 2345 if state in ("failed", "returned") else 0
        assert (status(home), pence(home)) == (state, back)
    _, html = visit(home, withdrawal_path(home))
    assert (ACCOUNT in html) is (back == 0)
    assert home.call("/rewards/{site}/info")["total_earnings_pence"] == 2345


@pytest.mark.rule("B10", "B12")
def test_every_magic_sort_code_can_be_linked() -> None:
    for sort_code, _ in MAGIC_SORT_CODES:
        home = with_account(sort_code)
        assert f"{ACCOUNT}{sort_code}, account number ending in 5678" in visit(home, withdrawal_path(home))[1]


WAYS = {
    "pending_approval": [],
    "approved": ["approved"],
    "processing": ["approved", "processing"],
    "posted": ["approved", "processing", "posted"],
    "failed": ["approved", "processing", "failed"],
    "rejected": ["rejected"],
    "cancelled": ["cancelled"],
    "returned": ["approved", "processing", "posted", "returned"],
}
DEAD = ("failed", "rejected", "cancelled", "returned")


def in_state(state: str) -> Home:
    """A home whose withdrawal is in a state, from the page and by hand."""
    home = with_account("10-00-12")
    withdraw(home)
    for step in WAYS[state]:
        move(home, step)
    assert status(home) == state
    return home


@pytest.mark.rule("B10", "B11")
@pytest.mark.parametrize("state", WAYS)
def test_a_withdrawal_moves_by_hand_to_the_states_of_the_table_only(state: str) -> None:
    home, allowed = in_state(state), ALLOWED[status_of(state)]
    assert pence(home) == (2345 if state in DEAD else 0)
    for to in WAYS:
        if to not in allowed:
            with pytest.raises(CommandRefused) as refused:
                move(home, to)
            named = f"only to {' or '.join(allowed)}" if allowed else "nowhere: the state is final"
            assert f"A withdrawal that is {state} cannot move to {to}, {named}." in refused.value.text
            assert status(home) == state
    for to in allowed:
        again = in_state(state)
        move(again, to)
        assert (status(again), pence(again)) == (to, 2345 if to in DEAD else 0)


def status_of(text: str) -> Any:
    return next(one for one in ALLOWED if one.value == text)


@pytest.mark.rule("B10")
def test_a_withdrawal_that_was_moved_by_hand_is_no_longer_moved_by_the_clock() -> None:
    home = with_account("10-00-11")
    withdraw(home)
    move(home, "posted")
    home.until("2026-03-01T12:00:00")
    assert status(home) == "posted"


@pytest.mark.rule("B11")
def test_an_account_that_was_linked_in_the_meantime_is_kept() -> None:
    home = with_account("10-00-10")
    withdraw(home)
    link_account(home, "30-00-00", "87654321")
    home.until(NOON["20"])
    assert status(home) == "failed"
    assert f"{ACCOUNT}30-00-00, account number ending in 4321" in visit(home, withdrawal_path(home))[1]


@pytest.mark.rule("B11")
@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_a_rejected_or_cancelled_withdrawal_keeps_the_account(state: str) -> None:
    assert ACCOUNT in visit(home := in_state(state), withdrawal_path(home))[1]
    assert home.caller.state.emails == ()


@pytest.mark.rule("B11", "L10")
def test_a_site_whose_money_came_back_is_not_deleted() -> None:
    for state, answer in (("processing", 204), ("failed", 400)):
        home = in_state(state)
        assert home.caller.call("DELETE", f"/entities/site/{home.site_id}").status == answer


@pytest.mark.rule("B10", "B12")
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sort_code": "10-00-0"}, "The sort code has 5 digits; it needs 6 digits."),
        ({"sort_code": "1"}, "The sort code has 1 digit; it needs 6 digits."),
        ({"sort_code": "10-00-0x"}, "The sort code has 5 digits and other characters; it needs 6 digits."),
        ({"number": "1234567"}, "The account number has 7 digits; it needs 8 digits."),
        ({"number": "123456789"}, "The account number has 9 digits; it needs 8 digits."),
        ({"number": "١٢٣٤٥٦٧٨"}, "The account number has 0 digits and other characters; it needs 8 digits."),
        ({"number": "1234567", "sort_code": ""}, "The sort code has 0 digits; it needs 6 digits. The account number"),
        ({"name": "  "}, "The name is empty."),
    ],
)
def test_each_wrong_field_is_named(fields: dict[str, str], said: str) -> None:
    home = Home()
    html = link_account(home, **fields)
    assert f'<p role="alert">{said}' in html
    assert ACCOUNT not in html
    assert f'value="{fields.get("sort_code", "20-00-00")}"' in html


@pytest.mark.rule("B10")
@pytest.mark.parametrize("typed", [("200000", "12345678"), ("20 00 00", "1234-5678"), (" 20-00-00 ", "1234 5678")])
def test_hyphens_and_spaces_do_not_count(typed: tuple[str, str]) -> None:
    assert f"{ACCOUNT}20-00-00, account number ending in 5678" in link_account(Home(), *typed)


@pytest.mark.rule("B12")
@pytest.mark.parametrize(
    ("sort_code", "outcome"),
    [("10-00-01", "partial match"), ("10-00-02", "mismatch"), ("10-00-03", "unavailable")],
)
def test_a_name_that_does_not_match_is_to_be_confirmed(sort_code: str, outcome: str) -> None:
    home = Home()
    html = link_account(home, sort_code)
    assert f'<p role="alert">The check of the name says: {outcome}.</p>' in html
    assert ACCOUNT not in html
    question = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    assert question == {
        "action": "link",
        "name": "***",
        "sort_code": sort_code,
        "account_number": "00005678",
        "confirmed": "yes",
    }
    _, html = visit(home, withdrawal_path(home), form=question)
    assert f"{ACCOUNT}{sort_code}, account number ending in 5678" in html


@pytest.mark.rule("B12")
def test_a_full_match_is_linked_at_once() -> None:
    for sort_code in ("10-00-00", "99-99-99"):
        assert ACCOUNT in link_account(Home(), sort_code)


@pytest.mark.rule("B12")
def test_without_an_email_address_no_account_is_linked() -> None:
    home = Home(sites=(SiteSection(mpan="2000000000006", balance_pence=2000),))
    home.site_id = home.caller.get("/entities/site?mpan=2000000000006").json["sites"][0]["id"]
    _, html = visit(home, path := withdrawal_path(home))
    assert "because your e-mail address is unknown" in html
    assert "<form" not in html
    assert "No bank account can be linked" in link_account(home)
    assert "No bank account can be linked" in visit(home, path, form={"action": "send_code"})[1]
    assert "No bank account is linked." in withdraw(home)
    assert pence(home) == 2000


@pytest.mark.rule("B10")
def test_a_bare_post_withdraws_and_says_if_an_account_is_missing() -> None:
    home = with_balance(2000)
    assert "£20.00 is on its way" in visit(home, withdrawal_path(home), "POST")[1]
    assert '<p role="alert">No bank account is linked.</p>' in visit(other := Home(), withdrawal_path(other), "POST")[1]


FORM = b"application/x-www-form-urlencoded"
HOSTILE = [
    (FORM, b"action=" + b"x" * 200_000),
    (FORM, b"action=link&name=%ff%fe&sort_code=\xff\xfe&account_number=%00%01"),
    (FORM, b"&".join(b"f%d=1" % n for n in range(5_000)) + b"&action=withdraw"),
    (FORM, b"action=withdraw&" * 3_000),
    (FORM, b"=&=&=&&&"),
    (FORM, b"action=link&sort_code=%3Cscript%3E&name=<b>&account_number=<i>"),
    (b"multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="action"\r\n\r\nlink'),
    (b"multipart/form-data", b"--x\r\n"),
    (b"application/json", b'{"action": "withdraw", "account_number": "12345678"}'),
    (b"text/plain", b"withdraw"),
    (b"", b"\x00" * 100),
]


@pytest.mark.rule("B10")
@pytest.mark.parametrize(("kind", "body"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_form_gets_the_page_and_moves_no_money(kind: bytes, body: bytes) -> None:
    home = with_balance(2000)
    headers = ((b"content-type", kind),) if kind else ()
    answer = answered(home.caller.api, Request("POST", withdrawal_path(home), "", headers, body))
    assert (answer.status, pence(home)) == (200, 2000)
    assert b"<script" not in answer.body
    assert b'role="alert"' in answer.body


@pytest.mark.rule("B10", "E3")
def test_a_form_beyond_the_limit_is_refused_and_moves_no_money() -> None:
    home = with_balance(2000)
    answer = answered(home.caller.api, Request("POST", withdrawal_path(home), oversize=1_000_000))
    assert (answer.status, pence(home)) == (413, 2000)
    assert b"larger than 1000000 bytes" in answer.body


@pytest.mark.rule("B10")
def test_what_would_have_worked_is_in_the_hint() -> None:
    home = Home()
    for form, said in (({"action": "withdraw"}, "Link one"), ({"action": "link"}, "a sort code of 6 digits")):
        assert said in (visit(home, withdrawal_path(home), form=form)[0].header("x-mockaxle-hint") or "")


def test_a_multipart_form_is_read() -> None:
    home = with_balance(2000)
    fields = {"action": "link", "name": "Ada", "sort_code": "30-00-00", "account_number": "87654321"}
    parts = [f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    body, kind = ("".join(parts) + "--x--\r\n").encode(), b"multipart/form-data; boundary=x"
    request = Request("POST", withdrawal_path(home), "", ((b"content-type", kind),), body)
    assert f"{ACCOUNT}30-00-00, account number ending in 4321".encode() in answered(home.caller.api, request).body


@pytest.mark.rule("B10")
def test_name_and_account_number_are_in_no_log() -> None:
    home = Home()
    for number in ("12345678", "1234-5678", "1234567", "12345678x", "123456789"):
        link_account(home, "10-00-01", number, name="Ada Lovelace", note="12345678")
    raw = b'{"account_number": "12345678", "name": "Ada Lovelace"}'
    answered(home.caller.api, Request("POST", withdrawal_path(home), "", ((b"content-type", b"text/plain"),), raw))
    hosted = home.caller.api.worlds.find("acme")
    assert hosted
    text = str([to_json(entry) for entry in hosted.log])
    assert [secret for secret in ("12345678", "1234-5678", "1234567", "Lovelace") if secret in text] == []
    posts = [entry.request.body.decode() for entry in hosted.log if isinstance(entry, Exchange)]
    forms = [dict(parse_qsl(body, keep_blank_values=True)) for body in posts if body.startswith("action=")]
    numbers = [form.get("account_number") for form in forms]
    assert numbers == ["00005678", "00005678", "0000000", "00000000*", "000000000", None]
    assert [form.get("name") for form in forms] == ["***"] * 5 + [None]


# two-factor authentication


def asking(home: Home) -> str:
    return withdrawal_path(home, more="&enforce_two_factor_auth=true")


def mailed(home: Home) -> str:
    """The newest code that was mailed."""
    found = re.search(r"\b\d{6}\b", home.caller.state.emails[-1].text)
    assert found
    return found[0]


def link_with(home: Home, code: str, sort_code: str = "20-00-00", path: str = "", **fields: str) -> str:
    form = {"action": "link", "name": "Ada", "sort_code": sort_code, "account_number": "12345678", "code": code}
    return visit(home, path or asking(home), form={**form, **fields})[1]


@pytest.mark.rule("B12", "B13")
def test_a_code_is_mailed_and_asked_for_before_an_account_is_linked() -> None:
    home = Home()
    _, html = visit(home, path := asking(home))
    assert "Send a code to your e-mail address" in html
    assert "Account number" not in html
    assert "Linking needs a code" in link_with(home, "123456")
    _, html = visit(home, path, form={"action": "send_code"})
    assert "A code was sent to your e-mail address." in html
    assert 'name="code"' in html
    (email,) = home.caller.state.emails
    assert (email.to, email.kind, email.token) == ("ada@example.org", "two_factor_code", None)
    assert mailed(home) not in html
    assert "Your bank account is linked." in link_with(home, mailed(home))
    assert "Linking needs a code" in link_with(home, mailed(home))


@pytest.mark.rule("B12")
def test_two_factor_gates_no_withdrawal() -> None:
    home = with_balance(2000)
    assert "£20.00 is on its way" in visit(home, asking(home), form={"action": "withdraw"})[1]


@pytest.mark.rule("B12")
@pytest.mark.parametrize(("after", "said"), [("18:09:59", "is linked"), ("18:10:00", "The code has expired")])
def test_a_code_is_valid_for_ten_minutes(after: str, said: str) -> None:
    home = Home()
    path = asking(home)
    visit(home, path, form={"action": "send_code"})
    home.until(f"2026-01-20T{after}")
    assert said in link_with(home, mailed(home), path=path)


@pytest.mark.rule("B12")
def test_a_new_code_replaces_the_last_one() -> None:
    home = Home()
    for _ in range(2):
        visit(home, asking(home), form={"action": "send_code"})
    first, second = (re.findall(r"\b\d{6}\b", one.text)[0] for one in home.caller.state.emails)
    assert first != second
    assert "The code is wrong" in link_with(home, first)
    assert "is linked" in link_with(home, second)


@pytest.mark.rule("B12")
def test_after_five_wrong_codes_the_code_is_void() -> None:
    home = Home()
    visit(home, asking(home), form={"action": "send_code"})
    for wrong in ("", "1", "abc", mailed(home)[::-1] + "0"):
        assert "The code is wrong." in link_with(home, wrong)
    assert "The code is void after 5 wrong ones." in link_with(home, "x")
    assert "The code is void after 5 wrong ones." in link_with(home, mailed(home))
    visit(home, asking(home), form={"action": "send_code"})
    assert "is linked" in link_with(home, mailed(home))


@pytest.mark.rule("B12")
def test_wrong_digits_cost_no_code_and_a_confirmation_needs_it_once() -> None:
    home = Home()
    visit(home, asking(home), form={"action": "send_code"})
    for _ in range(9):
        assert "The sort code has 1 digit" in link_with(home, "wrong", "1")
    assert "partial match" in link_with(home, mailed(home), "10-00-01")
    assert "is linked" in link_with(home, "", "10-00-01", confirmed="yes")


# e-mails with links


@pytest.mark.rule("B11", "B13")
@pytest.mark.parametrize(("hours", "expected"), [(0, 200), (47, 200), (48, 401)])
@pytest.mark.parametrize("by_hand", [True, False])
def test_a_mailed_link_opens_the_page_for_48_hours(hours: int, expected: int, by_hand: bool) -> None:
    home = with_account("10-00-10")
    withdraw(home)
    if by_hand:
        home.until("2026-01-21T11:00:00")
        move(home, "failed")
    home.until(NOON["20"])
    home.call("/rewards/{site}/info")
    path = mailed_link(home)
    (email,) = home.caller.state.emails
    assert "Your withdrawal of £23.45 did not reach your bank account." in email.text
    home.until((email.at + timedelta(hours=hours)).isoformat()[:19])
    assert visit(home, path)[0].status == expected


def mailed_link(home: Home) -> str:
    worlds = home.caller.api.worlds
    hosted = worlds.find(home.caller.username)
    assert hosted
    return f"/auth/ext/{worlds.bearers.mailed_link_text(hosted, home.caller.state.emails[-1])}"


@pytest.mark.rule("B11")
def test_a_mailed_link_is_the_account_that_withdrew() -> None:
    home = with_account("10-00-10")
    withdraw(home)
    home.until(NOON["20"])
    home.call("/rewards/{site}/info")
    visit(home, mailed_link(home))
    hosted = home.caller.api.worlds.find("acme")
    assert hosted
    entry = list(hosted.log)[-1]
    assert to_json(entry)["principal"]["username"] == "acme"


@pytest.mark.rule("B14")
@pytest.mark.parametrize("state", WAYS)
def test_unenrol_keeps_the_money_and_offboard_ends_it_at_every_state(state: str) -> None:
    home = in_state(state)
    path = withdrawal_path(home)
    home.caller.post(f"/entities/site/{home.site_id}/unenrol", {"proposition": "limited_pause"})
    assert (status(home), visit(home, path)[0].status) == (state, 200)
    charger = {"external_id": "c", "type": "charger", "site_id": home.site_id}
    home.caller.post("/entities/asset", charger)
    assert home.caller.post(f"/entities/site/{home.site_id}/offboard-site-and-assets").status == 200
    assert visit(home, path)[0].status == 404
    id, mails = [one.id for one in home.caller.state.withdrawals.all()][-1], len(home.caller.state.emails)
    for to in ALLOWED[status_of(state)][:1]:
        move(home, to, id)
        kept = home.caller.state.withdrawals.by_id.get(id)
        assert kept
        assert kept.status == to
    assert len(home.caller.state.emails) == mails
    assert home.site_id not in home.caller.state.bank_accounts


@pytest.mark.rule("B14")
def test_a_withdrawal_under_way_is_carried_to_its_end_after_an_offboard() -> None:
    home = with_account("10-00-11")
    withdraw(home)
    home.caller.post("/entities/asset", {"external_id": "c", "type": "charger", "site_id": home.site_id})
    home.caller.post(f"/entities/site/{home.site_id}/offboard-site-and-assets")
    home.until("2026-01-23T12:00:00")
    home.caller.get("/entities/site")
    (kept,) = home.caller.state.withdrawals.all()
    assert (kept.status, home.caller.state.emails) == ("returned", ())


@pytest.mark.rule("B10")
def test_after_2030_the_hint_says_that_bank_holidays_are_unknown() -> None:
    for year, said in ((2030, False), (2031, True)):
        home = with_balance(2000)
        home.until(f"{year}-06-03T12:00:00")
        answer, html = visit(home, withdrawal_path(home), "POST")
        assert ("no bank holidays after 2030" in html) is said
        assert ("no bank holidays after 2030" in (answer.header("x-mockaxle-hint") or "")) is said


@pytest.mark.rule("B10")
def test_at_the_calendars_end_a_withdrawal_waits_for_control() -> None:
    home = with_balance(2000)
    home.until("9999-12-31T12:00:00")
    withdraw(home)
    home.until("9999-12-31T23:59:59")
    assert status(home) == "processing"
    move(home, "posted")
    assert status(home) == "posted"
