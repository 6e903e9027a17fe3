"""Faults of the lifecycle: L0 to L6."""

from typing import Any

from mockaxle.harness.bodies import LIMITED_PAUSE, SMART_CHARGING
from mockaxle.harness.operations import (
    ADVISE_OF_CONSENT,
    BALANCE,
    CHANGE_SITE,
    CONSENT,
    DECONSENT,
    ELIGIBILITY,
    ENROL,
    EVENT,
    INITIALISE,
    ONBOARD,
    READ_ASSET,
    READ_SITE,
    REGISTER,
    UNENROL,
)
from tests.mutants.lookups import methods_of, site_at
from tests.mutants.planting import fault, in_answers, in_requests
from tests.mutants.proxy import Call, Mock, Reply, Seen, refusal

FURTHER = ("cm_infrequent_dispatch", "vpp_limited_control")
CONSENT_AT = "gave_boundary_meter_consent_at"
NOT_ELIGIBLE = frozenset(("Q1", "Q2", "Q4"))
ELIGIBLE_ONLY = ("Q1b", "Q1c", "Q2a", "Q4a", "Q4b")


@in_answers("L1a", ONBOARD, also=("L0a",))
def a_new_site_is_already_enrolled(said: Any, call: Call, seen: Seen) -> None:
    if said["site"]["site_created"]:
        said["enrolment"]["status"] = "already_enrolled"


@in_requests("L0a", ONBOARD, also=("L1a", "L2a", "U1b", "L13a", "L3a", "L3c"))
def onboard_enters_the_other_proposition(sent: Any, call: Call, seen: Seen) -> None:
    sent["proposition"] = SMART_CHARGING if sent["proposition"] == LIMITED_PAUSE else LIMITED_PAUSE


@fault("U1b", ONBOARD, also=("L0a", "L1a", "L13a", "L3a", "L3c"))
async def onboard_leaves_a_new_site_inactive(call: Call, mock: Mock) -> Reply:
    sent = call.json if isinstance(call.json, dict) else {}
    if await site_at(call, mock, sent.get("site", {}).get("mpan")) is not None:
        return await mock(call)
    made = await mock.quietly(call.to(INITIALISE, {"site": sent.get("site"), "assets": sent.get("assets")}))
    if not made.is_good or sent.get("proposition") not in made.json["eligibility"].get("eligible_propositions", ()):
        return await mock(call)
    said = made.json
    enrolment = {"site_id": said["site"]["site_id"], "status": "enrolled"}
    return made.saying({"site": said["site"], "assets": said["assets"], "enrolment": enrolment})


