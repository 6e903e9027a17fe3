"""Writes the texts of new tokens and links for the client. The log has their numbers only. Source: A11."""

from datetime import datetime
from decimal import Decimal

from mockaxle.core.accounts import ORGANISATION, TOKEN_LIFETIME, Grant, lifetime_of
from mockaxle.core.reference import TokenTimes
from mockaxle.serving.credentials import Credentials, TokenClaims, TokenKind, Validity, address_of, validity_from
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.world.entries import Exchange
from mockaxle.world.value import World


def token_text(credentials: Credentials, hosted: HostedWorld, *, exchange: Exchange) -> str:
    """Write the text of the token that an exchange issued.

    Only a full account's password obtains a full token. Source: A11, W3.
    """
    principal, number = exchange.principal, exchange.response.token
    assert principal is not None, "an answer without a world has no token"
    assert number is not None, "the answer has a token"
    grant = hosted.world.tokens.grants.get(number)
    if grant is not None and grant.link is not None:
        site_id, expires_at = grant.link.site_id, grant.expires_at
        return link_text(credentials, hosted, number=number, site_id=site_id, expires_at=expires_at)
    address, opening_id = address_of(principal.world), hosted.opening_id
    is_full = principal.token is None and principal.roles == ORGANISATION
    username = principal.username if grant is None else grant.username
    claims = TokenClaims(address, number, opening_id, TokenKind.FULL if is_full else TokenKind.LIMITED, username)
    return credentials.token(claims, validity=_validity(hosted.world, grant, at=exchange.at, real=exchange.real_at))


def link_text(credentials: Credentials, hosted: HostedWorld, *, number: int, site_id: str, expires_at: datetime) -> str:
    """Write the text of a link. Source: W3."""
    address, opening_id = address_of(hosted.world.name), hosted.opening_id
    return credentials.link(TokenClaims(address, number, opening_id, TokenKind.LINK, site_id), expires_at=expires_at)


def _validity(world: World, grant: Grant | None, *, at: datetime, real: datetime) -> Validity:
    lifetime = lifetime_of(grant) if grant else TOKEN_LIFETIME
    if world.state.reference.settings.token_times is TokenTimes.WORLD:
        return validity_from(at, lifetime, rate=Decimal(1))
    return validity_from(real, lifetime, rate=world.clock.rate)
