"""Notes refused calls, which must not have stored anything. Source: L0, L10, U1, U14."""

from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.names import CONSENTED
from mockaxle.harness.operations import (
    CHANGE_ASSET,
    CHANGE_SITE,
    DELETE_SITE,
    ENROL,
    INITIALISE,
    ONBOARD,
    REGISTER,
)
from mockaxle.harness.watching.memory import METHODS, Known, Memory
from mockaxle.harness.watching.values import objects

UNSTORED = {ONBOARD: "U1d", INITIALISE: "U1d", REGISTER: "L0k"}
"""Operations that create a site, with the statements that nothing of a refused call is stored."""


def note_refused(memory: Memory, call: MadeCall, *, answer: Answer) -> None:
    """Note by which statements the objects of a refused call are as before."""
    if not 400 <= answer.status < 500:
        return
    if call.operation in UNSTORED:
        _creation(memory, call, of=UNSTORED[call.operation])
    site, asset = memory.sites.get(call.ids.get("site_id", "")), memory.assets.get(call.ids.get("asset_id", ""))
    if site is not None and call.operation == ENROL:
        site.expect("L0k", CONSENTED, METHODS)
    elif site is not None and call.operation == CHANGE_SITE:
        site.expect("U14b", *call.object_at())
    elif site is not None and call.operation == DELETE_SITE and not site.gone:
        site.there = "L10b"
    elif asset is not None and call.operation == CHANGE_ASSET:
        asset.expect("U14b", *call.object_at())


def _creation(memory: Memory, call: MadeCall, *, of: str) -> None:
    mpan = call.object_at("site").get("mpan")
    site = memory.site_at(mpan)
    if site is None:
        memory.refused.add(str(mpan))
        return
    site.expect(of, *site.fields)
    for asset in _assets(memory, call.object_at()):
        asset.expect(of, *asset.fields)


def _assets(memory: Memory, body: JsonObject) -> list[Known]:
    """Return the known assets that an upsert names."""
    found = (memory.asset_named(one.get("external_id")) for one in objects(body.get("assets")))
    return [one for one in found if one is not None]
