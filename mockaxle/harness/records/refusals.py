"""Refused upserts of the records suite, and that nothing of them is stored. Source: U1, U6, U7, U13, L0, L2."""

from collections.abc import Iterator
from typing import NamedTuple

from mockaxle.harness.bodies import LIMITED_PAUSE
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.names import CONSENTED
from mockaxle.harness.operations import ENROL, INITIALISE, ONBOARD, UNENROL
from mockaxle.harness.records.own_sites import OwnSites
from mockaxle.harness.records.upserts import EMAIL, LATER
from mockaxle.harness.run import METHODS, Judge, NotTestable

NO_PROPOSITIONS = (*METHODS[2:], "limited pause", "wholesale", "")
NOT_CREATABLE = ("boundary meter", "frequency meter", "pv inverter", "toaster", "")


class RefusedUpsert(NamedTuple):
    """An upsert to refuse. Shape: status is None if any refusal is right."""

    of: str
    title: str
    status: int | None
    site: JsonObject
    assets: tuple[JsonObject, ...]
    proposition: str = LIMITED_PAUSE


def refused_initialises(judge: Judge) -> None:
    """Send upserts that are refused, and see that nothing of them is stored."""
    judge.run.needs(INITIALISE)
    _refused(judge, INITIALISE)


def refused_onboards(judge: Judge) -> None:
    judge.run.needs(ONBOARD)
    _refused(judge, ONBOARD)


def _refused(judge: Judge, operation: str) -> None:
    with OwnSites(judge, f"refused-{operation.rpartition('/')[2]}", count=2) as own:
        known = own.charger("known")
        site_id = own.made(own.home(1), known, operation=operation)
        own.read(site_id)
        refusals = list(_refusals(own, known, operation))
        for number, refusal in enumerate(refusals):
            _send(own, operation, refusal, new={**refusal.assets[0], "external_id": own.external_id(f"new-{number}")})
            if refusal.site["mpan"] == own.mpans[1]:
                own.read(site_id)
        news = [own.charger(f"new-{number}") for number in range(len(refusals))]
        made = own.upsert(operation, own.home(street_address=own.street(), email=EMAIL), *news)
        own.accepted(made, of="U1d")
        own.read_assets(made)


def _refusals(own: OwnSites, known: JsonObject, operation: str) -> Iterator[RefusedUpsert]:
    """Yield refusals; the first asset of each is new."""
    site, new = own.home(), own.charger("new")
    yield RefusedUpsert("U7a", "a new site without consent is stored", 400, own.unconsented(), (new,))
    yield RefusedUpsert("U7b", "an invalid email is stored", 400, {**site, "email": "no address"}, (new,))
    yield RefusedUpsert("U6b", "an external_id of another site is stored", 409, site, (new, known))
    there, wrong = own.home(1, street_address=own.street()), {**known, "type": "heat pump"}
    yield RefusedUpsert("U6a", "a known external_id is taken with another type", 409, there, (new, wrong))
    yield RefusedUpsert("U6c", "an external_id is taken twice", 409, site, (new, own.bare("twice"), own.bare("twice")))
    short = {**site, "mpan": own.mpans[0][:12]}
    yield RefusedUpsert("U8a", "an MPAN of 12 digits is stored", 422, short, (new,))
    for type in NOT_CREATABLE:
        yield RefusedUpsert("U13b", "an upsert creates another type of asset", None, site, ({**new, "type": type},))
    if operation == ONBOARD:
        pump = own.bare("pump", "heat pump")
        yield RefusedUpsert("L0k", "a site without a charger is enrolled in limited_pause", 422, site, (pump,))
        for proposition in NO_PROPOSITIONS:
            yield RefusedUpsert("L2b", "onboard takes another proposition", None, site, (new,), proposition)


def _send(own: OwnSites, operation: str, refusal: RefusedUpsert, *, new: JsonObject) -> None:
    """Send an upsert that must be refused, and judge that neither its site nor its new asset exists afterwards."""
    assets = (new, *refusal.assets[1:])
    answer = own.upsert(operation, refusal.site, *assets, allowed=False, proposition=refusal.proposition)
    refused = answer.status >= 400 if refusal.status is None else answer.status == refusal.status
    expected = str(refusal.status or "a refusal")
    own.judge.expect(refused, answer, of=refusal.of, title=refusal.title, expected=expected)
    if not answer.is_good:
        own.stored_nothing(str(new["external_id"]), of="U1d")
    elif refusal.site["mpan"] != own.mpans[1] and (site_id := answer.text_at("site", "site_id")):
        own.run.take_away(own.account, site_id)


def refused_after_leaving(judge: Judge) -> None:
    """Onboard a site that left a proposition, without overriding that; it stays as it is."""
    judge.run.needs(ONBOARD, UNENROL)
    if not judge.run.settings.withdrawal_memory:
        raise NotTestable("the server does not remember withdrawals")
    with OwnSites(judge, "refused-return") as own:
        site, charger = own.home(), own.bare("charger")
        site_id = own.made(site, charger, operation=ONBOARD)
        own.account.call(UNENROL, {"proposition": LIMITED_PAUSE}, site_id=site_id)
        own.read(site_id)
        filled, powered = {**site, "street_address": own.street(), "email": EMAIL}, own.charger("charger")
        refused = own.upsert(ONBOARD, filled, powered, own.bare("new"), allowed=False)
        judge.status(refused, 422, of="L5a", title="a site returns to a proposition without override_withdrawal")
        made = own.upsert(own.upserts, filled, powered) if own.has(INITIALISE) else own.read(site_id)
        own.read_assets(made)
        own.read(site_id)


def refused_at_a_known_site(judge: Judge) -> None:
    """Send refused upserts and enrolments of a site without a charger, which stays as it is."""
    judge.run.needs(INITIALISE, ONBOARD, ENROL)
    with OwnSites(judge, "refused-known") as own:
        site, pump, other = own.home(), own.bare("pump", "heat pump"), own.bare("other", "heat pump")
        site_id = own.made(site, pump)
        own.read(site_id)
        filled = {**site, "street_address": own.street(), "email": EMAIL}
        power = {**pump, "properties": {"power_kw": 3}}
        onboarded = own.upsert(ONBOARD, filled, power, other, allowed=False)
        judge.status(onboarded, 422, of="L0k", title="an initialised site without a charger is onboarded")
        own.read(site_id)
        twisted = own.upsert(INITIALISE, filled, other, {**power, "type": "battery"}, allowed=False)
        judge.status(twisted, 409, of="U6a", title="a known external_id is taken with another type")
        own.read(site_id)
        entering = {"proposition": LIMITED_PAUSE, CONSENTED: LATER}
        enrolled = own.refused.call(ENROL, entering, site_id=site_id)
        judge.status(enrolled, 422, of="L0k", title="a site without a charger is enrolled")
        own.read(site_id)
        made = own.upsert(INITIALISE, filled, power, other)
        own.accepted(made, of="U1d")
        own.read_assets(made)
