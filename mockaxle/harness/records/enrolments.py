"""Propositions and dispatch methods of the records suite, and registrations. Source: L2, L12, L13, U11."""

from collections.abc import Sequence

from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import LIMITED_PAUSE
from mockaxle.harness.home_model import PROPOSITIONS
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.operations import (
    ADVISE_OF_CONSENT,
    BALANCE,
    BATTERY_SCHEDULE,
    CHANGE_SITE,
    CONSENT,
    CREATE_ASSET,
    DECONSENT,
    DELETE_ASSET,
    ELIGIBILITY,
    ENROL,
    FLEX_EVENTS,
    HAND_OVER_TOKEN,
    ONBOARD,
    PLUG_IN_SCHEDULE,
    READ_ASSET,
    REGISTER,
    SITE_PRICES,
    TRANSACTIONS,
    UNENROL,
)
from mockaxle.harness.records.own_sites import OwnSites
from mockaxle.harness.records.refusals import NO_PROPOSITIONS
from mockaxle.harness.records.removals import ON_ASSETS, ON_SITES
from mockaxle.harness.records.upserts import EMAIL
from mockaxle.harness.run import METHODS, Judge

SHOWN = ("site", "dispatch_methods")
LEAVING_SITES = (
    ELIGIBILITY,
    FLEX_EVENTS,
    SITE_PRICES,
    BALANCE,
    TRANSACTIONS,
    CHANGE_SITE,
    ADVISE_OF_CONSENT,
    HAND_OVER_TOKEN,
)
LEAVING_ASSETS = tuple(one for one in ON_ASSETS if one not in (BATTERY_SCHEDULE, DELETE_ASSET))
"""Calls on a site and on a charger that leave the standing of the site as it is."""


def propositions(judge: Judge) -> None:
    """Enter and leave both propositions by each call that takes one, and try what is no proposition."""
    judge.run.needs(ENROL, UNENROL)
    with OwnSites(judge, "propositions") as own:
        site_id = own.made(own.home(), own.charger())
        for operation in (ENROL, UNENROL):
            for proposition in NO_PROPOSITIONS:
                refused = own.refused.call(operation, {"proposition": proposition}, site_id=site_id)
                title = f"{operation} takes another proposition"
                judge.expect(refused.status >= 400, refused, of="L2b", title=title, expected="a refusal")
                own.read(site_id)
            for proposition in PROPOSITIONS:
                taken = own.account.call(operation, {"proposition": proposition}, site_id=site_id)
                own.accepted(taken, of="L2a")
                own.read(site_id)
        own.calls({BALANCE: None, TRANSACTIONS: None}, site_id=site_id)


def methods(judge: Judge) -> None:
    """Add and remove dispatch methods, one and several at a time."""
    judge.run.needs(CONSENT, DECONSENT)
    with OwnSites(judge, "methods") as own:
        site_id = own.made(own.home(), own.charger())
        own.read(site_id)
        pause, smart, infrequent, vpp = METHODS
        for operation, named in (
            (CONSENT, [infrequent]),
            (CONSENT, [vpp]),
            (CONSENT, [pause, smart]),
            (CONSENT, []),
            (DECONSENT, []),
            (DECONSENT, [vpp]),
            (DECONSENT, [infrequent, pause]),
            (CONSENT, [infrequent, pause]),
        ):
            taken = own.account.call(operation, {"dispatch_methods": named}, site_id=site_id)
            own.accepted(taken, of=_of_methods(operation, named))
            own.read(site_id)
        if own.has(ENROL):
            _shown(own, site_id)


def _of_methods(operation: str, named: Sequence[str]) -> str:
    """Return the statement by which a call takes methods."""
    if not named:
        return "L12c"
    if operation == DECONSENT:
        return "L12b"
    return "L2c" if set(named) - set(PROPOSITIONS) else "L12a"


def _shown(own: OwnSites, site_id: str) -> None:
    """Judge that a site lists the propositions that enrol reports as entered before."""
    answers = {one: own.account.call(ENROL, {"proposition": one}, site_id=site_id) for one in PROPOSITIONS}
    entered = {one for one, answer in answers.items() if answer.value("status") == "already_enrolled"}
    read = own.read(site_id)
    title = "dispatch_methods lacks a proposition that the site is in"
    expected = f"dispatch_methods with {', '.join(sorted(entered))}"
    own.judge.expect(entered <= read.texts_at("dispatch_methods"), read, of="L13a", title=title, expected=expected)


