"""Component tokens: a user's site, its consent, and what the token must not do. Source: A7-A9."""

from collections.abc import Mapping

from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import CONSENT, external_id
from mockaxle.harness.names import CONSENTED
from mockaxle.harness.operations import (
    BALANCE,
    CHANGE_SITE,
    COMPONENT_TOKEN,
    LIST_SITES,
    READ_SITE,
    TRANSACTIONS,
    WITHDRAWAL_PAGE,
)
from mockaxle.harness.products.judging import accepted, refusable, refused
from mockaxle.harness.run import Judge, NotTestable, Run

LATER = "2026-02-02T10:30:00Z"
REWARDS = (BALANCE, TRANSACTIONS, WITHDRAWAL_PAGE)
Form = Mapping[str, str]


def component_tokens(judge: Judge) -> None:
    """Get tokens for two users, and use them. Raises: NotTestable."""
    run = judge.run
    run.needs(COMPONENT_TOKEN, READ_SITE)
    _judge_forms(judge)
    made: list[str] = []
    try:
        first = _judge_user(judge, _form(run, "user"), made)
        second = _judge_user(judge, {**_form(run, "neighbour"), "user_email": "ada@example.org"}, made)
        _judge_reach(judge, first, own=made[0], other=made[-1])
        _judge_reach(judge, second, own=made[-1], other=made[0])
        _judge_consents(judge, made[0])
    finally:
        for site_id in dict.fromkeys(made):
            run.take_away(run.main, site_id)


def _form(run: Run, name: str) -> dict[str, str]:
    user = {"external_user_id": external_id(run, f"products-{name}"), "allowed_origin": "https://app.example"}
    return {**user, CONSENTED: CONSENT}


def _judge_forms(judge: Judge) -> None:
    """Leave out what a new user needs."""
    run, form = judge.run, _form(judge.run, "nobody")
    needed = {"external_user_id": "A7h", "allowed_origin": "A7h", CONSENTED: "A8a"}
    if run.settings.consent_exempt:
        del needed[CONSENTED]
    for name, of in needed.items():
        given = refusable(run).call(COMPONENT_TOKEN, form={other: form[other] for other in form if other != name})
        refused(judge, given, of=of, title=f"a component token without {name} is given for a new user")
        if name == CONSENTED:
            judge.status(given, 422, of="A8c", title="a missing consent timestamp is not 422")
        if given.is_good and (site_id := given.text_at("id")):
            run.take_away(run.main, site_id)


def _judge_user(judge: Judge, form: Form, made: list[str]) -> CheckedAccount:
    """Get a new user's token twice; note the user's site. Raises: NotTestable."""
    run = judge.run
    given = run.main.call(COMPONENT_TOKEN, form=form)
    accepted(judge, given, of="A7a", title="a component token is refused")
    site_id, token = given.text_at("id"), given.text_at("access_token")
    if site_id is None or token is None:
        raise NotTestable(f"no component token is given: {given.shown}")
    title = "a new user has the site of another"
    judge.expect(site_id not in made, given, of="A7b", title=title, expected="a fresh id")
    made.append(site_id)
    number = run.target.tokens
    read = run.main.call(READ_SITE, site_id=site_id)
    judge.status(read, 200, of="A7b", title="a new user has no site")
    again = run.main.call(COMPONENT_TOKEN, form=form)
    same, title = again.value("id") == site_id, "a known user gets another site"
    judge.expect(same, again, of="A7f", title=title, expected=f"id {site_id}")
    user = run.main.with_token(token)
    user.number = number
    return user


def _judge_reach(judge: Judge, user: CheckedAccount, *, own: str, other: str) -> None:
    """Use a component token on its own site, on another, for rewards and for a further token."""
    run = judge.run
    accepted(judge, user.call(READ_SITE, site_id=own), of="A7c", title="a component token cannot read its site")
    user.allowed = False
    if CHANGE_SITE in run.keys:
        answer = user.call(CHANGE_SITE, {"postcode": "LS1 4AP"}, site_id=own)
        accepted(judge, answer, of="A7c", title="a component token cannot change its site")
    if LIST_SITES in run.keys:
        listed, title = user.call(LIST_SITES, query={"limit": 5000}), "a component token lists other sites than its own"
        ids = [one.get("id") for one in listed.objects_at("sites")]
        judge.expect(ids == [own], listed, of="A7g", title=title, expected=f"the site {own}")
    answer = user.call(READ_SITE, site_id=other)
    refused(judge, answer, of="A7g", title="a component token reads another site")
    for site_id in (own, other):
        _judge_rewards(judge, user, site_id)
    further = user.call(COMPONENT_TOKEN, form=_form(run, "user"))
    refused(judge, further, of="A7e", title="a component token gets a component token")
    nobody = CheckedAccount(run.target, "", "", allowed=False)
    refused(
        judge,
        nobody.call(COMPONENT_TOKEN, form=_form(run, "user")),
        of="A7e",
        title="a component token is given without a token",
    )


def _judge_rewards(judge: Judge, user: CheckedAccount, site_id: str) -> None:
    for operation in (one for one in REWARDS if one in judge.run.keys):
        query = {"redirect_uri": "x"} if operation == WITHDRAWAL_PAGE else None
        answer = user.call(operation, query=query, site_id=site_id)
        refused(judge, answer, of="A9a", title="a component token reads rewards")
        judge.status(answer, 403, of="A9b", title="rewards are not refused with 403 to a component token")


def _judge_consents(judge: Judge, site_id: str) -> None:
    """Get a known user's token without a consent timestamp, and with a later one; the watch compares the site."""
    run, form = judge.run, _form(judge.run, "user")
    without = {name: value for name, value in form.items() if name != CONSENTED}
    for later in (without, {**form, CONSENTED: LATER}, without):
        answer: Answer = run.main.call(COMPONENT_TOKEN, form=later)
        accepted(judge, answer, of="A8b", title="a known user gets no component token")
        run.main.call(READ_SITE, site_id=site_id)
