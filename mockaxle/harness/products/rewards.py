"""A new home's money, which no call of the check changes, and its withdrawal URL. Source: W1-W4."""

from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import NIGHT
from mockaxle.harness.json_values import Json
from mockaxle.harness.operations import (
    BALANCE,
    CHANGE_SITE,
    FLEX_EVENTS,
    PLUG_IN_SCHEDULE,
    READ_SITE,
    SEND_READINGS,
    TRANSACTIONS,
    WITHDRAWAL_PAGE,
)
from mockaxle.harness.products.households import Household, household
from mockaxle.harness.products.judging import accepted, needs_any, refusable, refused
from mockaxle.harness.run import Judge

EARNED, WITHDRAWN = "total_earnings_pence", "withdrawal"
PAID_BACK = ("failed", "returned", "rejected", "cancelled")
"""The payment states of withdrawals that gave the money back. Source: B11."""

REDIRECTS = (
    "https://app.example/back?done=1&then=%2Fhome#top",
    "axle-app://done",
    "not a URL",
    "x",
    "../..",
    "Zurück zur App ✓",
    "y" * 500,
)
"""Texts, of which any may be a redirect_uri."""

FLAGS = ("hide_transactions", "enforce_two_factor_auth", "auto_redirect_to_setup")


def rewards(judge: Judge) -> None:
    """Read balance, transactions and flex events before and after calls that earn nothing. Raises: NotTestable."""
    run = judge.run
    needs_any(run, BALANCE, TRANSACTIONS, FLEX_EVENTS)
    with household(run) as home:
        before = _read(judge, home)
        _use(judge, home)
        for answer in _read(judge, home):
            same = next(one for one in before if one.operation == answer.operation).json == answer.json
            of = {BALANCE: "W1a", TRANSACTIONS: "W2a", FLEX_EVENTS: "W4a"}[answer.operation]
            title = "a home's money changes without a pause"
            judge.expect(same, answer, of=of, title=title, expected="the same as before")


def _read(judge: Judge, home: Household) -> list[Answer]:
    """Read a new home's money, and compare the answers with each other."""
    run = judge.run
    known = [one for one in (BALANCE, TRANSACTIONS, FLEX_EVENTS) if one in run.keys]
    answers = {one: run.main.call(one, site_id=home.site_id) for one in known}
    for operation, answer in answers.items():
        of = {BALANCE: "W1a", TRANSACTIONS: "W2a", FLEX_EVENTS: "W4a"}[operation]
        accepted(judge, answer, of=of, title="a home's money cannot be read")
    if BALANCE in answers and TRANSACTIONS in answers:
        _judge_sums(judge, answers[BALANCE], answers[TRANSACTIONS])
    if FLEX_EVENTS in answers:
        events, title = answers[FLEX_EVENTS], "a home that was onboarded just now has flex events"
        judge.expect(not events.list_at("events"), events, of="W4a", title=title, expected="no events")
    return list(answers.values())


def _judge_sums(judge: Judge, balance: Answer, transactions: Answer) -> None:
    """Compare the balance with the transactions."""
    listed = transactions.objects_at("transactions")
    sums: dict[bool, int] = {True: 0, False: 0}
    for one in listed:
        if one.get("transaction_type") == WITHDRAWN and one.get("payment_status") in PAID_BACK:
            continue
        sums[one.get("transaction_type") == WITHDRAWN] += _pence(one.get("credit_pence"))
    earned, withdrawn = sums[False], abs(sums[True])
    title = "the balance is not what the transactions earned and withdrew"
    found = (balance.value("current_balance_pence"), balance.value(EARNED))
    right = found == (earned - withdrawn, earned)
    expected = f"current_balance_pence {earned - withdrawn}, {EARNED} {earned}"
    judge.expect(right, balance, of="W1a", title=title, expected=expected)
    below, minimum = transactions.value("is_below_withdrawal_minimum"), "minimum_withdrawal_threshold_pence"
    wanted = _pence(found[0]) < _pence(balance.value(minimum))
    title = "is_below_withdrawal_minimum does not follow from the balance"
    judge.expect(below in (None, wanted), transactions, of="W1b", title=title, expected=f"{wanted}".lower())


def _pence(value: Json) -> int:
    return value if isinstance(value, int) else 0


def _use(judge: Judge, home: Household) -> None:
    """Make calls that earn nothing."""
    run = judge.run
    if PLUG_IN_SCHEDULE in run.keys:
        run.main.call(PLUG_IN_SCHEDULE, {"charging_schedule": NIGHT}, asset_id=home.asset_ids[0])
    if SEND_READINGS in run.keys:
        run.main.call(SEND_READINGS, {"readings": []})
    if CHANGE_SITE in run.keys:
        run.main.call(CHANGE_SITE, {"postcode": "LS1 4AP"}, site_id=home.site_id)
    if WITHDRAWAL_PAGE in run.keys:
        run.main.call(WITHDRAWAL_PAGE, query={"redirect_uri": "x"}, site_id=home.site_id)
    run.main.call(READ_SITE, site_id=home.site_id)


def withdrawals(judge: Judge) -> None:
    """Get withdrawal URLs with all kinds of redirect_uri. Raises: NotTestable."""
    run = judge.run
    run.needs(WITHDRAWAL_PAGE)
    with household(run) as home:
        for text in REDIRECTS:
            answer = run.main.call(WITHDRAWAL_PAGE, query={"redirect_uri": text}, site_id=home.site_id)
            accepted(judge, answer, of="W3c", title="a redirect_uri is refused")
        for flag in FLAGS:
            query = {"redirect_uri": "https://app.example", flag: "true"}
            answer = run.main.call(WITHDRAWAL_PAGE, query=query, site_id=home.site_id)
            accepted(judge, answer, of="W3a", title=f"a withdrawal URL with {flag} is refused")
        without = refusable(run).call(WITHDRAWAL_PAGE, site_id=home.site_id)
        refused(judge, without, of="W3d", title="a withdrawal URL without a redirect_uri is given")
