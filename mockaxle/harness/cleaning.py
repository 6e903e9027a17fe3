"""Removes everything that a run created at the server, and lists what could not be removed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.operations import DELETE_ASSET, LIST_ASSETS, LIST_SITES, READ_ASSET
from mockaxle.harness.run import Run
from mockaxle.harness.target import NoAnswer, OutOfTime, Silent

PAGE = 5000
"""The maximum length of a page. Source: U12."""


class Unlisted(Exception):
    """A list could not be read."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The ids of an organisation's sites and assets, in the order listed."""

    sites: tuple[str, ...]
    assets: tuple[str, ...]


def note_what_is_there(run: Run) -> None:
    """List sites and assets before requests whose answers the run does not see. Raises: NoAnswer and similar errors."""
    run.compares = True
    try:
        run.before = inventory(run)
    except Unlisted:
        run.before = None


def inventory(run: Run) -> Inventory:
    """Raises: Unlisted, NoAnswer and similar errors."""
    account = replace(run.main, allowed=False)
    return Inventory(_ids(account, LIST_SITES, name="sites"), _ids(account, LIST_ASSETS, name="assets"))


def _ids(account: CheckedAccount, operation: str, *, name: str) -> tuple[str, ...]:
    """Read the ids of all pages, even if the server's pages have another length. Raises: Unlisted."""
    found: dict[str, None] = {}
    while True:
        answer = account.call(operation, query={"limit": PAGE, "offset": len(found)})
        if not answer.is_good or not isinstance(answer.value(name), list):
            raise Unlisted(f"{operation} returned {answer.status}")
        fresh = {str(one.get("id")): None for one in answer.objects_at(name) if str(one.get("id")) not in found}
        if not fresh:
            return tuple(found)
        found |= fresh


def clean_up(run: Run) -> list[str]:
    """Remove everything that this run left; return descriptions of what could not be removed."""
    left = [f"site {id}" for id, account in list(run.target.created.items()) if not _taken_away(run, account, id)]
    left += [f"perhaps a site at MPAN {mpan}" for mpan in run.target.unanswered if not _found(run, mpan)]
    return list(dict.fromkeys([*left, *_unknown_ones(run)]))


def _unknown_ones(run: Run) -> list[str]:
    """Remove sites and assets that are new since the run began, after requests with unseen answers."""
    if not run.compares:
        return []
    try:
        before, after = run.before or _unlisted(), inventory(run)
        left = [id for id in after.sites if id not in before.sites and not _taken_away(run, run.main, id)]
        assets = [id for id in inventory(run).assets if id not in before.assets]
    except (Unlisted, NoAnswer, OutOfTime, Silent) as error:
        return [f"perhaps further sites and assets, which could not be listed: {error}"]
    return [f"site {id}" for id in left] + [f"asset {id}" for id in assets if not _deleted(run, id)]


def _unlisted() -> Inventory:
    raise Unlisted("the lists could not be read at the start")


def _taken_away(run: Run, account: CheckedAccount, site_id: str) -> bool:
    return _is_done(lambda: run.take_away(account, site_id))


def _deleted(run: Run, asset_id: str) -> bool:
    def delete() -> bool:
        answer: Answer = run.main.call(DELETE_ASSET, asset_id=asset_id)
        return answer.is_good or answer.status == 404

    return _is_done(delete)


def _is_done(act: Callable[[], bool]) -> bool:
    try:
        return act()
    except (NoAnswer, OutOfTime, Silent):
        return False


def _found(run: Run, mpan: str) -> bool:
    """Tell whether the site of an unanswered call was found, as one whose assets are this run's, and removed."""

    def find() -> bool:
        listed = run.main.call(LIST_SITES, query={"mpan": mpan})
        own = [site for site in listed.objects_at("sites") if _is_own(run, site)]
        return listed.is_good and all(run.take_away(run.main, str(site.get("id"))) for site in own)

    return _is_done(find)


def _is_own(run: Run, site: JsonObject) -> bool:
    ids = site.get("asset_ids")
    assets = [run.main.call(READ_ASSET, asset_id=str(one)) for one in (ids if isinstance(ids, list) else ())]
    names = [asset.text_at("external_id") or "" for asset in assets]
    return bool(names) and all(name.startswith(f"{run.id}-") for name in names)
