"""Device clouds over HTTP: their tokens, and the page on which a user links one. Source: U15."""

from mockaxle.core import linking
from mockaxle.core.accounts import Link, LinkKind, issue_link
from mockaxle.core.errors import FieldFault, RefreshTokenMissing
from mockaxle.server.call import NULL, Call, Handler, Reply, reply
from mockaxle.server.pages import LINKING, page
from mockaxle.wire.linking import OAuthInitiateResponse, SiteAuthTokenRequest
from mockaxle.world.entries import BASE_MARK, TOKEN_MARK

API_KEY = "API_KEY"


def give_token(call: Call[SiteAuthTokenRequest]) -> Reply:
    if call.body.refresh_token is None and call.body.token_type != API_KEY:
        raise RefreshTokenMissing((FieldFault(("body", "refresh_token"), "field required", "value_error.missing"),))
    return reply(linking.give_token(call.state, call.values["site_id"]), NULL, rules=("U15",))


def initiate(call: Call[None]) -> Reply:
    site_id, provider = call.values["site_id"], call.values["provider"]
    linking.check_linkable(call.state, site_id)
    link = Link(LinkKind.OAUTH, site_id, provider=provider)
    tokens, number = issue_link(call.world.tokens, call.principal.username, link=link, now=call.now)
    body = OAuthInitiateResponse(authorization_url=f"{BASE_MARK.decode()}/oauth/{TOKEN_MARK.decode()}")
    return Reply(body, tokens=tokens, token=number, has_base=True, rules=("U15",))


def show(call: Call[None]) -> Reply:
    link = call.link(LinkKind.OAUTH)
    linked = linking.linked_to(call.state, link.site_id)
    return page(LINKING, rules=("U15",), provider=link.provider, is_linked=link.provider in linked)


def allow(call: Call[None]) -> Reply:
    """Complete the flow after a click."""
    link = call.link(LinkKind.OAUTH)
    outcome = linking.link(call.state, link.site_id, provider=link.provider)
    return reply(outcome, show(call.in_state(outcome.state)).body, rules=("U15",))


HANDLERS = (
    Handler("POST /entities/site/{site_id}/token", give_token, SiteAuthTokenRequest),
    Handler("GET /entities/site/{site_id}/oauth/{provider}/initiate", initiate),
    Handler("GET /oauth/{link}", show),
    Handler("POST /oauth/{link}", allow),
)
