"""Sites: how a request finds, creates or changes one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from mockaxle.core.errors import FieldFault
from mockaxle.core.order import Page
from mockaxle.core.property import MPAN, postcode_key, stored_postcode, street_key
from mockaxle.core.records import DispatchMethod, EnergyMarket, Site
from mockaxle.core.rule_errors import AddressTaken, ChangeNotTaken, InvalidEmail, InvalidMpan, SiteExists
from mockaxle.core.state import (
    Outcome,
    State,
    add_site,
    next_id,
    put_site,
    site_at,
    site_of,
    sites_at_address,
    sites_in,
)
from mockaxle.core.tariffs import Tariff
from mockaxle.core.upsert import Field, Upserted, compare, sent

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
EMAIL_LIMIT = 254

MARKET_OF = {
    DispatchMethod.CM_INFREQUENT_DISPATCH: EnergyMarket.CM,
    DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL: EnergyMarket.WHOLESALE,
    DispatchMethod.LIMITED_PAUSE: EnergyMarket.WHOLESALE,
}


class SiteDetails(NamedTuple):
    """A site as a request describes it. Shape: consent_at is aware UTC."""

    mpan: str
    postcode: str
    street_address: str | None = None
    email: str | None = None
    consent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SiteChange:
    """The fields that a PATCH sends; None for all others."""

    tariff: Tariff | None = None
    street_address: str | None = None
    postcode: str | None = None
    mpan: str | None = None
    email: str | None = None


def check_mpan(mpan: str, *, field: tuple[str, ...] = ("site", "mpan")) -> None:
    """Raises: InvalidMpan. The check digit is not tested here. Source: U8."""
    if not MPAN.fullmatch(mpan):
        raise InvalidMpan(mpan, field)


def check_email(email: str | None) -> None:
    """Raises: InvalidEmail. Source: U7."""
    if email is not None and not is_email(email):
        raise InvalidEmail(email)


def is_email(text: str) -> bool:
    return len(text) <= EMAIL_LIMIT and _EMAIL.fullmatch(text) is not None


@lru_cache(maxsize=64)
def markets_of(methods: tuple[DispatchMethod, ...]) -> tuple[EnergyMarket, ...]:
    """Return the markets of dispatch methods, in the enum's order. Source: L13."""
    found = {MARKET_OF.get(method) for method in methods}
    return tuple(market for market in EnergyMarket if market in found)


def new_site(state: State, details: SiteDetails, *, asset_ids: tuple[str, ...] = ()) -> Site:
    """Make the next site, to be added with its assets. Source: U1, U9."""
    return Site(
        id=next_id(state),
        place=state.site_order.places,
        mpan=details.mpan,
        postcode=stored_postcode(details.postcode),
        street_address=details.street_address,
        email=details.email,
        consent_at=details.consent_at,
        asset_ids=asset_ids,
    )


def fill_in_site(state: State, site: Site, *, details: SiteDetails) -> Outcome[Upserted]:
    """Fill in the missing fields of a known site. Source: U1-U3."""
    filled, updated, warnings = compare(site, _fields(site, details))
    upserted = Upserted(site.id, False, updated, warnings)
    if not updated:
        return Outcome(state, upserted)
    return Outcome(put_site(state, site._replace(**filled)), upserted)


def create_site(state: State, details: SiteDetails) -> Outcome[Site]:
    """Create a site at a new address. Consent is not required. Source: U10.

    Raises: InvalidMpan, AddressTaken, SiteExists, InvalidEmail.
    """
    check_mpan(details.mpan)
    taken = site_at_address(state, details.postcode, street_address=details.street_address)
    if taken is not None:
        raise AddressTaken(taken.id)
    known = site_at(state, details.mpan)
    if known is not None:
        raise SiteExists(known.id)
    check_email(details.email)
    site = new_site(state, details)
    state = add_site(state, site)
    return Outcome(state, site_of(state, site.id))


