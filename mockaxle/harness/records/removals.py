"""Sites and assets of the records suite that are removed or were never there. Source: L6-L11, E4, G7."""

from collections.abc import Mapping

from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import INTENT, LIMITED_PAUSE, NIGHT
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import CONSENTED, NOBODY
from mockaxle.harness.operations import (
    ADVISE_OF_CONSENT,
    ASSET_PRICES,
    BALANCE,
    BATTERY_SCHEDULE,
    CHANGE_ASSET,
    CHANGE_SITE,
    CONSENT,
    CREATE_ASSET,
    CREATE_SITE,
    DECONSENT,
    DELETE_ASSET,
    DELETE_SITE,
    ELIGIBILITY,
    ENROL,
    EVENT,
    FIND_ASSET,
    FLEX_EVENTS,
    HAND_OVER_TOKEN,
    INITIALISE,
    LIST_SITES,
    OFFBOARD,
    ONBOARD,
    PLUG_IN_SCHEDULE,
    READ_ASSET,
    READ_INTENT,
    READ_SITE,
    SITE_PRICES,
    TODAYS_SCHEDULE,
    TRANSACTIONS,
    UNENROL,
    WITHDRAWAL_PAGE,
)
from mockaxle.harness.records.own_sites import OwnSites
from mockaxle.harness.records.upserts import EMAIL, LATER
from mockaxle.harness.run import Judge
from mockaxle.harness.watching.memory import Kind
from mockaxle.harness.watching.removed import FORBIDDEN_FIRST, missing_title

PAUSE: JsonObject = {"proposition": LIMITED_PAUSE}
METHOD: JsonObject = {"dispatch_methods": [LIMITED_PAUSE]}
ON_SITES: Mapping[str, Json] = {
    READ_SITE: None,
    ELIGIBILITY: None,
    CHANGE_SITE: {"postcode": "LS1 4AP"},
    ENROL: PAUSE,
    UNENROL: PAUSE,
    CONSENT: METHOD,
    DECONSENT: METHOD,
    ADVISE_OF_CONSENT: {CONSENTED: LATER},
    HAND_OVER_TOKEN: {"token_type": "bearer", "refresh_token": "from-the-cloud"},
    FLEX_EVENTS: None,
    SITE_PRICES: None,
    BALANCE: None,
    TRANSACTIONS: None,
    WITHDRAWAL_PAGE: None,
    OFFBOARD: None,
    DELETE_SITE: None,
}
"""The calls on a site, with valid bodies."""

ON_ASSETS: Mapping[str, Json] = {
    READ_ASSET: None,
    CHANGE_ASSET: {"properties": {"power_kw": 11}},
    PLUG_IN_SCHEDULE: {"charging_schedule": NIGHT},
    f"{EVENT}/plug-in": {"intent": INTENT},
    f"{EVENT}/intent": {"intent": INTENT},
    EVENT: {"event_type": "intent_update", "intent": INTENT},
    READ_INTENT: None,
    f"{EVENT}/tariff-update": {"tariff": {"off_peak_times": "23:30-05:30", "timezone": "Europe/London"}},
    f"{EVENT}/charge-now": {"end_at": "2026-01-20T23:00:00Z"},
    f"{EVENT}/charge-now-deleted": {},
    f"{EVENT}/plug-out": {},
    BATTERY_SCHEDULE: None,
    TODAYS_SCHEDULE: None,
    ASSET_PRICES: None,
    DELETE_ASSET: None,
}
"""The calls on an asset, with valid bodies."""


def offboarded(judge: Judge) -> None:
    """Offboard an enrolled and an initialised site, and look for them and their assets by every call."""
    judge.run.needs(OFFBOARD)
    for operation in (one for one in (ONBOARD, INITIALISE) if one in judge.run.keys):
        with OwnSites(judge, f"offboarded-{operation.rpartition('/')[2]}") as own:
            site = own.home(street_address=own.street(), email=EMAIL)
            made = own.upsert(operation, site, own.charger("first"), own.bare("second", "heat pump"))
            site_id = own.id(made, "site", "site_id", of="U1a")
            own.read(site_id)
            own.read_assets(made)
            own.accepted(own.account.call(OFFBOARD, site_id=site_id), of="L0h" if operation == ONBOARD else "L6f")
            _missing_site(own, site_id)
            for one in made.objects_at("assets"):
                _missing_asset(own, str(one.get("asset_id")), str(one.get("external_id")))


def never_there(judge: Judge) -> None:
    """Look for a site and an asset that do not exist by every call."""
    with OwnSites(judge, "nobody") as own:
        _missing_site(own, NOBODY)
        _missing_asset(own, NOBODY, own.external_id("nothing"))


def _missing_site(own: OwnSites, site_id: str) -> None:
    _missing(own, "site", ON_SITES, site_id=site_id)
    if own.has(LIST_SITES):
        own.account.call(LIST_SITES, query={"mpan": own.mpans[0]})


def _missing_asset(own: OwnSites, asset_id: str, external_id: str) -> None:
    _missing(own, "asset", ON_ASSETS, asset_id=asset_id)
    _missing(own, "asset", {FIND_ASSET: None}, external_id=external_id)
    own.list_assets()


def _missing(own: OwnSites, kind: Kind, operations: Mapping[str, Json], **ids: str) -> None:
    """Judge that each call on a missing object is 404. The watch judges those that find a removed one."""
    is_removed = not {NOBODY, own.external_id("nothing")} & set(ids.values())
    for operation, body in operations.items():
        if not own.has(operation):
            continue
        query = {"redirect_uri": "x"} if operation == WITHDRAWAL_PAGE else None
        answer = own.refused.call(operation, body, query=query, ids=ids)
        statuses = (404, 403) if operation in FORBIDDEN_FIRST else (404,)
        holds = answer.status in statuses or (answer.is_good and is_removed)
        own.judge.expect(holds, answer, of="E4b", title=missing_title(operation, kind), expected="404")


