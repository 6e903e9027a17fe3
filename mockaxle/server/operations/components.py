"""Component tokens over HTTP, and the limits of their access."""

import re
from typing import Any

from mockaxle.core.accounts import issue_component
from mockaxle.core.components import UserDetails, narrowed, site_for
from mockaxle.core.rule_errors import AssetUnknown, ChangeNotTaken, OneSiteOnly, SiteUnknown
from mockaxle.core.state import State, asset_named
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.wire.accounts import (
    Body_create_component_token_auth_component_token_post as ComponentForm,
)
from mockaxle.wire.accounts import ComponentToken
from mockaxle.world.entries import TOKEN_MARK

OTHERS_ID = re.compile(r"site [0-9a-f-]{36}")
MAKING_SITES = {
    "POST /entities/site",
    "POST /entities/site/onboard",
    "POST /entities/site/initialise",
    "POST /entities/site/onboard-site-and-asset",
}


def component_token(call: Call[ComponentForm]) -> Reply:
    """Source: A7."""
    form = call.body
    details = UserDetails(form.external_user_id, form.user_email, form.gave_boundary_meter_consent_at)
    outcome = site_for(call.state, details)
    site_id = outcome.value.id
    username, user = call.principal.username, form.external_user_id
    tokens, number = issue_component(call.world.tokens, username, site_id=site_id, user=user, now=call.now)
    body = ComponentToken(id=site_id, access_token=TOKEN_MARK.decode(), token_type="bearer")
    return Reply(body, state=outcome.state, tokens=tokens, token=number, rules=("A7", "A8"))


def confined(call: Call[Any], key: str) -> Call[Any]:
    """Confine a component token's call to its own site. Raises: Forbidden, OutOfTurn, Unknown.

    A change is first checked in a state narrowed to that site, and then made in the whole state. Source: A7.
    """
    grant = call.grant
    if grant is None or grant.site_id is None:
        return call
    if key in MAKING_SITES:
        raise OneSiteOnly()
    seen = narrowed(call.state, grant.site_id, user=grant.user)
    if key.startswith("GET "):
        return call.in_state(seen)
    _check_site(seen, call.values.get("site_id", getattr(call.body, "site_id", None)))
    _check_asset(seen, call)
    return call


def own_site(call: Call[Any]) -> str | None:
    """Return a component token's site, empty if it is no longer its user's; None for other tokens."""
    grant = call.grant
    if grant is None or grant.site_id is None:
        return None
    site = call.state.sites.get(grant.site_id)
    return grant.site_id if site is not None and site.user == grant.user else ""


def discreet(refusal: ChangeNotTaken) -> ChangeNotTaken:
    """Remove the ids of other sites from a refusal. Source: A7."""
    return ChangeNotTaken(
        tuple(fault._replace(msg=OTHERS_ID.sub("another site", fault.msg)) for fault in refusal.faults)
    )


def _check_site(seen: State, site_id: object) -> None:
    if site_id is not None and str(site_id) not in seen.sites:
        raise SiteUnknown(str(site_id))


def _check_asset(seen: State, call: Call[Any]) -> None:
    asset_id = call.values.get("asset_id")
    if asset_id is None or asset_id in seen.assets:
        return
    names = (asset_id, asset_id.upper()) if call.values.get("asset_id_is_external") else ()
    if not any(asset_named(seen, name) for name in names):
        raise AssetUnknown(asset_id)


HANDLERS = (Handler("POST /auth/component-token", component_token, ComponentForm),)