def change_site(state: State, site_id: str, *, change: SiteChange) -> Outcome[Site]:
    """Change the fields that were sent. Raises: SiteUnknown, ChangeNotTaken with every fault."""
    site = site_of(state, site_id)
    faults = tuple(FieldFault(("body", field), msg, "value_error") for field, msg in _wrong(state, site, change))
    if faults:
        raise ChangeNotTaken(faults)
    changed = site._replace(**{**sent(change), **_brought_to_form(site, change)})
    return Outcome(put_site(state, changed), changed)


def site_at_address(
    state: State, postcode: str | None, *, street_address: str | None, but: str | None = None
) -> Site | None:
    """Find the first live site, except `but`, with this postcode and street address. Source: U10."""
    if street_address is None or postcode is None:
        return None
    found = sites_at_address(state, postcode, street_address=street_address)
    return next((site for site in found if site.id != but), None)


def page_of_sites(state: State, *, mpan: str | None, postcode: str | None, offset: int, limit: int) -> Page[Site]:
    """List live sites in creation order, filtered by MPAN or postcode if given. Source: U12."""
    if mpan is None and postcode is None:
        ids = state.site_order.page(offset, limit=limit)
        return Page(tuple(site_of(state, site_id) for site_id in ids), state.site_order.live, offset, limit)
    found = _matching(state, mpan, postcode)
    return Page(found[offset : offset + limit], len(found), offset, limit)


def _matching(state: State, mpan: str | None, postcode: str | None) -> tuple[Site, ...]:
    if mpan is None:
        return sites_in(state, postcode or "")
    site = site_at(state, mpan)
    fits = site is not None and (postcode is None or postcode_key(site.postcode or "") == postcode_key(postcode))
    return (site,) if site is not None and fits else ()


def _fields(site: Site, details: SiteDetails) -> tuple[Field, ...]:
    """Return the fields sent, in the stored spelling if only the spelling differs."""
    postcode, address = stored_postcode(details.postcode), details.street_address
    if site.postcode is not None and postcode_key(postcode) == postcode_key(site.postcode):
        postcode = site.postcode
    if address is not None and site.street_address is not None:
        address = site.street_address if street_key(address) == street_key(site.street_address) else address
    return (
        Field("postcode", {"postcode": postcode}),
        Field("street_address", {"street_address": address}),
        Field("email", {"email": details.email}),
        Field("gave_boundary_meter_consent_at", {"consent_at": details.consent_at}),
    )


def _brought_to_form(site: Site, change: SiteChange) -> dict[str, Any]:
    formed: dict[str, Any] = {}
    if change.postcode is not None:
        formed["postcode"] = stored_postcode(change.postcode)
    if change.tariff is not None and site.tariff is not None:
        formed["tariff"] = replace(site.tariff, **sent(change.tariff))
    return formed


def _wrong(state: State, site: Site, change: SiteChange) -> Iterator[tuple[str, str]]:
    """Yield the fields that are refused, with the reasons, in the document's order."""
    if change.street_address is not None or change.postcode is not None:
        address = site.street_address if change.street_address is None else change.street_address
        postcode = site.postcode if change.postcode is None else change.postcode
        taken = site_at_address(state, postcode, street_address=address, but=site.id)
        if taken is not None:
            field = "postcode" if change.street_address is None else "address"
            yield field, f"The address belongs to site {taken.id}"
    if change.mpan is not None:
        yield from _wrong_mpan(state, site, change.mpan)
    try:
        check_email(change.email)
    except InvalidEmail as refusal:
        yield "email", refusal.text


def _wrong_mpan(state: State, site: Site, mpan: str) -> Iterator[tuple[str, str]]:
    try:
        check_mpan(mpan)
    except InvalidMpan as refusal:
        yield "mpan", refusal.text
    known = site_at(state, mpan)
    if known is not None and known.id != site.id:
        yield "mpan", f"The MPAN belongs to site {known.id}"
