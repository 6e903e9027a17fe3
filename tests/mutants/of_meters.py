"""Faults of eligibility and meters: part Q."""

from collections.abc import Iterator
from typing import Any

from mockaxle.harness.operations import (
    CHECK_ELIGIBILITY,
    CONSENT,
    ELIGIBILITY,
    ENROL,
    INITIALISE,
    METER_BY_ADDRESS,
    METER_BY_MPAN,
    METER_BY_MPAN_OLDER,
    METER_BY_REF,
    ONBOARD,
    SEARCH_METERS,
    VALIDATE_MPAN,
)
from tests.mutants.planting import fault, in_answers, misjudging, refusing, rewriting
from tests.mutants.proxy import Call, Mock, Reply, Seen, refusal

SITE_VERDICTS = (ELIGIBILITY, INITIALISE)
VERDICTS = (*SITE_VERDICTS, CHECK_ELIGIBILITY)
CODES = {
    "Q3a": "asset_model_not_set",
    "Q3b": "asset_model_not_found",
    "Q3c": "asset_model_not_cop11_qualified",
    "Q3d": "asset_installation_date_not_set",
    "Q3e": "non_domestic_site",
}


def verdicts_in(said: Any) -> Iterator[Any]:
    """The verdicts on propositions in an answer, those of each asset if it is about a site."""
    detail = said.get("eligibility", said)
    for holder in detail.get("assets", [detail]):
        yield from holder.get("propositions", ())


def is_half_hourly(said: Any) -> bool:
    return bool(said.get("eligibility", said)["site_properties"]["is_half_hourly_settled"])


def without_code(code: str, statement: str) -> None:
    """Register a fault that never gives one of the codes."""

    def rewrite(said: Any, call: Call, seen: Seen) -> None:
        for verdict in verdicts_in(said):
            verdict["issues"] = [issue for issue in verdict.get("issues", ()) if issue != code]

    rewriting(f"{code}_is_not_reported", statement, *VERDICTS, rewrite=rewrite)


for _statement, _code in CODES.items():
    without_code(_code, _statement)


@in_answers("Q3h", ELIGIBILITY)
def an_eligibility_lacks_its_last_asset(said: Any, call: Call, seen: Seen) -> None:
    said["assets"] = said["assets"][:-1]


@in_answers("Q3h", ELIGIBILITY)
def an_eligibility_is_read_without_propositions(said: Any, call: Call, seen: Seen) -> None:
    said["eligible_propositions"] = []


@in_answers("Q3h", INITIALISE)
def initialise_judges_the_first_asset_only(said: Any, call: Call, seen: Seen) -> None:
    said["eligibility"]["assets"] = said["eligibility"]["assets"][:1]


def _settled_otherwise(said: Any) -> None:
    properties = said["site_properties"]
    properties["is_half_hourly_settled"] = not properties["is_half_hourly_settled"]


@in_answers("Q3i", ELIGIBILITY, also=("Q3h",))
def an_eligibility_is_read_with_another_settlement(said: Any, call: Call, seen: Seen) -> None:
    _settled_otherwise(said)


@in_answers("Q3i", INITIALISE, also=("Q3h",))
def initialise_answers_another_settlement(said: Any, call: Call, seen: Seen) -> None:
    _settled_otherwise(said["eligibility"])


@in_answers("Q1a", *SITE_VERDICTS, also=("Q3b",))
def an_unknown_model_is_not_eligible(said: Any, call: Call, seen: Seen) -> None:
    for verdict in verdicts_in(said):
        if "asset_model_not_found" in verdict.get("issues", ()):
            verdict["is_eligible"] = False


@fault("Q1a", ONBOARD, also=("L0a", "L1a"))
async def an_unqualified_model_cannot_be_onboarded(call: Call, mock: Mock) -> Reply:
    models = {asset.get("asset_model") for asset in call.json["assets"]}
    return refusal(422) if models & {"basic_charger"} else await mock(call)


@in_answers("Q1b", *SITE_VERDICTS)
def a_qualified_model_is_not_eligible(said: Any, call: Call, seen: Seen) -> None:
    if not is_half_hourly(said):
        said.get("eligibility", said)["eligible_propositions"] = []
        for verdict in verdicts_in(said):
            verdict["is_eligible"] = False


