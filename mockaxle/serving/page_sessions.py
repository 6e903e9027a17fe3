"""Log-ins to the inspector: the text of a cookie, signed with a key of its own, and what ends it.

Nothing is kept in the process. A session names its world's opening, the number of revocations and the account's
password, so that it ends when one of them changes.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any, NamedTuple

from mockaxle.core.accounts import ORGANISATION
from mockaxle.serving.credentials import ALGORITHM
from mockaxle.serving.hosted_world import Account, HostedWorld
from mockaxle.serving.worlds import Worlds

PAGE_SESSION_LIFETIME = timedelta(hours=12)
MAX_SESSION_CHARACTERS = 4096
NO_WORLD = ""
"""The world of the admin's session; a world's name is not empty."""

CLAIMS = ["w", "sub", "gen", "rev", "pw", "exp"]


class PageSession(NamedTuple):
    """A log-in to the pages. Shape: world is None for the admin; form_key proves that a form is of this session."""

    world: str | None
    username: str
    form_key: str


class PageSessions:
    """Writes and reads the texts of sessions."""

    def __init__(self, worlds: Worlds, *, signing_key: bytes, admin_token: str) -> None:
        self._worlds = worlds
        self._key = hmac.digest(signing_key, b"sessions of pages", "sha256")
        self._form_key = hmac.digest(signing_key, b"forms of pages", "sha256")
        self._admin_token = admin_token

    def text(self, hosted: HostedWorld, username: str) -> str:
        """Write the session of a full account that has just logged in. Raises: KeyError without such an account."""
        account = hosted.accounts[username]
        claims = {
            "w": hosted.world.name,
            "sub": username,
            "gen": hosted.opening_id,
            "rev": hosted.world.tokens.revocations,
            "pw": self._mark(account.password_hash),
        }
        return self._encoded(claims)

    def admin_text(self) -> str:
        """Write the session of the admin."""
        claims = {"w": NO_WORLD, "sub": "admin", "gen": 0, "rev": 0, "pw": self._mark(self._admin_token.encode())}
        return self._encoded(claims)

    def read(self, text: str, *, is_local: bool) -> PageSession | None:
        """Read a session; None if it is not genuine or has ended.

        Shape: is_local is true for a call from this machine; any other needs an account with a stored password.
        """
        claims = self._decoded(text)
        if claims is None or claims["exp"] <= self._worlds.now().timestamp():
            return None
        session = PageSession(claims["w"] or None, claims["sub"], self._form_key_of(text))
        if claims["w"] == NO_WORLD:
            return session if claims["pw"] == self._mark(self._admin_token.encode()) else None
        hosted = self._worlds.find(claims["w"])
        account = hosted.accounts.get(claims["sub"]) if hosted is not None else None
        if hosted is None or account is None or not (is_local or account.password_hash):
            return None
        return session if self._goes_on(claims, hosted, account) else None

    def _goes_on(self, claims: dict[str, Any], hosted: HostedWorld, account: Account) -> bool:
        since = (claims["gen"], claims["rev"], claims["pw"])
        now = (hosted.opening_id, hosted.world.tokens.revocations, self._mark(account.password_hash))
        return since == now and account.roles == ORGANISATION

    def _form_key_of(self, text: str) -> str:
        return hmac.digest(self._form_key, text.encode(), "sha256").hex()

    def _mark(self, secret: bytes | None) -> str:
        """Return a mark that changes with a secret and does not tell it."""
        return urlsafe_b64encode(hmac.digest(self._key, secret or b"", "sha256")[:12]).decode()

    def _encoded(self, claims: dict[str, Any]) -> str:
        import jwt

        expires_at = self._worlds.now() + PAGE_SESSION_LIFETIME
        return jwt.encode({**claims, "exp": int(expires_at.timestamp())}, self._key, algorithm=ALGORITHM)

    def _decoded(self, text: str) -> dict[str, Any] | None:
        import jwt

        if len(text) > MAX_SESSION_CHARACTERS:
            return None
        options: Any = {"require": CLAIMS, "verify_exp": False, "verify_sub": False}
        try:
            found: dict[str, Any] = jwt.decode(text, self._key, algorithms=[ALGORITHM], options=options)
        except jwt.InvalidTokenError:
            return None
        return found