def returned(judge: Judge) -> None:
    """Onboard a home again for the same user, and for a new occupant without the first one's details."""
    judge.run.needs(ONBOARD, OFFBOARD)
    with OwnSites(judge, "returned") as own:
        whole = own.home(street_address=own.street(), email=EMAIL)
        for site, of in ((whole, "U1a"), (whole, "L7a"), (own.home(), "L11b")):
            made = own.upsert(ONBOARD, site, own.charger())
            site_id = own.id(made, "site", "site_id", of=of)
            own.read_assets(made)
            read = own.read(site_id)
            title = "a site that is onboarded again has an earlier address"
            judge.expect(
                read.text_at("address") == site.get("street_address"),
                read,
                of=of,
                title=title,
                expected=f"address {site.get('street_address')!r}",
            )
            own.account.call(OFFBOARD, site_id=site_id)


def moved_house(judge: Judge) -> None:
    """Offboard a home, and onboard the next one with the same charger."""
    judge.run.needs(ONBOARD, OFFBOARD)
    with OwnSites(judge, "moved", count=2) as own:
        first = own.upsert(ONBOARD, own.home(), own.charger())
        own.accepted(own.account.call(OFFBOARD, site_id=own.id(first, "site", "site_id")), of="L11a")
        second = own.upsert(ONBOARD, own.home(1, postcode="LS1 4AP"), own.charger())
        created = (second.value("site", "site_created"), second.value("assets", 0, "asset_created"))
        title = "a user who moves house is not onboarded afresh"
        expected = "200 with site_created and asset_created true"
        judge.expect(second.is_good and created == (True, True), second, of="L11a", title=title, expected=expected)
        own.read_assets(second)
        own.read(own.id(second, "site", "site_id"))


def deleted(judge: Judge) -> None:
    """Add and delete assets of an Inactive site, then delete the site."""
    judge.run.needs(INITIALISE, CREATE_ASSET, DELETE_ASSET, DELETE_SITE)
    with OwnSites(judge, "deleted") as own:
        made = own.upsert(INITIALISE, own.home(street_address=own.street()), own.charger("first"))
        site_id, first = own.id(made, "site", "site_id"), own.id(made, "assets", 0, "asset_id")
        own.judge.status(own.read(site_id), 200, of="L8a", title="an Inactive site cannot be read")
        added = own.account.call(CREATE_ASSET, {**own.bare("second"), "site_id": site_id})
        second = own.id(added, "id", of="L8b")
        own.read(site_id)
        for asset_id, name in ((first, "first"), (second, "second")):
            own.calls({ELIGIBILITY: None}, site_id=site_id)
            _kept(own, site_id, of="L10c")
            _deleted(own, own.account.call(DELETE_ASSET, asset_id=asset_id), of="L8b")
            own.read(site_id)
            own.calls({ELIGIBILITY: None}, site_id=site_id)
            _missing_asset(own, asset_id, own.external_id(name))
        _deleted(own, own.account.call(DELETE_SITE, site_id=site_id), of="L10a")
        _missing_site(own, site_id)
        own.accepted(own.upsert(INITIALISE, own.home(), own.charger("first")), of="U5a")


def deleted_by_hand(judge: Judge) -> None:
    """Delete a site that was created by hand, and create it again at the same MPAN and address."""
    judge.run.needs(CREATE_SITE, DELETE_SITE)
    with OwnSites(judge, "deleted-site") as own:
        body = own.home(street_address=own.street())
        for _ in range(2):
            made = own.account.call(CREATE_SITE, body)
            site_id = own.id(made, "id", of="U10f")
            own.read(site_id)
            _deleted(own, own.account.call(DELETE_SITE, site_id=site_id), of="L10a")
            _missing_site(own, site_id)


def without_assets(judge: Judge) -> None:
    """Offboard a site that has no asset."""
    judge.run.needs(CREATE_SITE, OFFBOARD)
    with OwnSites(judge, "without-assets") as own:
        made = own.account.call(CREATE_SITE, own.home(street_address=own.street()))
        site_id = own.id(made, "id", of="U10f")
        own.read(site_id)
        answer = own.refused.call(OFFBOARD, site_id=site_id)
        own.judge.status(answer, 400, of="L6g", title="offboard of a site without assets is not 400")


def in_use(judge: Judge) -> None:
    """Try to delete an enrolled site with an asset, which stays as it is."""
    judge.run.needs(ONBOARD, DELETE_SITE)
    with OwnSites(judge, "in-use") as own:
        made = own.upsert(ONBOARD, own.home(), own.charger())
        site_id = own.id(made, "site", "site_id", of="U1b")
        own.read(site_id)
        _kept(own, site_id, of="L10b")
        own.read_assets(made)


def _kept(own: OwnSites, site_id: str, *, of: str) -> None:
    """Judge that a site in use is not deleted."""
    refused = own.refused.call(DELETE_SITE, site_id=site_id)
    own.judge.status(refused, 400, of=of, title="a site in use is deleted")
    own.read(site_id)


def _deleted(own: OwnSites, answer: Answer, *, of: str) -> None:
    own.accepted(answer, of=of)
    if answer.is_good:
        own.judge.status(answer, 204, of="G7b", title=f"{answer.operation} answers another status than 204")
