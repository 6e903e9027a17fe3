"""Upserts of the records suite: what onboard and initialise create, fill in and leave as it is. Source: U1-U5, L0.

The watch predicts their reports, and what is read afterwards; these parts make the calls.
"""

from mockaxle.harness.bodies import LIMITED_PAUSE, SMART_CHARGING
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.names import CONSENTED
from mockaxle.harness.operations import (
    ADVISE_OF_CONSENT,
    CREATE_SITE,
    ENROL,
    INITIALISE,
    ONBOARD,
    UNENROL,
)
from mockaxle.harness.records.own_sites import OwnSites
from mockaxle.harness.run import Judge

EMAIL, MODEL = "first@example.org", "zappi"
EARLIER, LATER, LATEST = "2026-01-02T09:00:00Z", "2026-02-03T10:30:00Z", "2026-03-04T11:45:00Z"
FILLED: tuple[JsonObject, ...] = (
    {"properties": {"power_kw": 7.4}},
    {"properties": {"capacity_kwh": 40}},
    {"properties": {"power_kw": 7.4, "capacity_kwh": 40}},
    {"asset_model": MODEL},
    {"installation_date": "2024-03-01"},
)
"""Fields of an asset, as they are filled in one after another. The third fills in nothing."""

OTHER: JsonObject = {
    "properties": {"power_kw": 11, "capacity_kwh": 60},
    "asset_model": "axle_charger_v1",
    "installation_date": "2025-04-02",
}


def initialised_again(judge: Judge) -> None:
    """Initialise a site field by field, and again with equal and with different values."""
    judge.run.needs(INITIALISE)
    _field_by_field(judge, INITIALISE)


def onboarded_again(judge: Judge) -> None:
    """Do the same with onboard, which answers already_enrolled."""
    judge.run.needs(ONBOARD)
    _field_by_field(judge, ONBOARD)


def _field_by_field(judge: Judge, operation: str) -> None:
    with OwnSites(judge, f"fields-{operation.rpartition('/')[2]}") as own:
        site, asset = own.home(), own.bare("charger")
        made = own.upsert(operation, site, asset)
        site_id = own.id(made, "site", "site_id", of="U1a")
        steps: list[tuple[JsonObject, JsonObject]] = [
            ({}, {}),
            ({"street_address": own.street()}, {}),
            ({"email": EMAIL}, {}),
        ]
        steps += [({}, fields) for fields in FILLED]
        whole = {"street_address": own.street(), "email": EMAIL}
        equal = {**FILLED[2], **FILLED[3], **FILLED[4]}
        steps += [(whole, equal), ({}, {})]
        differing = {"postcode": "LS1 4AP", "street_address": own.street(2), "email": "other@example.org"}
        steps += [({**differing, CONSENTED: LATER}, OTHER), (whole, equal)]
        for of_site, of_asset in steps:
            own.read_assets(own.upsert(operation, {**site, **of_site}, {**asset, **of_asset}))
            own.read(site_id)


def enrolled_by_onboard(judge: Judge) -> None:
    """Onboard an initialised site, and a site in one proposition into the other, with missing fields."""
    judge.run.needs(INITIALISE, ONBOARD)
    with OwnSites(judge, "entering") as own:
        site, asset = own.home(), own.bare("charger")
        site_id = own.made(site, asset)
        own.read(site_id)
        entered = own.upsert(
            ONBOARD, {**site, "street_address": own.street()}, {**asset, "properties": {"power_kw": 7.4}}
        )
        own.accepted(entered, of="U1b")
        own.read_assets(entered)
        own.read(site_id)
        both = own.upsert(ONBOARD, {**site, "email": EMAIL}, {**asset, **FILLED[1]}, proposition=SMART_CHARGING)
        own.accepted(both, of="L2a")
        own.read_assets(both)
        own.read(site_id)
        own.upsert(INITIALISE, {**site, "email": EMAIL}, asset)
        own.read(site_id)


