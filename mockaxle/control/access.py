"""Who may control: local callers that no web page can send, or whoever has the admin token.

Denied
├── ForeignPage     403
├── NotLocal        403
├── NotJson         415
├── NoAccount       401
├── AdminOnly       403
├── WorldUnknown    404
└── TooLong         413
"""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from starlette.requests import Request

from mockaxle.core.errors import Unauthenticated

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)


class Denied(Exception):
    """A control call that is not allowed; nothing has changed."""

    status: ClassVar[int]
    text: str


class ForeignPage(Denied):
    status = 403
    text = "A page of another origin may not control the mock"


class NotLocal(Denied):
    status = 403
    text = (
        "Control needs the admin token as Authorization: Bearer, and /__mockaxle/worlds/NAME. Without it, it is for "
        "callers of a server that listens on loopback, by the name localhost, 127.0.0.1, [::1] or one that "
        "--allowed-host names"
    )


class NotJson(Denied):
    status = 415
    text = "Send a JSON body with Content-Type: application/json"


class NoAccount(Denied):
    status = 401
    text = "Present a token of the world's account, or the admin token, as Authorization: Bearer"


class AdminOnly(Denied):
    status = 403
    text = "This needs the admin token, which the server prints when it starts"


class WorldUnknown(Denied):
    status = 404
    text = "There is no such world for this token"


class TooLong(Denied):
    status = 413
    text = "The body is too long"

    def __init__(self, limit: int, option: str) -> None:
        super().__init__(limit)
        self.text = f"Send a body of at most {limit} bytes" + (f", the limit of {option}" if option else "")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who controls. Shape: world is the account's own; None for the admin, who may name any."""

    world: str | None

    @property
    def is_admin(self) -> bool:
        return self.world is None


@dataclass(frozen=True, slots=True)
class Gate:
    """Decides by a request's headers alone. `owner` knows the world of a token."""

    on_loopback: bool
    allowed_hosts: frozenset[str]
    admin_token: str
    owner: Callable[[bytes | None], str]

    def check(self, request: Request) -> None:
        """Passes whoever may see control at all. Raises: ForeignPage, NotLocal."""
        if _is_foreign(request):
            raise ForeignPage()
        if not self._is_admin(request) and not (self.on_loopback and self._is_local(request)):
            raise NotLocal()

    def admit(self, request: Request) -> Caller:
        """Raises: Denied."""
        self.check(request)
        if request.method == "POST" and not _says_json(request):
            raise NotJson()
        if self._is_admin(request):
            return Caller(None)
        try:
            return Caller(self.owner(_authorization(request)))
        except Unauthenticated:
            raise NoAccount() from None

    def _is_admin(self, request: Request) -> bool:
        scheme, _, token = (_authorization(request) or b"").partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token, self.admin_token.encode())

    def _is_local(self, request: Request) -> bool:
        host = _HOST.fullmatch(request.headers.get("host", "").lower())
        return host is not None and host[1] in LOCAL_HOSTS | {name.lower() for name in self.allowed_hosts}


def _is_foreign(request: Request) -> bool:
    """A browser says where a request comes from; whoever says nothing is no browser, or one from long ago.

    What is said twice is not believed.
    """
    if any(len(request.headers.getlist(name)) > 1 for name in ("host", "origin", "sec-fetch-site", "authorization")):
        return True
    if request.headers.get("sec-fetch-site", "none").lower() in ("cross-site", "same-site"):
        return True
    origin, host = request.headers.get("origin"), request.headers.get("host", "")
    return origin is not None and (not host or origin not in (f"http://{host}", f"https://{host}"))


def _says_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _authorization(request: Request) -> bytes | None:
    value = request.headers.get("authorization")
    return value.encode("latin-1") if value is not None else None
