"""Who may see which page: as control, by a token of the caller or by the cookie of a log-in.

The cookie opens these pages only. A page that another site links to is shown without it, since browsers do not send it
then, and asks for a log-in.
"""

import hmac
from dataclasses import dataclass
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from mockaxle.control.access import Denied, ForeignPage, Gate, NotLocal
from mockaxle.inspector.forms import read_form
from mockaxle.serving.page_sessions import PAGE_SESSION_LIFETIME, PageSessions


class Visitor(NamedTuple):
    """The reader of a page. Shape: world is None for the admin, who sees all; form_key is empty without a cookie."""

    world: str | None
    username: str
    form_key: str = ""

    @property
    def is_admin(self) -> bool:
        return self.world is None


class FormRefused(Denied):
    """A form that was not sent by a page of this log-in."""

    status = 403
    text = "This form is not from a page of your present log-in. Load the page again, and send the form from there"


@dataclass(frozen=True)
class Door:
    """Decides by a request's headers and its cookie.

    Shape: root is the path below which a proxy serves the mock; is_secure if clients reach it by TLS only.
    """

    gate: Gate
    sessions: PageSessions
    root: str
    is_secure: bool = False

    def visitor(self, request: Request) -> Visitor | None:
        """Return the reader of a page; None without a log-in. Raises: Denied."""
        if "authorization" in request.headers:
            caller = self.gate.admit(request)
            return Visitor(caller.world, caller.keeper or caller.world or "admin")
        self.check_host(request)
        text = request.cookies.get(cookie_name(request))
        session = self.sessions.read(text, is_local=self.is_local(request)) if text else None
        return None if session is None else Visitor(session.world, session.username, session.form_key)

    def check_host(self, request: Request) -> None:
        """Check that a local call names this machine, so that no other name resolves to it. Raises: NotLocal."""
        if self.is_local(request) and not self.gate.locality.has_local_host(request.headers.raw):
            raise NotLocal()

    async def read_form(self, request: Request, visitor: Visitor | None) -> dict[str, str]:
        """Read a form that a page of the visitor's log-in has sent.

        Raises: ForeignPage, FormRefused, FormUnread, ControlBodyTooLong.
        """
        self.check_origin(request)
        _, fields = await read_form(request)
        key, sent = visitor.form_key if visitor else "", fields.get("form_key", "")
        if not key or not hmac.compare_digest(key.encode(), sent.encode()):
            raise FormRefused()
        return fields

    def check_origin(self, request: Request) -> None:
        """Raises: ForeignPage."""
        if self.gate.locality.is_foreign(request.headers.raw):
            raise ForeignPage()

    def is_local(self, request: Request) -> bool:
        return self.gate.locality.is_local(request.headers.raw)

    def let_in(self, request: Request, response: Response, *, text: str) -> None:
        """Send the cookie of a session."""
        response.set_cookie(
            cookie_name(request),
            text,
            max_age=int(PAGE_SESSION_LIFETIME.total_seconds()),
            path=f"{self.root}/__mockaxle",
            secure=self.is_secure or request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )

    def let_out(self, request: Request, response: Response) -> None:
        """Remove the cookie."""
        response.delete_cookie(
            cookie_name(request),
            path=f"{self.root}/__mockaxle",
            secure=self.is_secure or request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )


def cookie_name(request: Request) -> str:
    """Return the name of the cookie: with the port, since browsers send a host's cookies to all its ports."""
    server = request.scope.get("server")
    return f"mockaxle_{(server and server[1]) or 0}"
