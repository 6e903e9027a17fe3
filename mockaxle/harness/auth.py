"""The auth suite: authentication and roles of each operation, which Schemathesis cannot test. Source: G5, A1-A6, E4."""

import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace

from mockaxle.contract.document import Operation
from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import onboarding
from mockaxle.harness.lifeline import run_child
from mockaxle.harness.operations import HOME_ASSISTANT, LIST_SITES, ONBOARD
from mockaxle.harness.run import Judge, NotTestable, Run
from mockaxle.harness.target import LOG_IN

SUITE = "auth"
NOBODY = "00000000-0000-0000-0000-000000000000"
READ_ONLY_MAY = ("GET /entities/", "GET /rewards/", "/meter/", "/validation/")
ANY_ROLE = ("/auth/users/me/", "/examples/")
PATIENCE_SECONDS = 60


def auth(run: Run) -> None:
    """Call each secured operation without a token, and with a broken, expired, foreign or limited one."""
    judge, secured = run.judge(SUITE), [one for one in run.operations if one.secured]
    parts: tuple[Callable[[], None], ...] = (
        lambda: _refused(judge, secured, CheckedAccount(run.target, "", ""), "no token"),
        lambda: _refused(judge, secured, run.main.with_token("broken"), "a broken token"),
        lambda: _wrong_password(judge),
        lambda: _foreign(judge),
        lambda: _limited(judge, secured),
        lambda: _expired(judge, secured),
    )
    for number, part in enumerate(parts):
        run.progress.step(number, len(parts))
        try:
            part()
        except NotTestable as reason:
            run.untested.append(f"{SUITE}: {reason}")
    run.progress.step(len(parts), len(parts))


def _call(account: CheckedAccount, operation: Operation) -> Answer:
    """Call an operation on unknown ids, without a valid body."""
    ids = {one.name: NOBODY for one in operation.parameters if one.where == "path"}
    return replace(account, allowed=False).call(
        operation.key, {} if operation.verb in ("POST", "PATCH") else None, ids=ids
    )


def _refused(judge: Judge, secured: list[Operation], account: CheckedAccount, what: str) -> None:
    for operation in secured:
        answer = _call(account, operation)
        title = f"an operation accepts {what}" if answer.is_good else f"{what} is not refused first"
        rule, grade = ("G5", "D") if answer.is_good else ("A3", "O")
        if judge.status(answer, 401, rule=rule, grade=grade, title=title):
            challenged = answer.headers.get("www-authenticate", "").lower() == "bearer"
            judge.expect(
                challenged,
                answer,
                rule="E2",
                grade="M",
                title="a 401 has no WWW-Authenticate: Bearer",
                expected="WWW-Authenticate: Bearer",
            )


def _wrong_password(judge: Judge) -> None:
    run = judge.run
    answer = CheckedAccount(run.target, run.main.username, "wrong").log_in()
    title = "a wrong password logs in" if answer.is_good else "a wrong password is not refused with 401"
    judge.status(answer, 401, rule="A2", grade="D", title=title)


def _foreign(judge: Judge) -> None:
    """Raises: NotTestable."""
    run = judge.run
    if run.other is None:
        raise NotTestable("another organisation's token needs --other-username and --other-password")
    if not run.may_write:
        raise NotTestable("another organisation's site needs writes: --allow-writes")
    answer = run.main.call(ONBOARD, onboarding(run, run.homes.next(), name="foreign"))
    site_id, asset_id = answer.value("site", "site_id"), answer.value("assets", 0, "asset_id")
    if not isinstance(site_id, str) or not isinstance(asset_id, str):
        raise NotTestable(f"no site could be onboarded: {answer.shown}")
    for key in _with_one_id(run):
        ids = {"site_id": site_id, "asset_id": asset_id}
        names = {name: value for name, value in ids.items() if "{" + name + "}" in key}
        answer = replace(run.other, allowed=False).call(key, ids=names)
        title = "another organisation's object is not answered as missing"
        judge.status(answer, 404, rule="E4", grade="D", title=title)
    listed = run.other.call(LIST_SITES, query={"limit": 5000})
    ids_listed = [site.get("id") for site in listed.objects_at("sites")]
    judge.expect(
        site_id not in ids_listed,
        listed,
        rule="E4",
        grade="D",
        title="a list shows another organisation's site",
        expected=f"a list without {site_id}",
    )
    run.take_away(run.main, site_id)


def _with_one_id(run: Run) -> Iterator[str]:
    """Yield reads of one site or asset, which do no harm if the server is wrong, except those with special roles."""
    for operation in run.operations:
        names = [one.name for one in operation.parameters if one.where == "path"]
        by_id = operation.verb == "GET" and names in (["site_id"], ["asset_id"])
        of_its_own = operation.path.endswith(("/price-curve", "/battery-schedule", "/intent"))
        if by_id and not of_its_own and operation.path.startswith("/entities/"):
            yield operation.key


def _limited(judge: Judge, secured: list[Operation]) -> None:
    """Raises: NotTestable."""
    if judge.run.limited is None:
        raise NotTestable("a token without every role needs --limited-username and --limited-password")
    for operation in secured:
        reads = operation.key.startswith(READ_ONLY_MAY[:2]) or operation.path.startswith(READ_ONLY_MAY[2:])
        if operation.path.startswith(ANY_ROLE):
            continue
        answer = _call(judge.run.limited, operation)
        if not reads or operation.key == HOME_ASSISTANT:
            title = "a token without the role is accepted" if answer.is_good else "a missing role is not refused first"
            rule, grade = ("A4", "O") if answer.is_good else ("E3", "M")
            judge.status(answer, 403, rule=rule, grade=grade, title=title)
        else:
            may = answer.status not in (401, 403) or "role" not in answer.text
            title = "a read-only account may not read"
            judge.expect(may, answer, rule="A6", grade="M", title=title, expected="neither 401 nor 403")


def _expired(judge: Judge, secured: list[Operation]) -> None:
    """Raises: NotTestable."""
    run = judge.run
    if run.after_expiry is None:
        raise NotTestable("an expired token needs --after-expiry, such as 'mockaxle advance 61m'")
    run.main.log_in()
    old = run.main.with_token(run.main.bearer)
    patience = max(0.1, min(PATIENCE_SECONDS, run.target.left_seconds()))
    try:
        code, printed = run_child(shlex.split(run.after_expiry), seconds=patience)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise NotTestable(f"--after-expiry cannot be run: {error}") from None
    if code != 0:
        raise NotTestable(f"--after-expiry failed with {code}: {printed.strip()[-200:]}")
    for operation in secured:
        judge.status(_call(old, operation), 401, rule="A1", grade="D", title="a token is valid for more than an hour")
    fresh = run.main.log_in()
    judge.status(fresh, 200, rule="A1", grade="D", title=f"{LOG_IN} issues no new token after an hour")
