"""Compares the sites and assets in answers with what is known of them, and learns from them."""

from collections.abc import Iterator

from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import CONSENTED
from mockaxle.harness.operations import (
    ADVISE_OF_CONSENT,
    CHANGE_ASSET,
    CHANGE_SITE,
    CONSENT,
    CREATE_ASSET,
    CREATE_SITE,
    DECONSENT,
    FIND_ASSET,
    LIST_ASSETS,
    LIST_SITES,
    OFFBOARD,
    READ_ASSET,
    READ_SITE,
    REGISTER,
)
from mockaxle.harness.watching.checked import Checked
from mockaxle.harness.watching.memory import HIDDEN, Kind, Known, Memory
from mockaxle.harness.watching.values import same

FIELDS: dict[Kind, tuple[str, ...]] = {
    "site": (
        "mpan",
        "postcode",
        "address",
        CONSENTED,
        "dispatch_methods",
        "asset_ids",
        "tariff",
    ),
    "asset": ("external_id", "type", "site_id", "properties"),
}
WHOLE: dict[str, Kind] = {
    CREATE_SITE: "site",
    READ_SITE: "site",
    CHANGE_SITE: "site",
    CONSENT: "site",
    DECONSENT: "site",
    ADVISE_OF_CONSENT: "site",
    CREATE_ASSET: "asset",
    READ_ASSET: "asset",
    CHANGE_ASSET: "asset",
    FIND_ASSET: "asset",
}
"""Operations whose answer is one site or asset."""

LISTS: dict[str, Kind] = {LIST_SITES: "site", LIST_ASSETS: "asset"}
NAMED: dict[Kind, str] = {"site": "site_id", "asset": "asset_id"}
IDENTITY: dict[Kind, str] = {"site": "U10f", "asset": "U13d"}
SECRET: dict[Kind, str] = {"site": "U10d", "asset": "U13c"}
ALWAYS = ("dispatch_methods", "markets", "asset_ids")
MARKETS = {
    "cm_infrequent_dispatch": "cm",
    "full_asset_schedule_control": "wholesale",
    "limited_pause": "wholesale",
}
"""The markets of dispatch methods, in the order of the enumeration; that of another method is open. Source: L13."""


def shown(call: MadeCall, answer: Answer) -> Iterator[tuple[Kind, JsonObject]]:
    """Yield the sites and assets of an answer."""
    if not answer.is_good:
        return
    if call.operation in WHOLE and isinstance(answer.json, dict):
        yield WHOLE[call.operation], answer.json
    if call.operation in LISTS:
        kind = LISTS[call.operation]
        yield from ((kind, one) for one in answer.objects_at(f"{kind}s"))
    if call.operation in (REGISTER, OFFBOARD):
        kinds: tuple[Kind, ...] = ("site", "asset")
        yield from ((kind, found) for kind in kinds if isinstance(found := answer.value(kind), dict))


def compared(memory: Memory, call: MadeCall, *, answer: Answer) -> Iterator[Checked]:
    """Yield the cases of an answer's sites and assets. Shape: what a write does is noted in the memory before this."""
    for kind, one in shown(call, answer):
        id, wanted = one.get("id"), call.ids.get(NAMED[kind])
        if wanted is not None:
            of = "L6e" if call.operation == OFFBOARD else IDENTITY[kind]
            yield Checked(of, id == wanted, f"{call.operation} answers another {kind}", f"id {wanted}")
        if isinstance(id, str) and wanted in (None, id):
            yield from _one(memory.known(kind, id), call, one)
    if call.operation == OFFBOARD and answer.is_good:
        yield from _offboarded(memory, call, answer)


def _offboarded(memory: Memory, call: MadeCall, answer: Answer) -> Iterator[Checked]:
    listed = memory.known("site", call.ids["site_id"]).texts("asset_ids")
    title = "offboard answers an asset of another site"
    yield Checked("L6e", answer.value("asset", "id") in listed, title, f"one of {', '.join(listed)}")
    if listed:
        title = "offboard answers another asset than the first"
        yield Checked("L6h", answer.value("asset", "id") == listed[0], title, listed[0])


def _one(known: Known, call: MadeCall, found: JsonObject) -> Iterator[Checked]:
    kind = known.kind
    if known.gone and call.operation != OFFBOARD:
        yield Checked(known.gone, False, f"{call.operation} shows {known.called} that was removed", "no such object")
        return
    for name in FIELDS[kind]:
        value = found.get(name)
        if name not in known.fields:
            known.read(name, value)
            continue
        checked = _field(known, call, name=name, value=value)
        yield checked
        if not checked.holds:
            known.doubt(name)
    if kind == "site":
        yield from _enrolled(found)
    secrets = sorted(name for name in HIDDEN if found.get(name) is not None)
    title = f"{known.called} is answered with {', '.join(secrets)}"
    yield Checked(SECRET[kind], not secrets, title, "without fields that can only be written")


def _enrolled(found: JsonObject) -> Iterator[Checked]:
    """Yield the cases of the lists that every site has."""
    lists = {name: value for name in ALWAYS if isinstance(value := found.get(name), list)}
    missing = [name for name in ALWAYS if name not in lists]
    yield Checked("L13c", not missing, f"a site without {', '.join(missing)}", "these lists in every site")
    methods = {str(one) for one in lists.get("dispatch_methods", ())}
    if methods <= MARKETS.keys() and not missing:
        markets = {MARKETS[one] for one in methods}
        is_right = {str(one) for one in lists["markets"]} == markets
        title = "markets of a site are not those of its dispatch methods"
        yield Checked("L13b", is_right, title, f"markets {sorted(markets)}")
        title = "dispatch_methods of a site are in another order"
        ordered = [one for one in MARKETS if one in methods]
        yield Checked("L13e", lists["dispatch_methods"] == ordered, title, ", ".join(ordered))


def _field(known: Known, call: MadeCall, *, name: str, value: Json) -> Checked:
    """Compare a field of an answer with the known one."""
    is_last, expected = call.operation == OFFBOARD and name not in known.due, known.fields[name]
    of = "L6e" if is_last else known.judge(name)
    of = "U14b" if of == "U14a" and name == "properties" and _has_sent(call, value) else of
    is_same = same(name, expected, other=value)
    if call.operation in (CHANGE_SITE, CHANGE_ASSET) and not is_same:
        known.expect("U14c", name)
    title = f"{name} of {known.called} is not what was written and read before"
    return Checked(of, is_same, title, f"{name} {expected!r}")


def _has_sent(call: MadeCall, value: Json) -> bool:
    """Tell whether an answer has the properties that its PATCH sends, so that only others can be wrong."""
    sent, found = call.object_at("properties"), value if isinstance(value, dict) else {}
    return bool(sent) and all(same(key, part, other=found.get(key)) for key, part in sent.items())
