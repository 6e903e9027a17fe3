"""Who may control: the admin token any world; an account's token the world of the account.

A local call needs the token of a full account, any other one that the account's kept password gave. No page of another
origin may control anything.

Denied
├── ForeignPage     403
├── NotLocal        403
├── NotJson         415
├── NoAccount       401
├── AdminOnly       403
├── WorldUnknown    404
├── ForeignName     422
└── ControlBodyTooLong         413
"""

import hmac
from dataclasses import dataclass
from typing import ClassVar

from starlette.requests import Request

from mockaxle.core.errors import Unauthenticated
from mockaxle.serving.bearers import Bearers
from mockaxle.serving.locality import Locality


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
        "Send Authorization: Bearer with the token of a full account that was logged in to with its own kept password, "
        "or the admin token with /__mockaxle/worlds/NAME. Any token of a full account is enough only on a server that "
        "listens on loopback, is not --shared, and is called without a proxy by localhost, 127.0.0.1, [::1] or a name "
        "of --allowed-host"
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


class ForeignName(Denied):
    status = 422

    def __init__(self, username: str, beginning: str) -> None:
        super().__init__(username, beginning)
        self.text = f"The username {username!r:.60} must begin with {beginning!r}, as all that this account adds"


class ControlBodyTooLong(Denied):
    status = 413
    text = "The body is too long"

    def __init__(self, limit: int, option: str) -> None:
        super().__init__(limit)
        self.text = f"Send a body of at most {limit} bytes" + (f", the limit of {option}" if option else "")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who controls. Shape: world is the account's own; None for the admin, who may name any.

    `keeper` is the account whose kept password lets it control; None where the admin or a local caller does.
    """

    world: str | None
    keeper: str | None = None

    @property
    def is_admin(self) -> bool:
        return self.world is None

    def check_name(self, username: str) -> None:
        """Passes a name for a further account that no other team can want. Raises: ForeignName."""
        if self.keeper is not None and not username.startswith(beginning := f"{self.keeper}-"):
            raise ForeignName(username, beginning)


@dataclass(frozen=True, slots=True)
class Gate:
    """Decides by a request's headers alone."""

    locality: Locality
    admin_token: str
    owners: Bearers

    def check(self, request: Request) -> None:
        """Passes whoever may see control at all. Raises: ForeignPage, NotLocal."""
        headers = request.headers.raw
        if self.locality.is_foreign(headers) or len(request.headers.getlist("authorization")) > 1:
            raise ForeignPage()
        if self._is_admin(request):
            return
        if not self.locality.is_local(headers):
            self._keeper(request)
        elif not self.locality.has_local_host(headers):
            raise NotLocal()

    def admit(self, request: Request) -> Caller:
        """Raises: Denied."""
        self.check(request)
        if request.method == "POST" and not _says_json(request):
            raise NotJson()
        if self._is_admin(request):
            return Caller(None)
        return self._owner(request) if self.locality.is_local(request.headers.raw) else self._keeper(request)

    def _is_admin(self, request: Request) -> bool:
        scheme, _, token = (_authorization(request) or b"").partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token, self.admin_token.encode())

    def _owner(self, request: Request) -> Caller:
        """Raises: NoAccount."""
        try:
            return Caller(self.owners.owner(_authorization(request)))
        except Unauthenticated:
            raise NoAccount() from None

    def _keeper(self, request: Request) -> Caller:
        """Raises: NotLocal."""
        keeper = self.owners.keeper(_authorization(request))
        if keeper is None:
            raise NotLocal()
        return Caller(keeper.world, keeper.username)


def _says_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _authorization(request: Request) -> bytes | None:
    value = request.headers.get("authorization")
    return value.encode("latin-1") if value is not None else None
