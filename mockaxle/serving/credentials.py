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


class Named(NamedTuple):
    """What a token or a link names. Shape: world as an address; opening parts it from an earlier world of its name.

    A token's subject is its username, a link's its site.
    """

    world: str
    number: int
    opening: int
    kind: TokenKind
    subject: str


class Credentials:
    """Writes and reads texts by a key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, named: Named, *, life: "Life") -> str:
        """A bearer token's text. Source: A11."""
        ends = {} if life.expires is None else {"exp": life.expires}
        return self._encoded(_claims(named) | {"iat": life.issued} | ends)

    def link(self, named: Named, *, expires_at: datetime) -> str:
        """A link's text. Source: W3."""
        return self._encoded(_claims(named) | {"exp": int(expires_at.timestamp())})

    def read(self, text: str) -> Named | None:
        """What a token or link names; None where it was not made here, letter by letter."""
        import jwt

        options: Options = {"require": CLAIMS, "verify_exp": False, "verify_iat": False}
        try:
            claims = jwt.decode(text, self._key, algorithms=[ALGORITHM], options=options)
        except jwt.InvalidTokenError:
            return None
        if not hmac.compare_digest(self._encoded(claims), text):
            return None
        return Named(claims["w"], int(claims["jti"]), claims["gen"], TokenKind(claims["kind"]), claims["sub"])

    def _encoded(self, claims: dict[str, Any]) -> str:
        import jwt

        return jwt.encode(claims, self._key, algorithm=ALGORITHM)


@lru_cache(maxsize=4096)
def address_of(world: str) -> str:
    """A world's name in the form and length that a token can hold."""
    return blake2b(world.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _claims(named: Named) -> dict[str, Any]:
    """What every token's text begins with; the world comes first."""
    world, number, opening, kind, subject = named
    return {"w": world, "sub": subject, "jti": str(number), "gen": opening, "kind": kind.value}


def world_named(token: str) -> str:
    """The address of the world that a token names, genuine or not; empty where it names none."""
    start = token.find(".") + 1
    try:
        claims = urlsafe_b64decode(token[start : start + WORLD_CHARACTERS])
    except ValueError:
        return ""
    return claims.removeprefix(b'{"w":"').decode("latin-1")


class Life(NamedTuple):
    """What a token's text says of its life. Units: seconds since 1970; `expires` is None for one that never does."""

    issued: int
    expires: int | None


def life_by(instant: datetime, lifetime: timedelta | None, *, rate: Decimal) -> Life:
    """The life of a token issued at an instant of a clock against which the world's runs `rate` times as fast.

    A frozen clock counts as one of rate 1. Source: A11.
    """
    issued = int(instant.timestamp())
    if lifetime is None:
        return Life(issued, None)
    return Life(issued, issued + int(Decimal(lifetime.total_seconds()) / (rate or 1)))
