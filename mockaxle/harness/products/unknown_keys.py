"""Unknown keys of bodies, forms and queries, which change nothing. Source: G8."""

from collections.abc import Iterator

from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import CONSENT, LIMITED_PAUSE, NIGHT, external_id, home
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import CONSENTED, NOBODY
from mockaxle.harness.operations import (
    ADVISE_OF_CONSENT,
    CALL_BACK,
    CHANGE_ASSET,
    CHANGE_SITE,
    CHECK_ELIGIBILITY,
    COMPONENT_TOKEN,
    CREATE_ASSET,
    CREATE_SITE,
    DECONSENT,
    ELIGIBILITY,
    ENROL,
    EVENT,
    INITIALISE,
    LIST_SITES,
    METER_BY_ADDRESS,
    METER_BY_MPAN,
    ONBOARD,
    PLUG_IN_SCHEDULE,
    READ_ASSET,
    READ_SITE,
    REGISTER,
    SEND_READINGS,
    UNENROL,
    VALIDATE_MPAN,
)
from mockaxle.harness.operations import CONSENT as DISPATCH_CONSENT
from mockaxle.harness.products.households import Household, device, household
from mockaxle.harness.products.judging import accepted, refusable
from mockaxle.harness.products.sessions import COMBINED, END_AT, OWN_PATHS
from mockaxle.harness.run import Judge, Run
from mockaxle.harness.target import LOG_IN
from mockaxle.harness.watching.values import unordered

UNKNOWN: JsonObject = {"check_unknown_key": "ignored"}
TITLE = "a call with an unknown key is refused, or answered otherwise"


def unknown_keys(judge: Judge) -> None:
    """Repeat calls with an unknown key. Raises: NotTestable."""
    run = judge.run
    _forms(judge)
    for operation, body in _look_ups(run):
        _compare(judge, operation, body)
    with household(run) as own:
        for operation in (READ_SITE, ELIGIBILITY):
            _compare_query(judge, operation, site_id=own.site_id)
        _compare_query(judge, LIST_SITES)
        _compare_query(judge, READ_ASSET, asset_id=own.asset_ids[0])
        for operation, body, nested in _changes(run, own):
            _accept(judge, operation, body, nested=nested, own=own)
    for operation in (ONBOARD, INITIALISE, REGISTER, CREATE_SITE):
        _create(judge, operation)


def _forms(judge: Judge) -> None:
    run, own = judge.run, {"username": judge.run.main.username, "password": judge.run.main.password}
    given = run.main.call(LOG_IN, form={**own, **_text(UNKNOWN)})
    accepted(judge, given, of="G8b", title=TITLE)
    if COMPONENT_TOKEN in run.keys:
        user = {"external_user_id": external_id(run, "products-unknown-key"), "allowed_origin": "https://app.example"}
        form = {**user, CONSENTED: CONSENT, **_text(UNKNOWN)}
        given = run.main.call(COMPONENT_TOKEN, form=form)
        if accepted(judge, given, of="G8b", title=TITLE):
            run.take_away(run.main, str(given.value("id")))


def _text(values: JsonObject) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _look_ups(run: Run) -> Iterator[tuple[str, JsonObject]]:
    mpan = run.homes.next()
    yield from ((operation, {"mpan": mpan}) for operation in (CHECK_ELIGIBILITY, VALIDATE_MPAN, METER_BY_MPAN))
    yield METER_BY_ADDRESS, {"address": "10 High Street, M1 1AE"}
    reading: JsonObject = {"asset_id": NOBODY, "label": "solar_power_kw", "value": 1}
    ends: JsonObject = {"start_timestamp": "2026-01-20T10:00:00Z", "end_timestamp": "2026-01-20T10:30:00Z"}
    yield SEND_READINGS, {"readings": [{**reading, **ends}]}
    yield SEND_READINGS, {"readings": [{**reading, **ends, **UNKNOWN}]}


