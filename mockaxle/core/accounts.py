"""Accounts: tokens, their roles and lifetimes."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from mockaxle.core.errors import RoleMissing, StaleToken
from mockaxle.core.limits import MAX_LASTING_TOKENS, MAX_TOKENS
from mockaxle.core.table import Table

LOG_IN = "/auth/token-form"
TOKEN_LIFETIME = LINK_LIFETIME = timedelta(hours=1)
COMPONENT_LIFETIME, MAILED_LINK_LIFETIME = timedelta(hours=24), timedelta(hours=48)
NEVER = datetime.max.replace(tzinfo=UTC)


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
    """The kinds of accounts."""

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
    """Return the role that an operation needs, or None if any token will do. Source: A6."""
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
    """The pages of the mock that a link can open. Source: W3, U15."""

    WITHDRAWAL = "withdrawal"
    OAUTH = "oauth"


class Link(NamedTuple):
    """The page that a link opens, with its parameters. With two_factor it asks for a code to link an account (B12)."""

    kind: LinkKind
    site_id: str
    redirect_uri: str = ""
    hide_transactions: bool = False
    provider: str = ""
    two_factor: bool = False


class Grant(NamedTuple):
    """The rights that a token gives. Shape: roles in the enum's order, half-open in time. Source: A1.

    A component token reaches one site only (A7). A link's token opens its page and nothing else.
    """

    username: str
    roles: tuple[Role, ...]
    expires_at: datetime
    site_id: str | None = None
    user: str | None = None
    link: Link | None = None


class Tokens(NamedTuple):
    """The tokens of a world by number, counted from 1.

    Shape: `lasting` has the numbers of tokens that never expire, in order; no other number below `oldest` is kept.
    `revoked_up_to` is the highest number that was revoked and then dropped, `revocations` the number of times that
    tokens were revoked by command.
    """

    grants: Table[int, Grant] = Table()
    issued: int = 0
    oldest: int = 1
    lasting: tuple[int, ...] = ()
    revoked_up_to: int = 0
    revocations: int = 0


def issue(tokens: Tokens, username: str, *, roles: tuple[Role, ...], now: datetime) -> tuple[Tokens, int]:
    """Add a token for an account; return the tokens and its number. Source: A1."""
    return _issued(tokens, Grant(username, roles, expiry_after(now, TOKEN_LIFETIME)), now)


def issue_component(tokens: Tokens, username: str, *, site_id: str, user: str, now: datetime) -> tuple[Tokens, int]:
    """Add a component token for a user's site. Source: A7."""
    return _issued(tokens, Grant(username, COMPONENT, expiry_after(now, COMPONENT_LIFETIME), site_id, user), now)


def issue_static(tokens: Tokens, username: str, *, now: datetime) -> tuple[Tokens, int]:
    """Add a token for Home Assistant, which never expires. Source: H1."""
    tokens, number = _issued(tokens, Grant(username, ROLES_OF[AccountKind.HOME_ASSISTANT], NEVER), now)
    lasting = (*(n for n in tokens.lasting if _is_valid(tokens, n, now=now)), number)[-MAX_LASTING_TOKENS:]
    grants = tokens.grants
    for dropped in set(tokens.lasting).difference(lasting):
        grants = grants.drop(dropped)
    return tokens._replace(grants=grants, lasting=lasting), number


def issue_link(
    tokens: Tokens, username: str, *, link: Link, now: datetime, lifetime: timedelta = LINK_LIFETIME
) -> tuple[Tokens, int]:
    """Add a token for a link. Source: W3, B11."""
    return _issued(tokens, Grant(username, (), expiry_after(now, lifetime), link=link), now)


def _issued(tokens: Tokens, grant: Grant, now: datetime) -> tuple[Tokens, int]:
    """Add a token, and drop the oldest ones that expired or exceed the limit. Tokens that never expire are kept."""
    number = tokens.issued + 1
    grants, oldest, revoked = tokens.grants.put(number, grant), tokens.oldest, tokens.revoked_up_to
    while oldest < number and (oldest in tokens.lasting or _is_droppable(tokens, oldest, now=now)):
        if oldest not in tokens.lasting:
            revoked = oldest if is_revoked(tokens, oldest) else revoked
            grants = grants.drop(oldest)
        oldest += 1
    return tokens._replace(grants=grants, issued=number, oldest=oldest, revoked_up_to=revoked), number


def _is_droppable(tokens: Tokens, number: int, *, now: datetime) -> bool:
    return tokens.issued + 1 - number >= MAX_TOKENS or not _is_valid(tokens, number, now=now)


def _is_valid(tokens: Tokens, number: int, *, now: datetime) -> bool:
    grant = tokens.grants.get(number)
    return grant is not None and grant.expires_at > now


def revoke(tokens: Tokens, number: int) -> Tokens:
    """Revoke a token, by moving its expiry to year 1."""
    grant = tokens.grants.get(number)
    if grant is None:
        return tokens
    over = grant._replace(expires_at=datetime.min.replace(tzinfo=UTC))
    return tokens._replace(grants=tokens.grants.put(number, over))


def is_revoked(tokens: Tokens, number: int) -> bool:
    """Tell whether a token was revoked. Dropped tokens up to `revoked_up_to` count as revoked."""
    grant = tokens.grants.get(number)
    return number <= tokens.revoked_up_to if grant is None else grant.expires_at.year == 1


def kept_grants(tokens: Tokens) -> tuple[tuple[int, Grant], ...]:
    """Return the tokens that are kept, in the order of their numbers."""
    numbers = sorted({*tokens.lasting, *range(tokens.oldest, tokens.issued + 1)})
    found = ((number, tokens.grants.get(number)) for number in numbers)
    return tuple((number, grant) for number, grant in found if grant is not None)


def numbers_of(tokens: Tokens, username: str | None) -> tuple[int, ...]:
    """Return the numbers of an account's tokens, or of all, in order, without links and revoked tokens."""
    own = ((n, grant) for n, grant in kept_grants(tokens) if not grant.link and grant.expires_at.year > 1)
    return tuple(n for n, grant in own if username in (None, grant.username))


def lifetime_of(grant: Grant) -> timedelta | None:
    """Return how long a token is valid; None for Home Assistant's, which never expires. Source: A1, A7, H1."""
    if Role.HOME_ASSISTANT in grant.roles:
        return None
    return TOKEN_LIFETIME if grant.site_id is None else COMPONENT_LIFETIME


def expiry_after(now: datetime, lifetime: timedelta) -> datetime:
    """Return the end of a token's lifetime, at most the end of the calendar."""
    return now + min(lifetime, NEVER - now)


def authorise(grant: Grant | None, role: Role | None, *, now: datetime) -> None:
    """Check that a token is valid and has the role. Raises: StaleToken, RoleMissing. Source: A3, A4, H1."""
    if grant is None or grant.expires_at <= now:
        raise StaleToken()
    if role is None and Role.HOME_ASSISTANT in grant.roles:
        raise RoleMissing("of an organisation")
    if role is not None and role not in grant.roles:
        raise RoleMissing(role)
