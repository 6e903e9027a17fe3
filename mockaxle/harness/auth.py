"""The auth suite: tokens and roles of each operation, which Schemathesis cannot test. Source: G5, A1-A7, E4."""

import shlex
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mockaxle.contract.document import Operation
from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import CONSENT, external_id, onboarding
from mockaxle.harness.lifeline import run_child
from mockaxle.harness.names import CONSENTED, NOBODY
from mockaxle.harness.operations import COMPONENT_TOKEN, LIST_SITES, ONBOARD, READ_SITE, WHO
from mockaxle.harness.other_accounts import foreign, limited
from mockaxle.harness.run import Judge, NotTestable, Run
from mockaxle.harness.samples import sample
from mockaxle.harness.target import LOG_IN

SUITE = "auth"
PATIENCE_SECONDS = 60
UNKNOWN = "Could not validate credentials"


def auth(run: Run) -> None:
    """Call each secured operation without a token, and with a malformed, expired, foreign or limited one."""
    judge, secured = run.judge(SUITE), [one for one in run.operations if one.secured]
    parts: tuple[Callable[[], None], ...] = (
        lambda: _without_token(judge, secured),
        lambda: _malformed(judge, secured),
        lambda: _log_ins(judge),
        lambda: foreign(judge),
        lambda: limited(judge, secured),
        lambda: _expired(judge, secured),
    )
    for number, part in enumerate(parts):
        run.progress.step(number, len(parts))
        try:
            part()
        except NotTestable as reason:
            run.untested.append(f"{SUITE}: {reason}")
    run.progress.step(len(parts), len(parts))


def _call(account: CheckedAccount, operation: Operation, run: Run) -> Answer:
    """Send a valid request about objects that do not exist."""
    ids = {one.name: NOBODY for one in operation.parameters if one.where == "path"}
    body, form, query = sample(run, operation.key)
    return replace(account, allowed=False).call(operation.key, body, form=form, query=query, ids=ids)


def _without_token(judge: Judge, secured: Sequence[Operation]) -> None:
    """Call each operation without a token; nothing may be stored."""
    run = judge.run
    nobody = CheckedAccount(run.target, "", "")
    _refused(judge, secured, nobody, "no token", of="A3a")
    if run.may_write and ONBOARD in run.keys and LIST_SITES in run.keys:
        mpan = run.homes.next()
        replace(nobody, allowed=False).call(ONBOARD, onboarding(run, mpan, name="nobody"))
        listed = run.main.call(LIST_SITES, query={"mpan": mpan})
        title = "a call without a token is carried out"
        judge.expect(not listed.list_at("sites"), listed, of="G5b", title=title, expected="no site")


def _malformed(judge: Judge, secured: Sequence[Operation]) -> None:
    """Call operations with tokens that the server did not issue, in every form."""
    run = judge.run
    for what, header in _malformed_headers(run.main.bearer):
        account = replace(run.main.with_token(""), authorization=header)
        _refused(judge, secured, account, what, of="A3b")
    in_query = replace(run.main.with_token(run.main.bearer), in_query=True)
    _refused(judge, secured, in_query, "a token in the query", of="A3b")


def _malformed_headers(token: str) -> Iterator[tuple[str, str]]:
    """Yield headers that are no valid token, with what is wrong with them."""
    yield "an unknown token", "Bearer broken"
    yield "a token of another scheme", f"Token {token}"
    yield "a Basic header", "Basic ZGVtbzpkZW1v"
    yield "an empty token", "Bearer"
    yield "a token without its scheme", token
    yield "a token that is cut short", f"Bearer {token[: len(token) // 2]}"
    yield "a token with a further character", f"Bearer {token}x"
    parts = token.split(".")
    if len(parts) == 3:
        middle = parts[1]
        yield "a token whose payload was changed", f"Bearer {parts[0]}.{_changed(middle)}.{parts[2]}"
        unsigned = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
        yield "a token that is not signed", f"Bearer {unsigned}.{middle}."
        yield "a token with another signature", f"Bearer {parts[0]}.{middle}.{_changed(parts[2])}"
        yield "a token with an empty signature", f"Bearer {parts[0]}.{middle}."
        yield "a token in lower case", f"Bearer {token.lower()}"


def _changed(text: str) -> str:
    """Change a character in the middle. The last one of a signature holds bits that may be ignored."""
    at = len(text) // 2
    return f"{text[:at]}{'B' if text[at : at + 1] == 'A' else 'A'}{text[at + 1 :]}"


