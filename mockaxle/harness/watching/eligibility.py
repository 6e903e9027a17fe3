"""Checks the eligibility in answers against the meter, and against the assets as they were sent. Source: Q1-Q5."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import CONSENTED
from mockaxle.harness.operations import CHECK_ELIGIBILITY, ELIGIBILITY, INITIALISE, ONBOARD
from mockaxle.harness.watching.checked import Checked, equal
from mockaxle.harness.watching.memory import Known, Memory
from mockaxle.harness.watching.values import objects

SERVING: Mapping[str, frozenset[str]] = {
    "limited_pause": frozenset(("charger",)),
    "full_asset_schedule_control": frozenset(("charger", "battery", "electric_vehicle")),
}
"""The types of asset that serve a proposition. Source: Q4."""

NOT_SET, NOT_FOUND, NOT_QUALIFIED = (
    "asset_model_not_set",
    "asset_model_not_found",
    "asset_model_not_cop11_qualified",
)
NO_DATE, NO_HOME = "asset_installation_date_not_set", "non_domestic_site"
OVERRIDE = "asset_model_enrol_eligibility_override"
OBSTACLES = frozenset((NOT_SET, NOT_FOUND, NOT_QUALIFIED, NO_DATE))
"""The codes of what is missing on the CoP11 route. Source: Q3."""

MODEL, DATE = "asset_model", "installation_date"


class AnsweredVerdict(NamedTuple):
    """The eligibility of an asset for a proposition, as answered.

    Shape: `asset` has what is known of its type, model and date; a missing field is unknown. `settled` says whether
    its meter is half-hourly settled.
    """

    proposition: str
    eligible: Json
    issues: frozenset[str]
    asset: JsonObject
    settled: Json

    @property
    def serves(self) -> bool:
        return str(self.asset.get("type")) in SERVING.get(self.proposition, ())


def eligible(memory: Memory, call: MadeCall, *, answer: Answer) -> Iterator[Checked]:
    """Yield the cases of an answer about eligibility."""
    if not answer.is_good:
        return
    if call.operation in (ONBOARD, INITIALISE):
        _doubt(memory, answer)
    if call.operation == CHECK_ELIGIBILITY:
        asset: JsonObject = {MODEL: call.object_at().get(MODEL)}
        yield from _verdicts(answer.json, asset, settled=answer.value("is_half_hourly_settled"))
    elif call.operation in (ELIGIBILITY, INITIALISE):
        detail = answer.value("eligibility") if call.operation == INITIALISE else answer.json
        if isinstance(detail, dict) and (site := memory.sites.get(str(detail.get("site_id")))) is not None:
            yield from _site(memory, site, detail)


def _doubt(memory: Memory, answer: Answer) -> None:
    """Forget the assets of a site if an upsert answers with another one: whether it has both is for U5 to judge."""
    site = memory.sites.get(str(answer.value("site", "site_id")))
    ids = {str(one.get("asset_id")) for one in answer.objects_at("assets")}
    if site is not None and ids - set(site.texts("asset_ids")):
        site.fields.pop("asset_ids", None)


def _site(memory: Memory, site: Known, detail: JsonObject) -> Iterator[Checked]:
    properties, assets = detail.get("site_properties"), objects(detail.get("assets"))
    properties = properties if isinstance(properties, dict) else {}
    if CONSENTED in site.fields:
        consented = site.fields[CONSENTED] is not None
        yield equal("Q3g", properties.get("has_meter_consent"), expected=consented, title="has_meter_consent is wrong")
    if "asset_ids" in site.fields:
        expected = set(site.texts("asset_ids"))
        title = "the eligibility of a site does not list its assets"
        ids = {str(one.get("asset_id")) for one in assets}
        yield Checked("Q3h", ids == expected and len(assets) == len(expected), title, f"{sorted(expected)}")
    for one in assets:
        known = memory.assets.get(str(one.get("asset_id")))
        fields = known.fields if known else {}
        if "external_id" in fields:
            title = "the eligibility of a site gives an asset another external_id"
            yield equal("Q3h", one.get("external_id"), expected=fields["external_id"], title=title)
        yield from _verdicts(one, fields, settled=properties.get("is_half_hourly_settled"))
    yield from _propositions(site, detail, assets)


def _propositions(site: Known, detail: JsonObject, assets: Sequence[JsonObject]) -> Iterator[Checked]:
    """Yield a case for each proposition that the site could enter now."""
    named = detail.get("eligible_propositions")
    served = {str(one["proposition"]) for asset in assets for one in _listed(asset) if one.get("is_eligible") is True}
    if isinstance(named, list) and "dispatch_methods" in site.fields:
        unserved = {str(one) for one in named} - served - set(site.texts("dispatch_methods"))
        title = "a proposition is eligible without an eligible asset"
        yield Checked("Q3g", not unserved, title, f"no {', '.join(sorted(unserved))}")


def _listed(holder: Json) -> list[JsonObject]:
    listed = objects(holder.get("propositions")) if isinstance(holder, dict) else []
    return [one for one in listed if isinstance(one.get("proposition"), str)]


def _verdicts(holder: Json, asset: JsonObject, *, settled: Json) -> Iterator[Checked]:
    for one in _listed(holder):
        issues = one.get("issues")
        codes = frozenset(str(code) for code in issues) if isinstance(issues, list) else frozenset[str]()
        verdict = AnsweredVerdict(str(one["proposition"]), one.get("is_eligible"), codes, asset, settled)
        yield from _codes(verdict)
        yield from _type(verdict)
        if OVERRIDE not in codes:
            yield from _route(verdict)


def _codes(verdict: AnsweredVerdict) -> Iterator[Checked]:
    """Yield the cases of codes that fit or do not fit the asset."""
    asset, issues, settled = verdict.asset, verdict.issues, verdict.settled
    if MODEL in asset:
        modelled = asset[MODEL] is not None
        if modelled or settled is True or NO_HOME not in issues:
            wanted = not modelled and settled is False
            title = f"{NOT_SET} is missing or misplaced"
            expected = "it, without a model at a meter that is not half-hourly settled"
            yield Checked("Q3a", (NOT_SET in issues) == wanted, title, expected)
        for of, code in (("Q3b", NOT_FOUND), ("Q3c", NOT_QUALIFIED)):
            title = f"an asset without a model has the issue {code}"
            yield Checked(of, modelled or code not in issues, title, f"no {code}")
    if asset.get(DATE) is not None:
        title = "an asset with an installation date lacks one"
        yield Checked("Q3d", NO_DATE not in issues, title, f"no {NO_DATE}")


def _type(verdict: AnsweredVerdict) -> Iterator[Checked]:
    """Yield the case of an asset whose type does not serve the proposition."""
    if verdict.asset.get("type") is not None and verdict.proposition in SERVING and not verdict.serves:
        of = "Q4a" if verdict.proposition == "limited_pause" else "Q4b"
        title = f"an asset of another type is eligible for {verdict.proposition}"
        yield equal(of, verdict.eligible, expected=False, title=title)


def _route(verdict: AnsweredVerdict) -> Iterator[Checked]:
    """Yield the cases of the two routes, for an asset that serves the proposition or whose type is not asked for."""
    _, found, issues, asset, settled = verdict
    if NO_HOME in issues:
        yield equal("Q1c", found, expected=False, title="a site that is not a home is eligible")
    elif "type" in asset and not verdict.serves:
        return
    elif settled is True:
        yield equal("Q1a", found, expected=True, title="a half-hourly settled home is not eligible")
    elif issues & OBSTACLES:
        yield equal("Q1b", found, expected=False, title="an asset with an obstacle to the CoP11 route is eligible")