@in_answers("Q1b", *VERDICTS, also=("Q3c",))
def an_unqualified_model_is_eligible(said: Any, call: Call, seen: Seen) -> None:
    for verdict in verdicts_in(said):
        if "asset_model_not_cop11_qualified" in verdict.get("issues", ()):
            verdict["is_eligible"] = True


@fault("Q2a", ENROL, also=("L0k", "L0c"))
async def a_site_without_consent_is_enrolled(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status != 422 or "Q2" not in reply.rules:
        return reply
    await mock(call.to(CONSENT, {"dispatch_methods": [call.json["proposition"]]}, **call.ids))
    return reply.saying({"site_id": call.ids["site_id"], "status": "enrolled"}, 200)


@fault("Q4a", ONBOARD, also=("L0k",))
async def a_home_without_a_charger_enters_limited_pause(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status != 422 or "Q4" not in reply.rules or call.json["proposition"] != "limited_pause":
        return reply
    made = await mock(call.to(INITIALISE, {"site": call.json["site"], "assets": call.json["assets"]}))
    site, assets = made.json["site"], made.json["assets"]
    await mock(call.to(CONSENT, {"dispatch_methods": ["limited_pause"]}, site_id=site["site_id"]))
    enrolment = {"site_id": site["site_id"], "status": "enrolled"}
    return made.saying({"site": site, "assets": assets, "enrolment": enrolment})


@in_answers("Q4a", *SITE_VERDICTS)
def a_battery_is_eligible_for_limited_pause(said: Any, call: Call, seen: Seen) -> None:
    for asset in said.get("eligibility", said)["assets"]:
        eligible = any(verdict["is_eligible"] for verdict in asset["propositions"])
        for verdict in asset["propositions"]:
            verdict["is_eligible"] = eligible


@fault("Q5a", CHECK_ELIGIBILITY, also=("U1a", "U1c", "U2a", "U2b", "U12d"))
async def check_eligibility_makes_a_site(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.is_good:
        site = {
            "mpan": call.json["mpan"],
            "postcode": "M1 1AE",
            "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z",
        }
        await mock(call.to(INITIALISE, {"site": site, "assets": []}))
    return reply


@fault("Q5b", CHECK_ELIGIBILITY)
async def an_unknown_model_is_checked(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return await mock(call.sending({"mpan": call.json["mpan"]})) if reply.status == 404 else reply


@in_answers("Q5c", CHECK_ELIGIBILITY, also=("Q4a", "Q4b"))
def one_proposition_only_is_checked(said: Any, call: Call, seen: Seen) -> None:
    said["propositions"] = said["propositions"][:1]


@in_answers("Q1a", CHECK_ELIGIBILITY, also=("Q1b",))
def smart_charging_is_never_possible(said: Any, call: Call, seen: Seen) -> None:
    said["propositions"][1]["is_eligible"] = False


@in_answers("Q5c", CHECK_ELIGIBILITY)
def every_meter_is_half_hourly_settled(said: Any, call: Call, seen: Seen) -> None:
    said["is_half_hourly_settled"] = True


@in_answers("Q8a", METER_BY_MPAN, METER_BY_MPAN_OLDER, also=("Q9b",))
def a_meter_has_a_shorter_mpan(said: Any, call: Call, seen: Seen) -> None:
    said["mpan"] = said["mpan"][:-1]


@in_answers("Q9a", METER_BY_REF)
def a_ref_leads_to_the_first_meter(said: Any, call: Call, seen: Seen) -> None:
    said["mpan"] = seen.setdefault("mpan", said["mpan"])


@in_answers("Q9a", SEARCH_METERS)
def refs_are_row_numbers(said: Any, call: Call, seen: Seen) -> None:
    for number, one in enumerate(said):
        one["ref"] = str(number)


refusing("a_valid_mpan_is_not_valid", "Q9b", VALIDATE_MPAN, status=400, also=("Q10a", "E1b"))
refusing("a_typed_mpan_leads_nowhere", "Q9b", METER_BY_MPAN, status=202, also=("Q8a", "G7c"))
misjudging("an_older_look_up_by_mpan_is_202", "Q9c", METER_BY_MPAN_OLDER, status=422, to=202, also=("G1b",))
misjudging("an_incomplete_address_is_400", "Q11a", METER_BY_ADDRESS, status=422, to=400, also=("G1b",))


@fault("Q11a", METER_BY_ADDRESS)
async def an_address_needs_no_postcode(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(202, "No meter found") if reply.status == 422 and "Q11" in reply.rules else reply
