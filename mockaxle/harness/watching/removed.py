"""Checks that removed sites and assets are gone, and that the others are there. Source: L6, L8, E4, G7."""

from collections.abc import Iterator

from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.operations import (
    ASSET_PRICES,
    BALANCE,
    BATTERY_SCHEDULE,
    CHANGE_ASSET,
    CHANGE_SITE,
    DELETE_ASSET,
    DELETE_SITE,
    ELIGIBILITY,
    ENROL,
    FIND_ASSET,
    OFFBOARD,
    READ_ASSET,
    READ_SITE,
    TRANSACTIONS,
    UNENROL,
)
from mockaxle.harness.watching.checked import Checked
from mockaxle.harness.watching.memory import Kind, Known, Memory

FOUND = {
    READ_SITE: "L8a",
    CHANGE_SITE: "L8a",
    DELETE_SITE: "L0i",
    OFFBOARD: "L0h",
    ELIGIBILITY: "Q3h",
    ENROL: "L0c",
    UNENROL: "L0d",
    BALANCE: "L3b",
    TRANSACTIONS: "L3b",
    READ_ASSET: "L8b",
    CHANGE_ASSET: "L8b",
    DELETE_ASSET: "L8b",
}
"""Operations that are 404 for one reason only, the site or asset does not exist, with the statements they break."""

FORBIDDEN_FIRST = frozenset((ASSET_PRICES, BATTERY_SCHEDULE))
"""Operations that may be 403 before they look for the asset."""


def removed(memory: Memory, call: MadeCall, *, answer: Answer) -> Iterator[Checked]:
    """Yield a case for each known site or asset in the path of a call."""
    for name, known in (("site_id", memory.sites), ("asset_id", memory.assets)):
        one = known.get(call.ids.get(name, ""))
        if one is None:
            continue
        if one.gone:
            yield from _gone(one, call, answer)
        elif call.operation in FOUND and call.is_full:
            of = _found_by(one, call.operation)
            title = f"{call.operation} does not find an existing {one.kind}"
            yield Checked(of, answer.status != 404, title, "any status but 404")
            one.there = "" if answer.is_good else one.there
    if call.operation == FIND_ASSET and call.is_full:
        yield from _named(memory, call, answer)
    if call.operation == ELIGIBILITY and answer.is_good:
        yield from _eligible(memory, answer)


def _found_by(known: Known, operation: str) -> str:
    """Return the statement by which a call finds an existing site or asset. To offboard another site than an Active
    one with assets is a decision of the mock.
    """
    if operation == OFFBOARD and not (known.is_active and known.texts("asset_ids")):
        return "L6f" if known.texts("asset_ids") else "L6g"
    return known.there or FOUND[operation]


def _gone(known: Known, call: MadeCall, answer: Answer) -> Iterator[Checked]:
    """Yield the cases of a call on a removed site or asset."""
    if "/rewards/" in call.operation:
        of = "L6c"
    else:
        of = "L6d" if call.operation == OFFBOARD and known.gone == "L6a" else known.gone
    title = f"{call.operation} finds {known.called} that was removed"
    yield Checked(of, not answer.is_good, title, "404")
    if not answer.is_good and "/oauth/" not in call.operation:
        title = missing_title(call.operation, known.kind)
        yield Checked("E4b" if of not in ("L6c", "L6d") else of, _is_missing(call, answer), title, "404")


def missing_title(operation: str, kind: Kind) -> str:
    return f"{operation} answers a missing {kind} with another status than 404"


def _is_missing(call: MadeCall, answer: Answer) -> bool:
    """Tell whether a refusal fits a missing object. One with a body may be malformed."""
    if answer.status in (404, 401, 429):
        return True
    if answer.status in (413, 422):
        return call.body is not None or bool(call.query)
    return answer.status == 403 and (not call.is_full or call.operation in FORBIDDEN_FIRST)


def _named(memory: Memory, call: MadeCall, answer: Answer) -> Iterator[Checked]:
    """Yield the case of an asset that is looked up by its external id."""
    name = call.ids.get("external_id")
    if (one := memory.asset_named(name)) is not None:
        title = "an existing asset is not found by its external id"
        yield Checked(one.there or "U5a", answer.status != 404, title, "any status but 404")
        if answer.is_good:
            title = "another asset is found by an external id"
            yield Checked("U13d", answer.value("id") == one.id, title, f"id {one.id}")
        return
    gone = [one for one in memory.assets.values() if one.gone and one.fields.get("external_id") == name]
    if gone:
        title = "a removed asset is found by its external id"
        yield Checked(gone[-1].gone, not answer.is_good, title, "404")


def _eligible(memory: Memory, answer: Answer) -> Iterator[Checked]:
    """Yield the cases of removed assets that an eligibility lists."""
    listed = {str(one.get("asset_id")) for one in answer.objects_at("assets")}
    for one in (memory.assets[id] for id in sorted(listed & memory.assets.keys())):
        title = "the eligibility of a site lists an asset that was removed"
        yield Checked(one.gone or "L13d", not one.gone, title, "live assets only")
