"""Sites: who they are, and how a request creates or fills in one."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from mockaxle.core.errors import InvalidEmail, InvalidMpan
from mockaxle.core.events import SiteCreated, SiteFilledIn
from mockaxle.core.outcome import Outcome
from mockaxle.core.records import DispatchMethod, EnergyMarket, Site
from mockaxle.core.state import State, add_site, next_id, put_site, site_at
from mockaxle.core.upsert import Field, Upserted, compare

_MPAN = re.compile(r"[0-9]{13}")
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
EMAIL_LIMIT = 254

MARKET_OF = {
    DispatchMethod.CM_INFREQUENT_DISPATCH: EnergyMarket.CM,
    DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL: EnergyMarket.WHOLESALE,
    DispatchMethod.LIMITED_PAUSE: EnergyMarket.WHOLESALE,
}


@dataclass(frozen=True, slots=True)
class SiteDetails:
    """What a request says of a site. Shape: consent_at is aware UTC."""

    mpan: str
    postcode: str
    street_address: str | None = None
    email: str | None = None
    consent_at: datetime | None = None


def check_mpan(mpan: str) -> None:
    """Raises: InvalidMpan. The check digit is not tested here. Source: U8."""
    if not _MPAN.fullmatch(mpan):
        raise InvalidMpan(mpan)


def check_email(email: str | None) -> None:
    """Raises: InvalidEmail. Source: U7."""
    if email is not None and not (_EMAIL.fullmatch(email) and len(email) <= EMAIL_LIMIT):
        raise InvalidEmail(email)


def stored_postcode(text: str) -> str:
    """Upper-case with one space; what is not of a UK postcode's form is trimmed and upper-cased. Source: U9."""
    match = _POSTCODE.fullmatch("".join(text.split()).upper())
    return f"{match[1]} {match[2]}" if match else text.strip().upper()


def address_key(text: str) -> str:
    """Equal for addresses that differ in case and runs of spaces only. Source: U10."""
    return " ".join(text.split()).casefold()


def markets_of(site: Site) -> tuple[EnergyMarket, ...]:
    """Where the site's flexibility is sold, in the enum's order. Source: L13."""
    found = {MARKET_OF.get(method) for method in site.methods_in}
    return tuple(market for market in EnergyMarket if market in found)


def upsert_site(state: State, details: SiteDetails) -> Outcome[Upserted]:
    """The site of the MPAN, created or filled in. Source: U1-U3, U5."""
    site = site_at(state, details.mpan)
    if site is None:
        return _create(state, details)
    filled, updated, warnings = compare(site, _fields(site, details))
    upserted = Upserted(site.id, False, updated, warnings)
    if not updated:
        return Outcome(state, upserted)
    return Outcome(put_site(state, replace(site, **filled)), upserted, (SiteFilledIn(site.id, updated),))


def _create(state: State, details: SiteDetails) -> Outcome[Upserted]:
    site = Site(
        id=next_id(state),
        place=state.site_order.places,
        mpan=details.mpan,
        postcode=stored_postcode(details.postcode),
        street_address=details.street_address,
        email=details.email,
        consent_at=details.consent_at,
    )
    return Outcome(add_site(state, site), Upserted(site.id, True), (SiteCreated(site.id),))


def _fields(site: Site, details: SiteDetails) -> tuple[Field, ...]:
    address = details.street_address
    if address is not None and address_key(address) == address_key(site.street_address or ""):
        address = site.street_address
    return (
        Field("postcode", {"postcode": stored_postcode(details.postcode)}),
        Field("street_address", {"street_address": address}),
        Field("email", {"email": details.email}),
        Field("gave_boundary_meter_consent_at", {"consent_at": details.consent_at}),
    )