def standing_kept(judge: Judge) -> None:
    """Make the calls that leave an enrolled site enrolled: reads, changes, and calls on its assets."""
    judge.run.needs(ONBOARD)
    with OwnSites(judge, "standing") as own:
        made = own.upsert(ONBOARD, own.home(), own.charger(), own.charger("old"))
        site_id, asset_id = own.id(made, "site", "site_id"), own.id(made, "assets", 0, "asset_id")
        own.upsert(ONBOARD, own.home(), own.charger(), proposition=PROPOSITIONS[1])
        own.read(site_id)
        for operation in LEAVING_SITES:
            own.calls({operation: ON_SITES[operation]}, site_id=site_id)
            own.read(site_id)
        for operation in LEAVING_ASSETS:
            own.calls({operation: ON_ASSETS[operation]}, asset_id=asset_id)
            own.read(site_id)
        if own.has(CREATE_ASSET, DELETE_ASSET):
            _replaced(own, site_id, own.id(made, "assets", 1, "asset_id"))


def _replaced(own: OwnSites, site_id: str, old: str) -> None:
    """Replace an asset of an Active site by a new one."""
    added = own.account.call(CREATE_ASSET, {**own.charger("new"), "site_id": site_id})
    new = own.id(added, "id", of="L9a")
    own.read(site_id)
    if own.has(PLUG_IN_SCHEDULE):
        planned = own.account.call(PLUG_IN_SCHEDULE, ON_ASSETS[PLUG_IN_SCHEDULE], asset_id=new)
        own.accepted(planned, of="L9b")
    own.accepted(own.account.call(DELETE_ASSET, asset_id=old), of="L9b")
    own.read(site_id)
    own.calls({READ_ASSET: None}, asset_id=new)
    own.calls({READ_ASSET: None}, asset_id=old)


def registered(judge: Judge) -> None:
    """Register sites with one asset, in each dispatch method and in none, and sites and assets that exist."""
    judge.run.needs(REGISTER)
    with OwnSites(judge, "registered", count=2) as own:
        asset = own.charger(installation_date="2024-03-01")
        site = own.home(street_address=own.street(), email=EMAIL)
        for named in ([], *([one] for one in METHODS), list(METHODS)):
            made = _register(own, site, asset, methods=named)
            of = "U11a" if named else "U11b"
            site_id = own.id(made, "site", "id", of="L2c" if set(named) & set(METHODS[2:]) else of)
            title, entered = "a site is registered in other methods than those sent", made.texts_at(*SHOWN)
            judge.expect(entered == set(named), made, of=of, title=title, expected=f"{sorted(named)}")
            own.read(site_id)
            if own.has(READ_ASSET):
                own.account.call(READ_ASSET, asset_id=own.id(made, "asset", "id"))
            _taken(own, site_id, asset)
            own.run.take_away(own.account, site_id)
        pump = own.bare("pump", "heat pump")
        refused = _register(own, own.home(1), pump, methods=[LIMITED_PAUSE], allowed=False)
        judge.status(refused, 422, of="L0k", title="a site without a charger is registered in limited_pause")
        own.stored_nothing(str(pump["external_id"]), of="L0k", place=1)


def _taken(own: OwnSites, site_id: str, asset: JsonObject) -> None:
    """Register a site that exists, and an asset that exists; neither may be stored."""
    new = own.bare("new")
    again = _register(own, own.home(), new, methods=[], allowed=False)
    own.judge.status(again, 409, of="U11c", title="a site that exists is registered again")
    other = _register(own, own.home(1), asset, methods=[], allowed=False)
    own.judge.status(other, 409, of="U11c", title="an asset that exists is registered again")
    own.read(site_id)
    own.stored_nothing(str(new["external_id"]), of="U11c", place=1)
    for answer in (again, other):
        if (made := answer.text_at("site", "id")) not in (None, site_id):
            own.run.take_away(own.account, str(made))


def _register(
    own: OwnSites, site: JsonObject, asset: JsonObject, *, methods: Sequence[str], allowed: bool = True
) -> Answer:
    body: JsonObject = {"site": site, "asset": asset, "dispatch_consent": {"dispatch_methods": list(methods)}}
    return (own.account if allowed else own.refused).call(REGISTER, body)