def _refused(judge: Judge, secured: Sequence[Operation], account: CheckedAccount, what: str, *, of: str) -> None:
    """Check that each operation refuses an account with 401, before anything else."""
    accepted = "G5b" if of == "A3a" else of
    for operation in secured:
        answer = _call(account, operation, judge.run)
        title = f"an operation accepts {what}"
        if not judge.expect(not answer.is_good, answer, of=accepted, title=title, expected="401"):
            continue
        is_first = judge.status(answer, 401, of=of, title=f"{what} is not refused with 401")
        if "{" in operation.path:
            title = f"{what} is not refused before the ids are looked up"
            judge.expect(is_first, answer, of="A3d", title=title, expected="401")
        if not is_first:
            continue
        challenged = answer.headers.get("www-authenticate", "").lower().partition(" ")[0] == "bearer"
        expected = "WWW-Authenticate: Bearer"
        judge.expect(challenged, answer, of="E2c", title=f"a 401 has no {expected}", expected=expected)
        if what == "an unknown token":
            same, title = answer.value("detail") == UNKNOWN, "an unknown token is refused with another text"
            judge.expect(same, answer, of="E2b", title=title, expected=UNKNOWN)


def _log_ins(judge: Judge) -> None:
    """Log in with right and wrong passwords; an older token stays valid."""
    run = judge.run
    older = run.main.with_token(run.main.bearer)
    fresh = run.main.log_in()
    judge.status(fresh, 200, of="G5a", title="the log-in is not open")
    judge.expect(bool(fresh.text_at("access_token")), fresh, of="A1a", title="no access_token", expected="a token")
    if WHO in run.keys:
        for account, title in ((run.main, "a new token is not valid"), (older, "a log-in ends an earlier token")):
            judge.status(account.call(WHO), 200, of="A1e", title=title)
    for password in ("wrong", ""):
        answer = CheckedAccount(run.target, run.main.username, password).log_in()
        title = "a wrong password logs in" if answer.is_good else "a wrong password is not refused with 401"
        judge.status(answer, *((401, 422) if not password else (401,)), of="A2a", title=title)


def _expired(judge: Judge, secured: Sequence[Operation]) -> None:
    """Let an hour pass. A token of a user's page lasts longer. Raises: NotTestable."""
    run = judge.run
    if run.after_expiry is None:
        raise NotTestable("an expired token needs --after-expiry, such as 'mockaxle advance 61m'")
    run.main.log_in()
    old, user = run.main.with_token(run.main.bearer), _user(run)
    _let_an_hour_pass(run, run.after_expiry)
    for operation in secured:
        answer = _call(old, operation, run)
        judge.expect(not answer.is_good, answer, of="A1d", title="a token is valid after an hour", expected="401")
        judge.status(answer, 401, of="A3c", title="an expired token is not refused with 401")
    fresh = run.main.log_in()
    judge.status(fresh, 200, of="A1a", title=f"{LOG_IN} issues no new token after an hour")
    for account in filter(None, (run.other, run.limited)):
        account.log_in()
    if user is not None:
        site_id, account = user
        title = "a component token is not valid after an hour"
        judge.status(account.call(READ_SITE, site_id=site_id), 200, of="A7d", title=title)
        run.take_away(run.main, site_id)


def _user(run: Run) -> tuple[str, CheckedAccount] | None:
    """Return the site and the token of a new user, if the server has such tokens."""
    if COMPONENT_TOKEN not in run.keys or not run.may_write:
        return None
    form = {"external_user_id": external_id(run, "lasting"), "allowed_origin": "https://app.example"}
    given = run.main.call(COMPONENT_TOKEN, form={**form, CONSENTED: CONSENT})
    site_id, token = given.text_at("id"), given.text_at("access_token")
    if site_id is None or token is None:
        return None
    account = run.main.with_token(token)
    account.number = run.target.tokens
    return site_id, account


def _let_an_hour_pass(run: Run, command: str) -> None:
    """Raises: NotTestable."""
    patience = max(0.1, min(PATIENCE_SECONDS, run.target.left_seconds()))
    try:
        code, printed = run_child(shlex.split(command), seconds=patience)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise NotTestable(f"--after-expiry cannot be run: {error}") from None
    if code != 0:
        raise NotTestable(f"--after-expiry failed with {code}: {printed.strip()[-200:]}")
