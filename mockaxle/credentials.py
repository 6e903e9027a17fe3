"""The texts of tokens and links: made of a key that only this server has."""

import hmac
import secrets
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

FULL, LIMITED = "mockaxle", "mockaxlelimited"
"""What a token's text begins with: of a full account, and of all that may do less."""
CLAIMS = ["sub", "jti", "gen", "exp"]


class Named(NamedTuple):
    """What a token or a link names. Shape: world as an address; opening parts it from an earlier world of its name."""

    world: str
    number: int
    opening: int


class Credentials:
    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def token(self, named: Named, *, is_full: bool) -> str:
        """A bearer token's text."""
        return self._token(FULL if is_full else LIMITED, named)

    def is_genuine(self, token: str, named: Named) -> bool:
        """Whether a bearer token's text was made here."""
        made = self._token(token.partition("-")[0], named)
        return hmac.compare_digest(made.encode(), token.encode())

    def _token(self, prefix: str, named: Named) -> str:
        told = f"{prefix}-{named.world}-{named.number}"
        mac = hmac.digest(self._key, f"{told}-{named.opening}".encode(), "sha256")
        return f"{told}-{mac.hex()[:32]}"

    def link(self, named: Named, *, site_id: str, expires_at: datetime) -> str:
        """A link's text: a JWT, whose end is looked at by the world's clock. Source: W3."""
        import jwt

        jti, ends = f"{named.world}-{named.number}", int(expires_at.timestamp())
        claims = {"sub": site_id, "jti": jti, "gen": named.opening, "exp": ends}
        return jwt.encode(claims, self._key, algorithm="HS256")

    def read_link(self, text: str) -> Named | None:
        """What a link names that was made here."""
        import jwt

        try:
            claims = jwt.decode(text, self._key, algorithms=["HS256"], options={"verify_exp": False, "require": CLAIMS})
        except jwt.InvalidTokenError:
            return None
        world, _, number = str(claims["jti"]).partition("-")
        return Named(world, int(number), int(claims["gen"]))


@lru_cache(maxsize=4096)
def address_of(world: str) -> str:
    """A world's name in the form and length that a token can hold."""
    return blake2b(world.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