@fault("L1b", INITIALISE, also=("L0b", "L3a", "L3c"))
async def initialise_enrols(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.is_good:
        await mock(call.to(ENROL, {"proposition": LIMITED_PAUSE}, site_id=reply.json["site"]["site_id"]))
    return reply


@fault("L0b", INITIALISE, also=("L3a", "L3c", "L13a"))
async def initialise_unenrols_a_known_site(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.is_good and not reply.json["site"]["site_created"]:
        await mock(call.to(UNENROL, {"proposition": LIMITED_PAUSE}, site_id=reply.json["site"]["site_id"]))
    return reply


@fault("L1c", ENROL, also=("L0c", "L3a", "L3c", "L4a", "L13a"))
async def enrol_does_nothing(call: Call, mock: Mock) -> Reply:
    site_id, wanted = call.ids["site_id"], (call.json or {}).get("proposition")
    eligible = (await mock.quietly(call.to(ELIGIBILITY, site_id=site_id))).json or {}
    out = wanted not in await methods_of(call, mock, site_id)
    if not out or wanted not in eligible.get("eligible_propositions", ()):
        return await mock(call)
    return Reply(200).saying({"site_id": site_id, "status": "enrolled"})


@in_answers("L0c", ENROL, also=("L1c", "L4a", "L5b"))
def enrol_always_says_already_enrolled(said: Any, call: Call, seen: Seen) -> None:
    said["status"] = "already_enrolled"


@in_requests("L0e", CONSENT, also=("L12a",))
def only_the_first_method_is_added(sent: Any, call: Call, seen: Seen) -> None:
    sent["dispatch_methods"] = sent.get("dispatch_methods", [])[:1]


@fault("L12a", CONSENT, also=("L0e", "L3a", "L3c", "L13a"))
async def consent_replaces_the_methods(call: Call, mock: Mock) -> Reply:
    sent = call.json if isinstance(call.json, dict) else {}
    others = set(await methods_of(call, mock, call.ids["site_id"])) - set(sent.get("dispatch_methods", ()))
    if others:
        await mock(call.to(DECONSENT, {"dispatch_methods": sorted(others)}, **call.ids))
    return await mock(call)


@fault("L0f", DECONSENT, also=("L12b", "L3a", "L3c", "L13a"))
async def deconsent_removes_every_method(call: Call, mock: Mock) -> Reply:
    known = await methods_of(call, mock, call.ids["site_id"])
    named = (call.json or {}).get("dispatch_methods")
    return await mock(call.sending({"dispatch_methods": known}) if known and named else call)


@fault("L12b", DECONSENT, also=("L0f", "L3a", "L3c", "L13a"))
async def deconsent_only_says_so(call: Call, mock: Mock) -> Reply:
    site = (await mock.quietly(call.to(READ_SITE, **call.ids))).json or {}
    named = (call.json or {}).get("dispatch_methods", ())
    kept = [method for method in site.get("dispatch_methods", ()) if method not in named]
    return Reply(200).saying({**site, "dispatch_methods": kept}) if "id" in site else await mock(call)


@fault("L0q", ADVISE_OF_CONSENT, also=("Q2a",))
async def meter_consent_is_not_stored(call: Call, mock: Mock) -> Reply:
    site = (await mock.quietly(call.to(READ_SITE, **call.ids))).json or {}
    sent = call.json if isinstance(call.json, dict) else {}
    return Reply(200).saying({**site, **sent}) if "id" in site and CONSENT_AT in sent else await mock(call)


@in_requests("L0g", REGISTER, also=("U11a", "L13a"))
def registration_takes_one_method(sent: Any, call: Call, seen: Seen) -> None:
    consent = sent.get("dispatch_consent", {})
    consent["dispatch_methods"] = consent.get("dispatch_methods", [])[:1]


@fault("L0j", CHANGE_SITE, also=("U14b", "L3a", "L3c", "L13a"))
async def a_change_unenrols_the_site(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.is_good and LIMITED_PAUSE in reply.json["dispatch_methods"]:
        await mock(call.to(UNENROL, {"proposition": LIMITED_PAUSE}, **call.ids))
    return reply


@fault("L0j", f"{EVENT}/plug-in", also=("L1d", "L3a", "L3c", "L13a", "C1a"))
async def plugging_in_unenrols_the_site(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    asset = (await mock.quietly(call.to(READ_ASSET, **call.ids))).json or {}
    if reply.is_good and SMART_CHARGING in await methods_of(call, mock, asset["site_id"]):
        await mock(call.to(UNENROL, {"proposition": SMART_CHARGING}, site_id=asset["site_id"]))
    return reply


@fault("L0k", ENROL, ONBOARD, also=ELIGIBLE_ONLY)
async def a_site_that_is_not_eligible_is_400(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(400) if reply.status == 422 and reply.rules & NOT_ELIGIBLE else reply


@fault("L0k", ENROL, also=ELIGIBLE_ONLY)
async def a_site_that_is_not_eligible_is_enrolled(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status != 422 or not reply.rules & NOT_ELIGIBLE:
        return reply
    await mock(call.to(CONSENT, {"dispatch_methods": [call.json["proposition"]]}, **call.ids))
    return reply.saying({"site_id": call.ids["site_id"], "status": "enrolled"}, 200)


@fault("L0l", ONBOARD, also=("U3a", "U3b"))
async def an_enrolled_site_is_not_filled_in(call: Call, mock: Mock) -> Reply:
    sent = call.json if isinstance(call.json, dict) else {}
    known = await site_at(call, mock, sent.get("site", {}).get("mpan"))
    if known is None or sent["proposition"] not in known["dispatch_methods"]:
        return await mock(call)
    site = {name: known.get(name, sent["site"].get(name)) for name in ("mpan", "postcode")}
    assets = [{name: one[name] for name in ("external_id", "type")} for one in sent["assets"]]
    return await mock(call.sending({**sent, "site": site, "assets": assets}))


@fault("L0m", ENROL, also=("L4b",))
async def a_second_enrol_stores_its_consent(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    sent = call.json if isinstance(call.json, dict) else {}
    if reply.is_good and reply.json["status"] == "already_enrolled" and CONSENT_AT in sent:
        await mock(call.to(ADVISE_OF_CONSENT, {CONSENT_AT: sent[CONSENT_AT]}, **call.ids))
    return reply


@fault("L2a", ENROL, ONBOARD, UNENROL, also=("L0a", "L0c", "Q4b"))
async def smart_charging_is_not_known(call: Call, mock: Mock) -> Reply:
    known = (call.json or {}).get("proposition") != SMART_CHARGING
    return await mock(call) if known else refusal(422, [])


@fault("L2b", ENROL, also=("G1c",))
async def enrol_takes_further_methods(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    method = (call.json or {}).get("proposition")
    if reply.status != 422 or method not in FURTHER:
        return reply
    await mock(call.to(CONSENT, {"dispatch_methods": [method]}, **call.ids))
    return reply.saying({"site_id": call.ids["site_id"], "status": "enrolled"}, 200)


@fault("L2c", CONSENT, also=("L0e", "L12a"))
async def consent_refuses_the_capacity_market(call: Call, mock: Mock) -> Reply:
    named = (call.json or {}).get("dispatch_methods", ())
    return refusal(422, []) if FURTHER[0] in named else await mock(call)


@fault("L3b", READ_SITE, also=("L8a", "E4b", "L1d"))
async def an_unenrolled_site_is_not_there(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    former = mock.seen.setdefault("enrolled", set())
    if reply.is_good and reply.json["dispatch_methods"]:
        former.add(call.ids["site_id"])
    left = reply.is_good and not reply.json["dispatch_methods"] and call.ids["site_id"] in former
    return reply.refusing(404) if left else reply


@fault("L3b", BALANCE, also=("L6c",))
async def an_unenrolled_site_has_no_payments(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    stays = not reply.is_good or await methods_of(call, mock, call.ids["site_id"])
    return reply if stays else reply.refusing(404)


@in_answers("L3c", READ_SITE, also=("L13a", "L1d", "L3a"))
def an_unenrolled_site_keeps_its_methods(said: Any, call: Call, seen: Seen) -> None:
    seen[said["id"]] = said["dispatch_methods"] or seen.get(said["id"], [])
    said["dispatch_methods"] = seen[said["id"]]


@fault("L4b", ENROL, also=("L0c", "L3a", "L3c", "L13a"))
async def a_second_enrol_unenrols(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.is_good and reply.json["status"] == "already_enrolled":
        await mock(call.to(UNENROL, {"proposition": call.json["proposition"]}, **call.ids))
    return reply
