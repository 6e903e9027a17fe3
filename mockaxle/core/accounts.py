"""Accounts: what a token may do, and for how long."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from mockaxle.core.errors import RoleMissing, StaleToken
from mockaxle.core.table import Table

TOKEN_LIFETIME = LINK_LIFETIME = timedelta(hours=1)
COMPONENT_LIFETIME = timedelta(hours=24)
MAX_TOKENS = 100_000  # of a world
STATIC = 0  # the number of the token that never ends; others count from 1


class Role(StrEnum):
    """Source: A5; the last one H1."""

    ENTITY_READ = "entity_read"
    ENTITY_WRITE = "entity_write"
    REWARDS = "rewards"
    LOOKUP = "lookup"
    METRICS_WRITE = "metrics_write"
    COMPONENTS = "components"
    HOME_ASSISTANT = "vpp:home_assistant"


ORGANISATION = tuple(role for role in Role if role is not Role.HOME_ASSISTANT)


class AccountKind(StrEnum):
    """What an account is for."""

    FULL = "full"
    READ_ONLY = "read_only"
    HOME_ASSISTANT = "home_assistant"


ROLES_OF = {
    AccountKind.FULL: ORGANISATION,
    AccountKind.READ_ONLY: (Role.ENTITY_READ, Role.REWARDS, Role.LOOKUP),
    AccountKind.HOME_ASSISTANT: (Role.HOME_ASSISTANT,),
}
COMPONENT = (Role.ENTITY_READ, Role.ENTITY_WRITE, Role.METRICS_WRITE)


def role_for(verb: str, path: str) -> Role | None:
    """The role an operation needs, or None where any token will do. Source: A6."""
    area = path.split("/", 2)[1]
    if area == "entities":
        return Role.ENTITY_READ if verb == "GET" else Role.ENTITY_WRITE
    if path == "/auth/component-token":
        return Role.COMPONENTS
    return {
        "rewards": Role.REWARDS,
        "meter": Role.LOOKUP,
        "validation": Role.LOOKUP,
        "data": Role.METRICS_WRITE,
        "vpp": Role.HOME_ASSISTANT,
    }.get(area)


class LinkKind(StrEnum):
    """What a link to one of our own pages is for. Source: W3, U15."""

    WITHDRAWAL = "withdrawal"
    OAUTH = "oauth"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads."""

    kind: LinkKind
    site_id: str
    redirect_uri: str = ""
    hide_transactions: bool = False
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for. Shape: roles in the enum's order, half-open in time. Source: A1.

    A component token is for one site only (A7); a link's token opens its page and nothing else.
    """

    username: str
    roles: tuple[Role, ...]
    expires_at: datetime
    site_id: str | None = None
    user: str | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a world by number; `oldest` is the lowest number that may still be kept."""

    grants: Table[int, Grant] = field(default_factory=Table)
    issued: int = 0
    oldest: int = 1


def issue(tokens: Tokens, username: str, *, roles: tuple[Role, ...], now: datetime) -> tuple[Tokens, int]:
    """The tokens with a fresh one, and its number. Source: A1."""
    return _issued(tokens, Grant(username, roles, _expiry(now, TOKEN_LIFETIME)), now)


def issue_component(tokens: Tokens, username: str, *, site_id: str, user: str, now: datetime) -> tuple[Tokens, int]:
    """The same for a user's one site. Source: A7."""
    return _issued(tokens, Grant(username, COMPONENT, _expiry(now, COMPONENT_LIFETIME), site_id, user), now)


def issue_static(tokens: Tokens, username: str) -> tuple[Tokens, int]:
    """Home Assistant's one token of the world, which never ends. Source: H1."""
    grant = Grant(username, ROLES_OF[AccountKind.HOME_ASSISTANT], datetime.max.replace(tzinfo=UTC))
    return replace(tokens, grants=tokens.grants.put(STATIC, grant)), STATIC


def issue_link(tokens: Tokens, username: str, *, link: Link, now: datetime) -> tuple[Tokens, int]:
    """The same for a link. Source: W3."""
    return _issued(tokens, Grant(username, (), _expiry(now, LINK_LIFETIME), link=link), now)


def _issued(tokens: Tokens, grant: Grant, now: datetime) -> tuple[Tokens, int]:
    """At the old end, expired tokens are dropped, and those beyond the number that is kept."""
    number = tokens.issued + 1
    grants, oldest = tokens.grants.put(number, grant), tokens.oldest
    while oldest < number and (old := grants.get(oldest)) is not None:
        if old.expires_at > now and number - oldest < MAX_TOKENS:
            break
        grants, oldest = grants.drop(oldest), oldest + 1
    return Tokens(grants, number, oldest), number


def revoke(tokens: Tokens, number: int) -> Tokens:
    """The tokens, of which one is over: as one that has expired long ago."""
    grant = tokens.grants.get(number)
    if grant is None:
        return tokens
    over = replace(grant, expires_at=datetime.min.replace(tzinfo=UTC))
    return replace(tokens, grants=tokens.grants.put(number, over))


def numbers_of(tokens: Tokens, username: str | None) -> tuple[int, ...]:
    """The numbers of an account's tokens, or of all, in order, but for links and what was revoked."""
    kept = [(number, tokens.grants.get(number)) for number in (STATIC, *range(tokens.oldest, tokens.issued + 1))]
    own = ((n, grant) for n, grant in kept if grant and not grant.link and grant.expires_at.year > 1)
    return tuple(n for n, grant in own if username in (None, grant.username))


def _expiry(now: datetime, lifetime: timedelta) -> datetime:
    """The end of a token's life, or of the calendar."""
    last = datetime.max.replace(tzinfo=UTC)
    return now + min(lifetime, last - now)


def grant_of(tokens: Tokens, number: int, *, now: datetime) -> Grant:
    """Raises: StaleToken. Source: A3."""
    grant = tokens.grants.get(number)
    if grant is None or grant.expires_at <= now:
        raise StaleToken()
    return grant


def authorise(grant: Grant, role: Role | None) -> None:
    """Raises: RoleMissing. Home Assistant's token opens one operation only. Source: A4, H1."""
    if role is None and Role.HOME_ASSISTANT in grant.roles:
        raise RoleMissing("of an organisation")
    if role is not None and role not in grant.roles:
        raise RoleMissing(role)
