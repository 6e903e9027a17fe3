"""PATCH of a site: the fields sent and no others, each judged by the rule that guards it. Source: U14, E7."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from mockaxle.core.addresses import stored_postcode
from mockaxle.core.errors import ChangeNotTaken, FieldFault, InvalidEmail, InvalidMpan
from mockaxle.core.outcome import Outcome
from mockaxle.core.records import Site, Tariff
from mockaxle.core.sites import check_email, check_mpan, site_at_address
from mockaxle.core.state import State, put_site, site_at, site_of
from mockaxle.core.upsert import sent


@dataclass(frozen=True, slots=True)
class SiteChange:
    """The fields that a PATCH sends; None for those that it does not."""

    tariff: Tariff | None = None
    street_address: str | None = None
    postcode: str | None = None
    mpan: str | None = None
    email: str | None = None


def change_site(state: State, site_id: str, *, change: SiteChange) -> Outcome[Site]:
    """The site with the fields sent changed. Raises: SiteUnknown, ChangeNotTaken with every fault."""
    site = site_of(state, site_id)
    faults = tuple(FieldFault(("body", field), msg, "value_error") for field, msg in _wrong(state, site, change))
    if faults:
        raise ChangeNotTaken(faults)
    changed = site._replace(**{**sent(change), **_brought_to_form(site, change)})
    return Outcome(put_site(state, changed), changed)


def _brought_to_form(site: Site, change: SiteChange) -> dict[str, Any]:
    formed: dict[str, Any] = {}
    if change.postcode is not None:
        formed["postcode"] = stored_postcode(change.postcode)
    if change.tariff is not None and site.tariff is not None:
        formed["tariff"] = replace(site.tariff, **sent(change.tariff))
    return formed


def _wrong(state: State, site: Site, change: SiteChange) -> Iterator[tuple[str, str]]:
    """The fields that are not taken and why, in the document's order."""
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
