"""The texts of tokens and links: made with the server's signing key.

A token is a JWT whose claims begin with the world, so that its first 40 characters after the first dot name it: what
stands in front of several servers can read them. Whether it is valid the world decides, by its own clock. Source: A11.
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
    """Whether a bearer token is a full account's, or may do less; or it is a link's."""

    FULL = "full"
    LIMITED = "limited"
    LINK = "link"


class TokenClaims(NamedTuple):
    """What a token or a link names. Shape: world as an address; opening_id parts it from an earlier world of its name.

    A token's subject is its username, a link's its site.
    """

    world: str
    number: int
    opening_id: int
    kind: TokenKind
    subject: str


class Credentials:
    """Writes and reads texts by a key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, claims: TokenClaims, *, validity: "Validity") -> str:
        """A bearer token's text. Source: A11."""
        ends = {} if validity.expires is None else {"exp": validity.expires}
        return self._encoded(_payload(claims) | {"iat": validity.issued} | ends)

    def link(self, claims: TokenClaims, *, expires_at: datetime) -> str:
        """A link's text. Source: W3."""
        return self._encoded(_payload(claims) | {"exp": int(expires_at.timestamp())})

    def read(self, text: str) -> TokenClaims | None:
        """What a token or link names; None where it was not made here, letter by letter."""
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
    """A world's name in the form and length that a token can hold."""
    return blake2b(world.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _payload(claims: TokenClaims) -> dict[str, Any]:
    """What every token's text begins with; the world comes first."""
    world, number, opening_id, kind, subject = claims
    return {"w": world, "sub": subject, "jti": str(number), "gen": opening_id, "kind": kind.value}


def world_in(token: str) -> str:
    """The address of the world that a token names, genuine or not; empty where it names none."""
    start = token.find(".") + 1
    try:
        payload = urlsafe_b64decode(token[start : start + WORLD_CHARACTERS])
    except ValueError:
        return ""
    return payload.removeprefix(b'{"w":"').decode("latin-1")


class Validity(NamedTuple):
    """When a token is valid, as its text says. Units: seconds since 1970; `expires` is None for one that never does."""

    issued: int
    expires: int | None


def validity_from(instant: datetime, lifetime: timedelta | None, *, rate: Decimal) -> Validity:
    """The validity of a token issued at an instant of a clock against which the world's runs `rate` times as fast.

    A frozen clock counts as one of rate 1. Source: A11.
    """
    issued = int(instant.timestamp())
    if lifetime is None:
        return Validity(issued, None)
    return Validity(issued, issued + int(Decimal(lifetime.total_seconds()) / (rate or 1)))
