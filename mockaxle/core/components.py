"""Component tokens: the user's site, created on the first call, and the part of the state they see. Source: A7, A8."""

from datetime import datetime
from typing import NamedTuple

from mockaxle.core.order import Order
from mockaxle.core.records import Asset, Site
from mockaxle.core.rule_errors import ConsentNeeded, UserEmailInvalid
from mockaxle.core.sites import is_email
from mockaxle.core.state import Outcome, State, add_site, assets_at, next_id, put_site, site_of
from mockaxle.core.table import Table


class UserDetails(NamedTuple):
    """A user as a partner describes them. Shape: consent_at is aware UTC."""

    external_user_id: str
    email: str | None = None
    consent_at: datetime | None = None


def site_for(state: State, details: UserDetails) -> Outcome[Site]:
    """Return the user's site, created if there is none. Fields that are sent overwrite. Source: A7, A8.

    Raises: UserEmailInvalid, ConsentNeeded.
    """
    if details.email is not None and not is_email(details.email):
        raise UserEmailInvalid(details.email)
    site_id = state.users.get(details.external_user_id)
    if site_id is None:
        return _create(state, details)
    site = site_of(state, site_id)
    email, consent_at = details.email or site.email, details.consent_at or site.consent_at
    changed = site._replace(email=email, consent_at=consent_at)
    return Outcome(state if changed == site else put_site(state, changed), changed)


def narrowed(state: State, site_id: str, *, user: str | None) -> State:
    """Narrow the state to a component token's site and its assets; to nothing if the site no longer exists."""
    site = state.sites.get(site_id)
    sites: Table[str, Site] = Table()
    assets: Table[str, Asset] = Table()
    seen = state._replace(
        sites=sites,
        site_ids=Table(),
        site_order=Order(),
        neighbours=Table(),
        assets=assets,
        asset_ids=Table(),
        asset_order=Order(),
    )
    if site is None or site.user != user:
        return seen
    own = assets_at(state, site)
    seen = add_site(seen, site._replace(place=0))
    for asset in own:
        seen = seen._replace(
            assets=seen.assets.put(asset.id, asset),
            asset_ids=seen.asset_ids.put(asset.external_id, asset.id),
            asset_order=seen.asset_order.append(asset.id),
        )
    return seen


def _create(state: State, details: UserDetails) -> Outcome[Site]:
    """Raises: ConsentNeeded."""
    if details.consent_at is None and not state.reference.settings.consent_exempt:
        raise ConsentNeeded()
    site = Site(
        id=next_id(state),
        place=state.site_order.places,
        mpan=None,
        postcode=None,
        email=details.email,
        consent_at=details.consent_at,
        user=details.external_user_id,
    )
    return Outcome(add_site(state, site), site)
