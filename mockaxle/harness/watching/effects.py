"""Notes what calls change, before their answers are compared. Source: L0, U3, U10-U14."""

from collections.abc import Callable, Mapping

from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.names import CONSENTED
from mockaxle.harness.operations import (
    ADVISE_OF_CONSENT,
    CHANGE_ASSET,
    CHANGE_SITE,
    COMPONENT_TOKEN,
    CONSENT,
    CREATE_ASSET,
    CREATE_SITE,
    DECONSENT,
    DELETE_ASSET,
    DELETE_SITE,
    ENROL,
    OFFBOARD,
    ONBOARD,
    READ_SITE,
    REGISTER,
    UNENROL,
)
from mockaxle.harness.watching.memory import HIDDEN, METHODS, Known, Memory

MOVES = frozenset((ENROL, UNENROL, CONSENT, DECONSENT, ONBOARD, OFFBOARD, DELETE_SITE))
"""Operations that may change the standing of a site."""


def note(memory: Memory, call: MadeCall, *, answer: Answer) -> None:
    """Note the effect of an accepted call, except of the upserts and of offboard, whose answers come first."""
    if not answer.is_good:
        return
    if (effect := EFFECTS.get(call.operation)) is not None:
        effect(memory, call, answer)
    if call.operation not in MOVES and call.operation != READ_SITE:
        _stays(memory, call)


def _stays(memory: Memory, call: MadeCall) -> None:
    """Note that the standing of the site of a call is as before."""
    asset = memory.assets.get(call.ids.get("asset_id", ""))
    site = memory.sites.get(call.ids.get("site_id") or str(asset and asset.fields.get("site_id")))
    if site is not None and METHODS not in site.due:
        site.expect("L0j", METHODS, then="L0j" if call.operation in (CHANGE_SITE, ADVISE_OF_CONSENT) else "")


def put_methods(site: Known, methods: set[str], *, of: str, then: str = "") -> None:
    """Note the methods that a site is in."""
    site.write(of, {METHODS: sorted(methods)}, then=then)


def enter(site: Known, method: str, *, of: str) -> None:
    put_methods(site, {*site.texts(METHODS), method}, of=of)


def new_site(memory: Memory, id: str, *, details: JsonObject, of: str, of_address: str, then: str = "") -> Known:
    """Note a site with the values sent."""
    site = memory.create("site", id, of=of)
    memory.refused.discard(str(details.get("mpan")))
    values = {name: details.get(name) for name in ("mpan", "postcode", "email", CONSENTED)}
    site.write(of, values, then=then)
    site.write(of_address, {"address": details.get("street_address")}, then=then and of_address)
    site.write("L13d", {"asset_ids": []})
    site.fields["tariff"] = None
    put_methods(site, set(), of="L13a")
    return site


def new_asset(
    memory: Memory, id: str, *, details: JsonObject, site_id: str, of: str, of_site: str = "L13d", then: str = ""
) -> None:
    """Note an asset with the values sent, at its site."""
    asset = memory.create("asset", id, of=of)
    names = ("external_id", "type", "properties", "asset_model", "installation_date")
    asset.write(of, {**{name: details.get(name) for name in names}, "site_id": site_id}, then=then)
    site = memory.sites.get(site_id)
    if site is not None and "asset_ids" in site.fields:
        site.write(of_site, {"asset_ids": [*site.texts("asset_ids"), id]})


def _create_site(memory: Memory, call: MadeCall, answer: Answer) -> None:
    if (id := answer.text_at("id")) is None:
        return
    new_site(memory, id, details=call.object_at(), of="U10f", of_address="U10c", then="U10f")


def _create_asset(memory: Memory, call: MadeCall, answer: Answer) -> None:
    details, id = call.object_at(), answer.text_at("id")
    if id is None:
        return
    site_id = str(details.get("site_id"))
    site = memory.sites.get(site_id)
    is_active = site is not None and site.is_active
    of_site = "L13d" if is_active else "L8b"
    new_asset(memory, id, details=details, site_id=site_id, of="U13d", of_site=of_site, then="U13d")
    if site is not None and is_active:
        site.expect("L9a", METHODS)


def _register(memory: Memory, call: MadeCall, answer: Answer) -> None:
    site_id, asset_id = answer.text_at("site", "id"), answer.text_at("asset", "id")
    if site_id is None or asset_id is None:
        return
    site = new_site(memory, site_id, details=call.object_at("site"), of="U11d", of_address="U11d", then="U11d")
    new_asset(memory, asset_id, details=call.object_at("asset"), site_id=site_id, of="U11d", then="U11d")
    named = _named(call, "dispatch_consent")
    of = "L0g" if named else "U11b"
    put_methods(site, named, of=of, then=of)


