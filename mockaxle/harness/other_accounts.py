"""Calls with the tokens of another organisation, and of an account that may only read. Source: E4, A4, A6."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mockaxle.contract.document import Operation
from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import external_id, onboarding
from mockaxle.harness.names import NOBODY
from mockaxle.harness.operations import (
    COMPONENT_TOKEN,
    FIND_ASSET,
    HARMLESS,
    HOME_ASSISTANT,
    LINK,
    LIST_ASSETS,
    LIST_SITES,
    ONBOARD,
    READ_ASSET,
    READ_SITE,
)
from mockaxle.harness.run import Judge, NotTestable, Run
from mockaxle.harness.samples import sample

MAY_READ = ("GET /entities/", "GET /rewards/")
MAY_LOOK_UP = ("/meter/", "/validation/")
ANY_ROLE = ("/auth/users/me/", "/examples/")


def foreign(judge: Judge) -> None:
    """Call every operation on an organisation's site and charger with another organisation's token.

    Raises: NotTestable.
    """
    run = judge.run
    if run.other is None:
        raise NotTestable("another organisation's token needs --other-username and --other-password")
    if not run.may_write:
        raise NotTestable("another organisation's site needs writes: --allow-writes")
    mpan = run.homes.next()
    made = run.main.call(ONBOARD, onboarding(run, mpan, name="foreign"))
    site_id, asset_id = made.value("site", "site_id"), made.value("assets", 0, "asset_id")
    if not isinstance(site_id, str) or not isinstance(asset_id, str):
        raise NotTestable(f"no site could be onboarded: {made.shown}")
    ids = {"site_id": site_id, "asset_id": asset_id}
    for operation in _by_id(run):
        _missing(judge, _call_on(run, operation, ids))
    if FIND_ASSET in run.keys:
        _missing(judge, replace(run.other, allowed=False).call(FIND_ASSET, external_id=external_id(run, "foreign")))
    for key, name in ((LIST_SITES, "sites"), (LIST_ASSETS, "assets")):
        if key in run.keys:
            _unlisted(judge, run.other, key, name=name, ids=set(ids.values()))
    _untouched(run, site_id, asset_id)
    run.take_away(run.main, site_id)


def _by_id(run: Run) -> Iterator[Operation]:
    """Yield the operations on a site or an asset. Linking answers 400 by a decision of the mock."""
    for operation in run.operations:
        names = {one.name for one in operation.parameters if one.where == "path"}
        if names & {"site_id", "asset_id"} and operation.key not in (LINK, HOME_ASSISTANT):
            yield operation


def _call_on(run: Run, operation: Operation, ids: dict[str, str]) -> Answer:
    assert run.other is not None
    names = [one.name for one in operation.parameters if one.where == "path"]
    body, form, query = sample(run, operation.key)
    account = replace(run.other, allowed=False)
    path_ids = {name: ids.get(name, NOBODY) for name in names}
    return account.call(operation.key, body, form=form, query=query, ids=path_ids)


def _missing(judge: Judge, answer: Answer) -> None:
    title = "another organisation's object is not answered as missing"
    judge.status(answer, 404, of="E4a", title=title)


def _unlisted(judge: Judge, account: CheckedAccount, operation: str, *, name: str, ids: set[str]) -> None:
    listed = account.call(operation, query={"limit": 5000})
    seen = {str(one.get("id")) for one in listed.objects_at(name)}
    title = f"a list of {name} shows another organisation's"
    judge.expect(not seen & ids, listed, of="E4a", title=title, expected="a list without them")


def _untouched(run: Run, site_id: str, asset_id: str) -> None:
    """Read the site and the charger, so that they are compared with what was written."""
    for operation, ids in ((READ_SITE, {"site_id": site_id}), (READ_ASSET, {"asset_id": asset_id})):
        if operation in run.keys:
            run.main.call(operation, ids=ids)


def limited(judge: Judge, secured: Sequence[Operation]) -> None:
    """Raises: NotTestable."""
    run = judge.run
    if run.limited is None:
        raise NotTestable("a token without every role needs --limited-username and --limited-password")
    for operation in secured:
        if operation.path.startswith(ANY_ROLE):
            continue
        ids = {one.name: NOBODY for one in operation.parameters if one.where == "path"}
        body, form, query = sample(run, operation.key)
        answer = replace(run.limited, allowed=False).call(operation.key, body, form=form, query=query, ids=ids)
        reads = operation.key.startswith(MAY_READ) or operation.path.startswith(MAY_LOOK_UP)
        if reads and operation.key != HOME_ASSISTANT:
            may = answer.status not in (401, 403) or "role" not in answer.text
            title = "a read-only account may not read"
            judge.expect(may, answer, of="A6a", title=title, expected="neither 401 nor 403")
        else:
            _without_role(judge, answer, has_ids=bool(ids))


def _without_role(judge: Judge, answer: Answer, *, has_ids: bool) -> None:
    """Check a refusal. With unknown ids, the order of the checks decides, which is the mock's own."""
    title = "a token without the role is accepted"
    of = "A6a" if answer.operation in HARMLESS else "A4a"
    refused = judge.expect(not answer.is_good, answer, of=of, title=title, expected="403")
    if refused:
        of = "E3a" if has_ids or answer.operation == COMPONENT_TOKEN else of
        judge.status(answer, 403, of=of, title="a missing role is not refused with 403")
