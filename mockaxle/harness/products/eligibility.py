"""Eligibility at half-hourly settled homes, at other meters and at businesses, and what enrolment makes of it.

The watch compares every answer with the assets as they were sent. These parts make the calls, and judge what depends on
the catalogue of models and on several answers. Source: Q1-Q5, L0.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import LIMITED_PAUSE, SMART_CHARGING, home
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.operations import (
    CHECK_ELIGIBILITY,
    DELETE_ASSET,
    ELIGIBILITY,
    ENROL,
    INITIALISE,
    LIST_SITES,
    METER_BY_MPAN,
    ONBOARD,
)
from mockaxle.harness.products.admissions import OTHER_TYPES, refuse_onboarding, unconsented
from mockaxle.harness.products.households import device
from mockaxle.harness.products.judging import accepted, refusable, refused
from mockaxle.harness.products.magic import (
    MODELS,
    UNKNOWN_MODEL,
    business,
    other_meter,
    qualified_models,
    unqualified_models,
)
from mockaxle.harness.run import Judge, NotTestable, Run
from mockaxle.harness.watching.eligibility import NO_DATE, NO_HOME, NOT_FOUND, NOT_QUALIFIED, NOT_SET
from mockaxle.harness.watching.values import objects, texts, unordered


def half_hourly_homes(judge: Judge) -> None:
    """Check an ordinary home, which must store nothing, then initialise and enrol it with all kinds of assets.

    Raises: NotTestable.
    """
    run = judge.run
    run.needs(CHECK_ELIGIBILITY)
    mpan = run.homes.next()
    checks = list(_checks(judge, mpan))
    _stores_nothing(judge, mpan)
    run.needs(INITIALISE, ELIGIBILITY)
    models = (None, UNKNOWN_MODEL, *MODELS)
    chargers = [device(run, f"charger-{n}", model=model) for n, model in enumerate(models)]
    made = _initialised(judge, mpan, [*chargers, *(device(run, one, type=one) for one in OTHER_TYPES)])
    fresh, title = made.value("site", "site_created") is True, "check-eligibility leaves a site behind"
    judge.expect(fresh, made, of="Q5a", title=title, expected="site_created true")
    site_id = str(made.value("site", "site_id"))
    read = _read_again(judge, made)
    _settled_agree(judge, mpan, checks, made=made, read=read)
    wanted = {LIMITED_PAUSE, SMART_CHARGING} if read.value("site_properties", "is_half_hourly_settled") else set()
    named, title = read.texts_at("eligible_propositions"), "eligible_propositions is not what enrol would accept"
    judge.expect(named == wanted, read, of="Q3g", title=title, expected=f"{sorted(wanted)}")
    for proposition in sorted(wanted) if ENROL in run.keys else ():
        answer = run.main.call(ENROL, {"proposition": proposition}, site_id=site_id)
        accepted(judge, answer, of="Q1a", title="a half-hourly settled home with consent cannot be enrolled")
    if DELETE_ASSET in run.keys:
        run.main.call(DELETE_ASSET, asset_id=str(made.value("assets", 0, "asset_id")))
        run.main.call(ELIGIBILITY, site_id=site_id)
    run.take_away(run.main, site_id)


def _checks(judge: Judge, mpan: str) -> Iterator[tuple[str | None, Answer]]:
    """Check eligibility without a model, twice, and with each model. Shape: the models known, with the answers."""
    run = judge.run
    first, second = (run.main.call(CHECK_ELIGIBILITY, {"mpan": mpan}) for _ in range(2))
    accepted(judge, first, of="Q5c", title="the eligibility of an MPAN cannot be checked")
    same, title = unordered(first.json) == unordered(second.json), "a second check of an MPAN answers otherwise"
    judge.expect(same, second, of="Q5c", title=title, expected=first.shown)
    yield None, first
    for model in MODELS:
        answer = refusable(run).call(CHECK_ELIGIBILITY, {"mpan": mpan, "asset_model": model})
        judge.status(answer, 200, 404, of="Q5b", title="a model is neither known nor 404")
        if answer.is_good:
            yield model, answer
    unknown = refusable(run).call(CHECK_ELIGIBILITY, {"mpan": mpan, "asset_model": UNKNOWN_MODEL})
    judge.status(unknown, 404, of="Q5b", title="an unknown model is not 404")


def _stores_nothing(judge: Judge, mpan: str) -> None:
    if LIST_SITES in judge.run.keys:
        listed = judge.run.main.call(LIST_SITES, query={"mpan": mpan})
        title = "check-eligibility leaves a site behind"
        judge.expect(not listed.list_at("sites"), listed, of="Q5a", title=title, expected="no site at the MPAN")


def _initialised(judge: Judge, mpan: str, assets: Sequence[JsonObject]) -> Answer:
    """Initialise a site; without assets of an unknown model if the server refuses those. Raises: NotTestable."""
    body: JsonObject = {"site": home(mpan), "assets": [*assets]}
    made = refusable(judge.run).call(INITIALISE, body)
    if made.status == 404:
        known = [one for one in assets if one.get("asset_model") in (None, *MODELS)]
        made = judge.run.main.call(INITIALISE, {**body, "assets": known})
    if not isinstance(made.value("site", "site_id"), str):
        raise NotTestable(f"no site could be initialised: {made.shown}")
    return made


def _read_again(judge: Judge, made: Answer) -> Answer:
    """Read the eligibility that initialise answered."""
    read = judge.run.main.call(ELIGIBILITY, site_id=str(made.value("site", "site_id")))
    title = "GET eligibility answers otherwise than initialise did"
    same = unordered(read.json) == unordered(made.value("eligibility"))
    judge.expect(same, read, of="Q3h", title=title, expected=f"{made.value('eligibility')!s:.200}")
    return read


def _settled_agree(
    judge: Judge, mpan: str, checks: Sequence[tuple[str | None, Answer]], *, made: Answer, read: Answer
) -> None:
    """Check that answers about a meter agree on whether it is half-hourly settled; each operation has one vote.

    What initialise answers is the eligibility that is read, and has no vote of its own.
    """
    keys = ("site_properties", "is_half_hourly_settled")
    said = [("Q3i", made, made.value("eligibility", *keys)), ("Q3i", read, read.value(*keys))]
    if METER_BY_MPAN in judge.run.keys:
        meter = judge.run.main.call(METER_BY_MPAN, {"mpan": mpan})
        if meter.value("half_hourly_settled") is not None:
            said.append(("Q8a", meter, meter.value("half_hourly_settled")))
    asked = [("Q5c", one, one.value("is_half_hourly_settled")) for _, one in checks]
    usual = Counter(str(value) for _, _, value in (*said[1:], *asked[:1])).most_common(1)[0][0]
    title = "answers about one meter differ on whether it is half-hourly settled"
    for of, answer, value in (*said, *asked):
        judge.expect(str(value) == usual, answer, of=of, title=title, expected=usual)


def other_meters(judge: Judge) -> None:
    """Judge chargers of all models and dates at a meter that is not half-hourly settled. Raises: NotTestable."""
    run = judge.run
    run.needs(INITIALISE, ELIGIBILITY, ONBOARD)
    mpan = other_meter(run)
    qualified, unqualified = qualified_models(run, mpan), unqualified_models(run, mpan)
    checks = list(_checks(judge, mpan))
    for answer in (one for model, one in checks if model in unqualified):
        _has_code(judge, answer, answer.objects_at("propositions"), code=NOT_QUALIFIED, of="Q3c")
    cases = list(_cases(run, qualified, unqualified=unqualified))
    made = _initialised(judge, mpan, [asset for _, _, asset in cases])
    read = _read_again(judge, made)
    _settled_agree(judge, mpan, checks, made=made, read=read)
    for answer, assets in ((made, made.objects_at("eligibility", "assets")), (read, read.objects_at("assets"))):
        for of, code, asset in cases:
            _judge_case(judge, answer, assets, of=of, code=code, asset=asset)
    run.take_away(run.main, str(made.value("site", "site_id")))
    _onboard_each(judge, mpan, [(bool(code), asset) for _, code, asset in cases])
    if not qualified:
        raise NotTestable(f"it needs a CoP11-qualified model: one of {', '.join(MODELS)}")
    _fill_in(judge, mpan, qualified=cases[-1][2])
    body: JsonObject = {"site": unconsented(mpan), "assets": [cases[-1][2]], "proposition": LIMITED_PAUSE}
    answer = refusable(run).call(ONBOARD, body)
    accepted(judge, answer, of="Q2b", title="a site on the CoP11 route cannot be onboarded without consent")
    if answer.is_good:
        run.take_away(run.main, str(answer.value("site", "site_id")))


def _fill_in(judge: Judge, mpan: str, *, qualified: JsonObject) -> None:
    """Initialise a site whose charger has no model, then again with the model and date, which make it eligible."""
    plain = {name: value for name, value in qualified.items() if name not in ("asset_model", "installation_date")}
    site_id = str(_initialised(judge, mpan, [plain]).value("site", "site_id"))
    _refuse_enrolment(judge, site_id, of="Q1b", title="a site on neither route to a proposition is enrolled")
    made = _initialised(judge, mpan, [qualified])
    read = _read_again(judge, made)
    for answer, keys in ((made, ("eligibility", "assets")), (read, ("assets",))):
        _judge_case(judge, answer, answer.objects_at(*keys), of="Q1b", code="", asset=qualified)
    if ENROL in judge.run.keys:
        enrolled = judge.run.main.call(ENROL, {"proposition": LIMITED_PAUSE}, site_id=site_id)
        accepted(judge, enrolled, of="Q1b", title="a site on the CoP11 route cannot be enrolled")
    judge.run.take_away(judge.run.main, site_id)


def _refuse_enrolment(judge: Judge, site_id: str, *, of: str, title: str) -> None:
    if ENROL in judge.run.keys:
        answer = refusable(judge.run).call(ENROL, {"proposition": LIMITED_PAUSE}, site_id=site_id)
        refused(judge, answer, of=of, title=title)


def _cases(
    run: Run, qualified: Sequence[str], *, unqualified: Sequence[str]
) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """Yield assets with the statement and the code that each must get; without a code it is eligible."""
    yield "Q3a", NOT_SET, device(run, "unset")
    yield "Q3a", NOT_SET, device(run, "unset-dated", is_dated=True)
    yield "Q3b", NOT_FOUND, device(run, "unknown-dated", model=UNKNOWN_MODEL, is_dated=True)
    for model in unqualified:
        yield "Q3c", NOT_QUALIFIED, device(run, f"{model}-dated", model=model, is_dated=True)
    for model in qualified:
        yield "Q3d", NO_DATE, device(run, model, model=model)
        yield "Q1b", "", device(run, f"{model}-dated", model=model, is_dated=True)


def _judge_case(
    judge: Judge, answer: Answer, assets: Sequence[JsonObject], *, of: str, code: str, asset: JsonObject
) -> None:
    """Check the verdicts on an asset, unless the server did not store it."""
    found = next((one for one in assets if one.get("external_id") == asset["external_id"]), None)
    if found is None:
        return
    verdicts = objects(found.get("propositions"))
    if code:
        _has_code(judge, answer, verdicts, code=code, of=of)
    title = "a verdict on the CoP11 route is wrong"
    right = bool(verdicts) and all(one.get("is_eligible") == (not code) for one in verdicts)
    judge.expect(right, answer, of="Q1b", title=title, expected=f"is_eligible {not code}".lower())


def _has_code(judge: Judge, answer: Answer, verdicts: Sequence[JsonObject], *, code: str, of: str) -> None:
    has = bool(verdicts) and all(code in texts(one.get("issues")) for one in verdicts)
    judge.expect(has, answer, of=of, title=f"{code} is not reported", expected=f"{code} among the issues")


def _onboard_each(judge: Judge, mpan: str, cases: Sequence[tuple[bool, JsonObject]]) -> None:
    """Onboard a home with each asset alone: accepted if it has no obstacle. Nothing of a refused call is stored."""
    run = judge.run
    for has_obstacle, asset in cases:
        body: JsonObject = {"site": home(mpan), "assets": [asset], "proposition": LIMITED_PAUSE}
        answer = refusable(run).call(ONBOARD, body)
        if has_obstacle:
            refused(judge, answer, of="Q1b", title="a site on neither route to a proposition is onboarded")
            listed = run.main.call(LIST_SITES, query={"mpan": mpan})
            title = "a refused onboard leaves a site behind"
            gone = answer.is_good or not listed.list_at("sites")
            judge.expect(gone, listed, of="U1d", title=title, expected="no site at the MPAN")
        else:
            accepted(judge, answer, of="Q1b", title="a site on the CoP11 route cannot be onboarded")
        if answer.is_good:
            run.take_away(run.main, str(answer.value("site", "site_id")))


def businesses(judge: Judge) -> None:
    """Judge a charger at a business, which cannot be onboarded. Raises: NotTestable."""
    run = judge.run
    run.needs(INITIALISE, ELIGIBILITY, ONBOARD)
    mpan = business(run)
    checks = list(_checks(judge, mpan))
    for _, answer in checks:
        _has_code(judge, answer, answer.objects_at("propositions"), code=NO_HOME, of="Q3e")
    made = _initialised(judge, mpan, [device(run, "works")])
    read = _read_again(judge, made)
    _settled_agree(judge, mpan, checks, made=made, read=read)
    for answer, keys in ((made, ("eligibility", "assets", 0)), (read, ("assets", 0))):
        _has_code(judge, answer, answer.objects_at(*keys, "propositions"), code=NO_HOME, of="Q3e")
    site_id, title = str(made.value("site", "site_id")), "a site that is not a home is enrolled"
    _refuse_enrolment(judge, site_id, of="L0k", title=title)
    run.take_away(run.main, str(made.value("site", "site_id")))
    refuse_onboarding(judge, mpan, of="L0k", title="a site that is not a home is onboarded")