def _change_site(memory: Memory, call: MadeCall, answer: Answer) -> None:
    site = memory.known("site", call.ids["site_id"])
    sent = {name: value for name, value in call.object_at().items() if value is not None}
    tariff, before = sent.get("tariff"), site.fields.get("tariff")
    _leave(site)
    site.write("U14a", sent, then="U14c")
    if isinstance(tariff, dict) and isinstance(before, dict) and before.keys() - tariff.keys():
        del site.fields["tariff"]  # no rule says whether a part of it is replaced or merged


def _change_asset(memory: Memory, call: MadeCall, answer: Answer) -> None:
    asset = memory.known("asset", call.ids["asset_id"])
    sent = {name: value for name, value in call.object_at().items() if value is not None}
    properties, before = sent.pop("properties", None), asset.fields.get("properties")
    _leave(asset)
    asset.write("U14a", sent, then="U14c")
    if isinstance(properties, dict) and "properties" in asset.fields:
        changed = {name: value for name, value in properties.items() if value is not None}
        merged = {**(before if isinstance(before, dict) else {}), **changed}
        asset.write("U14a", {"properties": merged}, then="U14c")


def _leave(known: Known) -> None:
    """Note that a PATCH does not change the fields that it does not send."""
    changed = {name for name in HIDDEN if known.written.get(name) == "U14a"}
    known.expect("U14b", *(known.fields.keys() - changed - {METHODS}), then="U14b")


def _advise(memory: Memory, call: MadeCall, answer: Answer) -> None:
    site = memory.known("site", call.ids["site_id"])
    site.write("L0q", {CONSENTED: call.object_at().get(CONSENTED)}, then="L0q")


def _enrol(memory: Memory, call: MadeCall, answer: Answer) -> None:
    site, sent = memory.known("site", call.ids["site_id"]), call.object_at().get(CONSENTED)
    if answer.value("status") != "enrolled":
        site.expect("L4b", *site.fields)
        site.expect("L0m" if sent is not None else "L4b", CONSENTED)
        return
    if METHODS in site.fields:
        enter(site, str(call.object_at().get("proposition")), of="L1c")
    if sent is not None:
        site.write("U4a", {CONSENTED: sent})


def _unenrol(memory: Memory, call: MadeCall, answer: Answer) -> None:
    site, left = memory.known("site", call.ids["site_id"]), call.object_at().get("proposition")
    site.expect("L3b", *(name for name in site.fields if name != METHODS))
    site.there = "L3b"
    if METHODS in site.fields:
        remaining = {one for one in site.texts(METHODS) if one != left}
        put_methods(site, remaining, of="L3a" if remaining else "L3c")


def _consent(memory: Memory, call: MadeCall, answer: Answer) -> None:
    site, named = memory.known("site", call.ids["site_id"]), _named(call)
    if METHODS in site.fields:
        before = set(site.texts(METHODS))
        is_adding = call.operation == CONSENT
        of = ("L12a" if is_adding else "L12b") if named else "L12c"
        put_methods(site, before | named if is_adding else before - named, of=of, then=of)


def _named(call: MadeCall, *keys: str) -> set[str]:
    methods = call.object_at(*keys).get("dispatch_methods")
    return {str(one) for one in methods} if isinstance(methods, list) else set()


def _delete_site(memory: Memory, call: MadeCall, answer: Answer) -> None:
    memory.remove_site(call.ids["site_id"], of="L0i", of_assets="L0i")


def _delete_asset(memory: Memory, call: MadeCall, answer: Answer) -> None:
    asset = memory.known("asset", call.ids["asset_id"])
    site = memory.sites.get(str(asset.fields.get("site_id")))
    of = "L9b" if site is not None and site.is_active else "L8b"
    memory.remove_asset(asset.id, of=of)
    if site is not None:
        site.expect(of, "asset_ids")


def _component_token(memory: Memory, call: MadeCall, answer: Answer) -> None:
    if (id := answer.text_at("id")) is None:
        return
    is_new = id not in memory.sites
    site, sent = memory.known("site", id), call.form.get(CONSENTED)
    if is_new or sent is not None:
        site.write("A7b" if is_new else "A8b", {CONSENTED: sent})


EFFECTS: Mapping[str, Callable[[Memory, MadeCall, Answer], None]] = {
    CREATE_SITE: _create_site,
    CREATE_ASSET: _create_asset,
    REGISTER: _register,
    CHANGE_SITE: _change_site,
    CHANGE_ASSET: _change_asset,
    ADVISE_OF_CONSENT: _advise,
    ENROL: _enrol,
    UNENROL: _unenrol,
    CONSENT: _consent,
    DECONSENT: _consent,
    DELETE_SITE: _delete_site,
    DELETE_ASSET: _delete_asset,
    COMPONENT_TOKEN: _component_token,
}


def note_offboarded(memory: Memory, call: MadeCall, *, answer: Answer) -> None:
    """Note that a site and its assets are gone, after the answer that shows them was compared."""
    if call.operation == OFFBOARD and answer.is_good:
        memory.remove_site(call.ids["site_id"], of="L6a", of_assets="L6b")