def initialised_with_several_assets(judge: Judge) -> None:
    """Initialise a site with three assets, then with known and new ones in one call."""
    judge.run.needs(INITIALISE)
    _several(judge, INITIALISE)


def onboarded_with_several_assets(judge: Judge) -> None:
    judge.run.needs(ONBOARD)
    _several(judge, ONBOARD)


def _several(judge: Judge, operation: str) -> None:
    with OwnSites(judge, f"several-{operation.rpartition('/')[2]}") as own:
        site = own.home()
        last, first = own.charger("c"), own.bare("a", "battery", properties={"capacity_kwh": 9.5})
        middle, new = own.bare("b", "heat pump"), own.bare("d", "hot water tank", properties={"power_kw": 3})
        own.read_assets(own.upsert(operation, site, last, first, middle))
        filled = {**first, "properties": {"power_kw": 5, "capacity_kwh": 9.5}}
        for assets in (
            (last, first, middle),
            (middle, new, filled),
            (own.bare("e", "electric_vehicle"), middle, last),
            (middle,),
        ):
            answer = own.upsert(operation, site, *assets)
            own.read_assets(answer)
            own.read(own.id(answer, "site", "site_id", of="U1a"))


def filled_in_by_hand(judge: Judge) -> None:
    """Upsert a site that was created with all fields, and one that was created without consent."""
    judge.run.needs(CREATE_SITE, INITIALISE)
    with OwnSites(judge, "by-hand", count=2) as own:
        whole = own.home(street_address=own.street(), email=EMAIL)
        own.accepted(own.account.call(CREATE_SITE, whole), of="U10f")
        own.read(own.made(whole, own.charger("one")))
        bare = own.unconsented(1)
        site_id = own.id(own.account.call(CREATE_SITE, bare), "id")
        own.read(site_id)
        for consent in (EARLIER, EARLIER, LATER):
            own.upsert(INITIALISE, {**bare, CONSENTED: consent}, own.charger("two"))
            own.read(site_id)


def consent_by_enrol(judge: Judge) -> None:
    """Send consent with enrol, which overwrites the stored one unless the site is enrolled already."""
    judge.run.needs(ENROL, UNENROL)
    with OwnSites(judge, "consent") as own:
        site_id = own.made(own.home(street_address=own.street(), email=EMAIL), own.charger())
        own.read(site_id)
        for proposition, consent in (
            (LIMITED_PAUSE, LATER),
            (LIMITED_PAUSE, LATEST),
            (LIMITED_PAUSE, None),
            (SMART_CHARGING, EARLIER),
            (SMART_CHARGING, LATEST),
        ):
            body = {"proposition": proposition, CONSENTED: consent}
            sent = {name: value for name, value in body.items() if value is not None}
            own.accepted(own.account.call(ENROL, sent, site_id=site_id), of="L0c")
            own.read(site_id)
        if own.has(ADVISE_OF_CONSENT):
            for consent in (LATEST, LATER):
                own.accepted(own.account.call(ADVISE_OF_CONSENT, {CONSENTED: consent}, site_id=site_id), of="L0q")
                own.read(site_id)
        own.account.call(UNENROL, {"proposition": LIMITED_PAUSE}, site_id=site_id)
        own.read(site_id)


def consent_missing(judge: Judge) -> None:
    """Enrol a site without consent, which is refused, and then with it."""
    judge.run.needs(CREATE_SITE, INITIALISE, ENROL)
    with OwnSites(judge, "no-consent") as own:
        site = own.unconsented()
        own.id(own.account.call(CREATE_SITE, site), "id")
        site_id = own.id(own.upsert(INITIALISE, site, own.charger()), "site", "site_id")
        body = {"proposition": LIMITED_PAUSE}
        refused = own.refused.call(ENROL, body, site_id=site_id)
        title = "a site without consent is enrolled"
        judge.expect(refused.status >= 400, refused, of="Q2a", title=title, expected="a refusal")
        own.read(site_id)
        own.accepted(own.account.call(ENROL, {**body, CONSENTED: LATER}, site_id=site_id), of="U4a")
        own.read(site_id)
