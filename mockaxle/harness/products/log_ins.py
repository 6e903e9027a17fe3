"""The form of the log-in, the tokens it answers, and the own user. Source: A1, A5, A6, A11."""

from collections.abc import Mapping

from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.operations import WHO
from mockaxle.harness.products.judging import accepted, refusable, refused
from mockaxle.harness.run import Judge
from mockaxle.harness.target import LOG_IN, Counts

WRONG_GRANTS = ("client_credentials", "refresh_token", "passwords", "my password", "PASSWORD")
OPENS: Mapping[str, tuple[str, ...]] = {
    "entity_read": ("GET /entities/",),
    "entity_write": ("POST /entities/", "PATCH /entities/", "DELETE /entities/"),
    "rewards": ("GET /rewards/",),
    "lookup": ("POST /meter/", "GET /meter/", "POST /validation/"),
    "metrics_write": ("POST /data/",),
    "components": ("POST /auth/component-token",),
}
"""The beginnings of the operations that a role opens. Source: A6."""


def log_ins(judge: Judge) -> None:
    """Log in with each form, and read the own user with the new token."""
    run = judge.run
    own = {"username": run.main.username, "password": run.main.password}
    for form in (own, {**own, "grant_type": "password"}):
        answer = run.main.call(LOG_IN, form=form)
        if accepted(judge, answer, of="A1a", title="a log-in with username and password is refused"):
            _judge_user(judge, _with_token(run.main, answer))
    for grant in WRONG_GRANTS:
        answer = refusable(run).call(LOG_IN, form={**own, "grant_type": grant})
        refused(judge, answer, of="A1b", title="a log-in with another grant_type than password is accepted")
    for name in own:
        form = {other: value for other, value in own.items() if other != name}
        answer = refusable(run).call(LOG_IN, form={**form, "grant_type": "password"})
        refused(judge, answer, of="A1a", title=f"a log-in without {name} is accepted")
    for account in filter(None, (run.other, run.limited, run.main)):
        account.log_in()  # an hour may have passed
        _judge_user(judge, account)


def _with_token(account: CheckedAccount, answer: Answer) -> CheckedAccount:
    user = account.with_token(str(answer.value("access_token")))
    user.number = account.target.tokens
    return user


def _judge_user(judge: Judge, account: CheckedAccount) -> None:
    answer = account.call(WHO)
    said, title = answer.value("username"), "username is not that of the account"
    judge.expect(said == account.username, answer, of="A5a", title=title, expected=account.username)
    roles, used = answer.texts_at("roles"), _used(account) if account is judge.run.main else set[str]()
    title = "roles lacks one that the account has used"
    judge.expect(used <= roles, answer, of="A6a", title=title, expected=f"also {', '.join(sorted(used - roles))}")


def _used(account: CheckedAccount) -> set[str]:
    """Return the roles without which no operation would have been accepted so far."""
    counts = account.target.counts
    accepted_ones = [key for key in counts if counts.get(key, Counts()).accepted]
    return {role for role, beginnings in OPENS.items() if any(key.startswith(beginnings) for key in accepted_ones)}