def _compare(judge: Judge, operation: str, body: JsonObject) -> None:
    """Make a call that changes nothing, without and with an unknown key; the answers must be equal."""
    if operation in judge.run.keys:
        account = refusable(judge.run)
        plain, extended = account.call(operation, body), account.call(operation, {**body, **UNKNOWN})
        same = (plain.status, unordered(plain.json)) == (extended.status, unordered(extended.json))
        judge.expect(same, extended, of="G8b", title=TITLE, expected=plain.shown)


def _compare_query(judge: Judge, operation: str, **ids: str) -> None:
    if operation in judge.run.keys:
        plain, extended = (judge.run.main.call(operation, query=one, ids=ids) for one in ({}, _text(UNKNOWN)))
        same = (plain.status, unordered(plain.json)) == (extended.status, unordered(extended.json))
        judge.expect(same, extended, of="G8b", title=TITLE, expected=plain.shown)


def _changes(run: Run, own: Household) -> Iterator[tuple[str, JsonObject, str]]:
    """Yield calls that change the home or its charger. Shape: operation, body, and the name of an object in it."""
    yield CHANGE_SITE, {"postcode": "LS1 4AP"}, ""
    yield ADVISE_OF_CONSENT, {CONSENTED: CONSENT}, ""
    yield DISPATCH_CONSENT, {"dispatch_methods": ["cm_infrequent_dispatch"]}, ""
    yield DECONSENT, {"dispatch_methods": ["cm_infrequent_dispatch"]}, ""
    yield CHANGE_ASSET, {"properties": {"power_kw": 11}}, ""
    yield CREATE_ASSET, {**device(run, "unknown-key-created"), "site_id": own.site_id}, ""
    yield ENROL, {"proposition": LIMITED_PAUSE}, ""
    yield PLUG_IN_SCHEDULE, {"charging_schedule": NIGHT}, ""
    yield from ((EVENT + path, body, name) for path in OWN_PATHS for body, name in _with_names(OWN_PATHS[path]))
    yield from ((EVENT, body, name) for body, name in _with_names(COMBINED))
    yield CALL_BACK, {"status": "RECEIVED", "timestamp": END_AT}, ""
    yield UNENROL, {"proposition": LIMITED_PAUSE}, ""


def _with_names(bodies: tuple[JsonObject, ...]) -> Iterator[tuple[JsonObject, str]]:
    for body in bodies:
        yield body, next((name for name, value in body.items() if isinstance(value, dict)), "")


def _accept(judge: Judge, operation: str, body: JsonObject, *, nested: str, own: Household) -> None:
    """Make a change with unknown keys, also in an object of its body."""
    if operation not in judge.run.keys:
        return
    inner = body.get(nested)
    extended = {**body, **({nested: {**inner, **UNKNOWN}} if isinstance(inner, dict) else {}), **UNKNOWN}
    ids = {"site_id": own.site_id, "asset_id": own.asset_ids[0], "event_id": NOBODY}
    names = {name: value for name, value in ids.items() if "{" + name + "}" in operation}
    answer = judge.run.main.call(operation, extended, ids=names)
    accepted(judge, answer, of="G8b", title=TITLE)


def _create(judge: Judge, operation: str) -> None:
    """Create a site with unknown keys in every object, and remove it."""
    run = judge.run
    if operation not in run.keys:
        return
    site: dict[str, Json] = {**home(run.homes.next()), **UNKNOWN}
    asset = {**device(run, "unknown-key"), **UNKNOWN}
    bodies: dict[str, JsonObject] = {
        ONBOARD: {"site": site, "assets": [asset], "proposition": LIMITED_PAUSE},
        INITIALISE: {"site": site, "assets": [asset]},
        REGISTER: {"site": site, "asset": asset, "dispatch_consent": {"dispatch_methods": [LIMITED_PAUSE], **UNKNOWN}},
        CREATE_SITE: site,
    }
    answer: Answer = run.main.call(operation, {**bodies[operation], **UNKNOWN})
    accepted(judge, answer, of="G8b", title=TITLE)
    keys = {CREATE_SITE: ("id",), REGISTER: ("site", "id")}.get(operation, ("site", "site_id"))
    if (site_id := answer.text_at(*keys)) is not None:
        run.take_away(run.main, site_id)
