"""Access to control: the admin token reaches any world, an account's token the world of the account.

A local call needs a token of a full account; any other call needs one that was obtained with the account's stored
password. Pages of other origins have no access.

Denied
├── ForeignPage     403
├── NotLocal        403
├── NotJson         415
├── NoAccount       401
├── AdminOnly       403
├── WorldUnknown    404
├── ForeignName     422
└── ControlBodyTooLong, ControlBodyTooDense    413
"""

import hmac
from dataclasses import dataclass
from typing import ClassVar

from starlette.requests import Request

from mockaxle.core.errors import Unauthenticated
from mockaxle.core.limits import MAX_CONTROL_VALUES
from mockaxle.serving.bearers import Bearers
from mockaxle.serving.locality import Locality


class Denied(Exception):
    """A control call that is not allowed; nothing has changed."""

    status: ClassVar[int]
    text: str


class ForeignPage(Denied):
    status = 403
    text = "Pages of other origins may not control the mock"


class NotLocal(Denied):
    status = 403
    text = (
        "Send Authorization: Bearer with a token that a full account obtained with its stored password, or the admin "
        "token with /__mockaxle/worlds/NAME. Any token of a full account is enough only if the server listens on "
        "loopback, is not --shared, and is called without a proxy by localhost, 127.0.0.1, [::1] or a name of "
        "--allowed-host"
    )


class NotJson(Denied):
    status = 415
    text = "Send a JSON body with Content-Type: application/json"


class NoAccount(Denied):
    status = 401
    text = "Send Authorization: Bearer with a token of the world's account or the admin token"


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
        self.text = f"The username {username!r:.60} must begin with {beginning!r}, like all that this account adds"


class ControlBodyTooLong(Denied):
    status = 413
    text = "The body is too long"

    def __init__(self, limit: int, option: str) -> None:
        super().__init__(limit)
        self.text = f"Send a body of at most {limit} bytes" + (f", the limit of {option}" if option else "")


class ControlBodyTooDense(Denied):
    status = 413
    text = f"Send a body of at most {MAX_CONTROL_VALUES:,} values"


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of control. Shape: world is the account's own; None for the admin, who may name any.

    `keeper` is the account that has access by its stored password; None for the admin and local callers.
    """

    world: str | None
    keeper: str | None = None

    @property
    def is_admin(self) -> bool:
        return self.world is None

    def check_name(self, username: str) -> None:
        """Check that the name of a further account cannot clash with another team's. Raises: ForeignName."""
        if self.keeper is not None and not username.startswith(beginning := f"{self.keeper}-"):
            raise ForeignName(username, beginning)


@dataclass(frozen=True, slots=True)
class Gate:
    """Decides by a request's headers alone."""

    locality: Locality
    admin_token: str
    owners: Bearers

    def check(self, request: Request) -> None:
        """Check that the caller may see control at all. Raises: ForeignPage, NotLocal."""
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
