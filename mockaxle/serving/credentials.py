"""The texts of tokens and links, signed with the server's key.

A token is a JWT whose claims begin with the world. The 40 characters after its first dot name the world, so that a
balancer in front of several servers can read it. The world decides by its own clock whether it is valid. Source: A11.
"""

import hmac
from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from jwt.types import Options

ALGORITHM = "HS256"
CLAIMS = ["w", "sub", "jti", "gen", "kind"]
WORLD_CHARACTERS = 40
MAX_TOKEN_CHARACTERS = 4096


class TokenKind(StrEnum):
    """The kinds of tokens: of a full account, with fewer rights, or of a link."""

    FULL = "full"
    LIMITED = "limited"
    LINK = "link"


class TokenClaims(NamedTuple):
    """The claims of a token or link. Shape: world as an address; opening_id distinguishes earlier worlds of the name.

    The subject of a token is its username, that of a link its site.
    """

    world: str
    number: int
    opening_id: int
    kind: TokenKind
    subject: str


class Credentials:
    """Writes and reads texts, signed with a key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, claims: TokenClaims, *, validity: "Validity") -> str:
        """Write a bearer token. Source: A11."""
        ends = {} if validity.expires is None else {"exp": validity.expires}
        return self._encoded(_payload(claims) | {"iat": validity.issued} | ends)

    def link(self, claims: TokenClaims, *, expires_at: datetime) -> str:
        """Write a link's token. Source: W3."""
        return self._encoded(_payload(claims) | {"exp": int(expires_at.timestamp())})

    def read(self, text: str) -> TokenClaims | None:
        """Read the claims of a token or link; None unless this server made exactly this text."""
        import jwt

        options: Options = {"require": CLAIMS, "verify_exp": False, "verify_iat": False}
        try:
            data = jwt.decode(text, self._key, algorithms=[ALGORITHM], options=options)
        except jwt.InvalidTokenError:
            return None
        if not hmac.compare_digest(self._encoded(data), text):
            return None
        return TokenClaims(data["w"], int(data["jti"]), data["gen"], TokenKind(data["kind"]), data["sub"])

    def _encoded(self, payload: dict[str, Any]) -> str:
        import jwt

        return jwt.encode(payload, self._key, algorithm=ALGORITHM)


@lru_cache(maxsize=4096)
def address_of(world: str) -> str:
    """Return a world's name in the form and length that a token has."""
    return blake2b(world.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _payload(claims: TokenClaims) -> dict[str, Any]:
    """Make the claims with which every token begins; the world comes first."""
    world, number, opening_id, kind, subject = claims
    return {"w": world, "sub": subject, "jti": str(number), "gen": opening_id, "kind": kind.value}


def world_in(token: str) -> str:
    """Return the address of the world that a token names, genuine or not; empty if it names none."""
    start = token.find(".") + 1
    try:
        payload = urlsafe_b64decode(token[start : start + WORLD_CHARACTERS])
    except ValueError:
        return ""
    return payload.removeprefix(b'{"w":"').decode("latin-1")


def named_in(token: str) -> set[str]:
    """Return the addresses of the world and the username that a token names, genuine or not."""
    import jwt

    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return set()
    world, subject = claims.get("w"), claims.get("sub")
    return {one for one in (world if isinstance(world, str) else "", address_of(f"{subject}")) if one}


class Validity(NamedTuple):
    """The validity in a token's text. Units: seconds since 1970; `expires` is None if it never does."""

    issued: int
    expires: int | None


def validity_from(instant: datetime, lifetime: timedelta | None, *, rate: Decimal) -> Validity:
    """Return the validity of a token issued at an instant of a clock, when the world's runs `rate` times as fast.

    A frozen clock counts as rate 1. Source: A11.
    """
    issued = int(instant.timestamp())
    if lifetime is None:
        return Validity(issued, None)
    return Validity(issued, issued + int(Decimal(lifetime.total_seconds()) / (rate or 1)))
