"""Who may enter a proposition: homes with each model, with and without consent, with each type of asset.

Source: Q1, Q2, Q4.
"""

from mockaxle.harness.bodies import CONSENT, LIMITED_PAUSE, SMART_CHARGING, home
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import CONSENTED
from mockaxle.harness.operations import CREATE_ASSET, CREATE_SITE, ELIGIBILITY, ENROL, INITIALISE, ONBOARD
from mockaxle.harness.products.households import device, household
from mockaxle.harness.products.judging import accepted, refusable, refused
from mockaxle.harness.products.magic import MODELS, UNKNOWN_MODEL
from mockaxle.harness.run import Judge, NotTestable

OTHER_TYPES = ("battery", "electric_vehicle", "heat pump", "hot water tank")


def models(judge: Judge) -> None:
    """Onboard a half-hourly settled home with a charger of each model. Raises: NotTestable."""
    run = judge.run
    with household(run) as tried:
        mpan = tried.mpan
    for model in (*MODELS, UNKNOWN_MODEL):
        charger = device(run, "modelled", model=model)
        body: JsonObject = {"site": home(mpan), "assets": [charger], "proposition": LIMITED_PAUSE}
        answer = refusable(run).call(ONBOARD, body)
        title = "a half-hourly settled home cannot be onboarded with some model"
        known = answer.is_good or answer.status == 404
        judge.expect(known, answer, of="Q1a", title=title, expected="200, or 404 where the model is unknown")
        if answer.is_good:
            run.take_away(run.main, str(answer.value("site", "site_id")))


def refuse_onboarding(
    judge: Judge,
    mpan: str,
    *assets: JsonObject,
    of: str,
    title: str,
    proposition: str = LIMITED_PAUSE,
    without: str = "",
) -> None:
    """Check that a home cannot be onboarded, with a charger unless assets are given. Shape: without is a field."""
    run = judge.run
    described = {name: value for name, value in home(mpan).items() if name != without}
    body: JsonObject = {"site": described, "assets": [*assets] or [device(run, "refused")], "proposition": proposition}
    answer = refusable(run).call(ONBOARD, body)
    refused(judge, answer, of=of, title=title)
    if answer.is_good:
        run.take_away(run.main, str(answer.value("site", "site_id")))


def consents(judge: Judge) -> None:
    """Leave out the consent where it is needed: in onboard, initialise and enrol. Raises: NotTestable."""
    run = judge.run
    run.needs(ONBOARD)
    mpan = run.homes.next()
    title = "a home without consent is onboarded"
    refuse_onboarding(judge, mpan, of="Q2a", title=title, without=CONSENTED)
    if INITIALISE in run.keys:
        answer = refusable(run).call(INITIALISE, {"site": unconsented(mpan), "assets": [device(run, "unconsented")]})
        refused(judge, answer, of="Q2a", title="a home without consent is initialised")
        if answer.is_good:
            run.take_away(run.main, str(answer.value("site", "site_id")))
    run.needs(CREATE_SITE, CREATE_ASSET, ENROL, ELIGIBILITY)
    _enrol_without_consent(judge, mpan)


def _enrol_without_consent(judge: Judge, mpan: str) -> None:
    """Enrol a home without consent, then with it. Raises: NotTestable."""
    run, body = judge.run, {"proposition": LIMITED_PAUSE}
    site_id = run.main.call(CREATE_SITE, unconsented(mpan)).text_at("id")
    if site_id is None:
        raise NotTestable("no site could be created without consent")
    run.main.call(CREATE_ASSET, {**device(run, "by-hand"), "site_id": site_id})
    answer = refusable(run).call(ENROL, body, site_id=site_id)
    refused(judge, answer, of="Q2a", title="a home without consent is enrolled")
    settled = run.main.call(ELIGIBILITY, site_id=site_id).value("site_properties", "is_half_hourly_settled")
    if settled is True:
        enrolled = run.main.call(ENROL, {**body, CONSENTED: CONSENT}, site_id=site_id)
        accepted(judge, enrolled, of="Q1a", title="a half-hourly settled home with consent cannot be enrolled")
        run.main.call(ELIGIBILITY, site_id=site_id)
    run.take_away(run.main, site_id)


def unconsented(mpan: str) -> dict[str, Json]:
    return {name: value for name, value in home(mpan).items() if name != CONSENTED}


def serving_types(judge: Judge) -> None:
    """Onboard homes without an asset that serves the proposition. Raises: NotTestable."""
    run = judge.run
    run.needs(ONBOARD)
    mpan = run.homes.next()
    for type in OTHER_TYPES:
        title = "a home without a charger enters limited_pause"
        refuse_onboarding(judge, mpan, device(run, type, type=type), of="Q4a", title=title)
    for type in OTHER_TYPES[2:]:
        title = "a home without an asset that is charged enters full_asset_schedule_control"
        pump = device(run, type, type=type)
        refuse_onboarding(judge, mpan, pump, of="Q4b", title=title, proposition=SMART_CHARGING)
    run.needs(INITIALISE, ENROL)
    devices = [device(run, one, type=one) for one in OTHER_TYPES]
    site_id = run.main.call(INITIALISE, {"site": home(mpan), "assets": devices}).text_at("site", "site_id")
    if site_id is None:
        raise NotTestable("no site could be initialised")
    for proposition, wanted in ((LIMITED_PAUSE, False), (SMART_CHARGING, True)):
        answer = refusable(run).call(ENROL, {"proposition": proposition}, site_id=site_id)
        if wanted:
            accepted(judge, answer, of="Q4b", title="a home with a battery and a car cannot enter smart charging")
        else:
            refused(judge, answer, of="Q4a", title="a home without a charger enters limited_pause")
    run.take_away(run.main, site_id)
