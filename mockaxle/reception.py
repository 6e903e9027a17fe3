"""Receives each request: who is asking, which world answers, and what is told about it."""

import re
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple
from urllib.parse import unquote, urlencode

from mockaxle.accounts import LogIn
from mockaxle.contract import Operation
from mockaxle.core.errors import OriginNotNamed, Refusal, StaleToken, Unauthenticated, WrongVerb
from mockaxle.core.log_in_errors import ForeignForm, ForeignHost
from mockaxle.exchange import Exchange, Headers, Principal, Request, Response, without_secrets
from mockaxle.ledger import cite
from mockaxle.limits import MAX_UNMATCHED_HEADERS, MAX_UNMATCHED_TEXT
from mockaxle.locality import Locality, is_of_a_browser
from mockaxle.passwords import PasswordUnhashed
from mockaxle.server.accounts import read_log_in
from mockaxle.server.masking import shown, without_link, without_location
from mockaxle.server.pages import refused_page
from mockaxle.server.refusals import refuse
from mockaxle.server.surface import Surface
from mockaxle.settings import DEFAULT_SETTINGS, ServerSettings
from mockaxle.worlds import Worlds

UNMATCHED_ENTRIES = 1000
FORM_HEADER = (b"content-type", b"application/x-www-form-urlencoded")
MASKED_PASSWORD = "***"
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")


class Admitted(NamedTuple):
    """Who calls, and what gives the request without its secrets, which takes long where the body is large."""

    principal: Principal
    shown: Callable[[], Request]


class Reception:
    """The only place where a credential is looked at; calls that reach no world are kept apart."""

    def __init__(
        self,
        surface: Surface,
        worlds: Worlds,
        *,
        settings: ServerSettings = DEFAULT_SETTINGS,
        observe: Callable[[Exchange], None] = lambda exchange: None,
    ) -> None:
        self._surface = surface
        self._public_url = settings.public_url or settings.root_path
        self._rules_header = settings.rules_header
        self._locality = Locality(settings)
        self._observe = observe
        self.worlds = worlds
        self.unmatched: deque[Exchange] = deque(maxlen=UNMATCHED_ENTRIES)

    def answer(self, request: Request) -> Response:
        """The response as the client gets it, a password hashed here and now. Raises: WorldBusy."""
        try:
            return self.attempt(request)
        except PasswordUnhashed as unhashed:
            hashed = unhashed.hashed()
        return self.attempt(request, hashed=hashed)

    def attempt(self, request: Request, *, hashed: bytes | None = None) -> Response:
        """The same for a caller with an event loop. Raises: WorldBusy, PasswordUnhashed."""
        admitted = self._admitted(request, hashed=hashed)
        if isinstance(admitted, Response):
            return admitted
        return self._performed(request, self.worlds.perform(admitted.principal, admitted.shown()))

    async def attempt_aside(self, request: Request, *, hashed: bytes | None = None) -> Response:
        """The same, with the work in a thread: however large the body, other worlds are served."""
        admitted = self._admitted(request, hashed=hashed)
        if isinstance(admitted, Response):
            return admitted
        try:
            return self._performed(request, await self.worlds.perform_aside(admitted.principal, admitted.shown))
        except StaleToken as refusal:
            return self._turned_away(request, refusal, refuse(refusal))

    def knows(self, authorization: bytes | None) -> bool:
        """Whether a bearer token is one of a world's."""
        try:
            self.worlds.bearers.authenticate(authorization)
        except Unauthenticated:
            return False
        return True

    def _admitted(self, request: Request, *, hashed: bytes | None) -> Admitted | Response:
        """Who calls what, or the response to whoever has no access."""
        try:
            operation = self._surface.reach(request).operation
        except Refusal as refusal:
            unrouted = _of_a_page(refusal, request)
            return self._turned_away(request, unrouted, refuse(unrouted, query=request.query))
        try:
            return self._identify(operation, request, hashed=hashed)
        except Refusal as refusal:
            if operation.is_page:
                return self._turned_away(shown(operation, request), refusal, refused_page(refusal))
            return self._turned_away(request, refusal, refuse(refusal))

    def _performed(self, request: Request, exchange: Exchange) -> Response:
        self._observe(exchange)
        return self._told(self.worlds.bearers.sealed(exchange, base_url=self._base_url(request)))

    def _identify(self, operation: Operation, request: Request, *, hashed: bytes | None) -> Admitted:
        """Raises: Unauthenticated, ForeignForm, ForeignHost, NotOpened, BodyTooLarge, Malformed, PasswordUnhashed."""
        if operation.is_page:
            principal = self.worlds.bearers.follow(unquote(request.path.rpartition("/")[2]))
            return Admitted(principal, partial(shown, operation, request))
        if operation.secured:
            principal = self.worlds.bearers.authenticate(request.header(b"authorization"))
            return Admitted(principal, partial(shown, operation, request))
        self._check_page(request)
        credentials = read_log_in(request)
        is_local = self._locality.is_local(request.headers)
        attempt = LogIn(credentials.username, credentials.password, request.peer, hashed, is_local)
        principal = self.worlds.log_in(attempt)
        masked = urlencode(credentials.model_dump() | {"password": MASKED_PASSWORD}).encode()
        return Admitted(principal, partial(request._replace, query="", headers=(FORM_HEADER,), body=masked))

    def _check_page(self, request: Request) -> None:
        """Passes a log-in that no foreign web page can have sent. Raises: ForeignForm, ForeignHost."""
        if not is_of_a_browser(request.headers) or self._locality.may_call(request.headers):
            return
        if self._locality.is_foreign(request.headers):
            raise ForeignForm()
        if self._locality.is_local(request.headers) and not self._locality.has_local_host(request.headers):
            raise ForeignHost()

    def _base_url(self, request: Request) -> str:
        """The URL at which the client sees the server: as it was told, else as it calls it, if that is a host."""
        if "://" in self._public_url:
            return self._public_url.rstrip("/")
        sent = (request.header(b"host") or b"").decode("latin-1")
        host = sent if _HOST.fullmatch(sent) else "127.0.0.1"
        return f"{request.scheme}://{host}{self._public_url.rstrip('/')}"

    def _turned_away(self, request: Request, refusal: Refusal, response: Response) -> Response:
        """Keep it among the unmatched, without query and body: nobody knows what a stray request holds."""
        unlinked = without_link(request)
        seen = without_secrets(unlinked)._replace(query="", body=b"")
        told = refuse(refusal) if unlinked is request else without_location(refuse(refusal))
        exchange = shortened(Exchange(self.worlds.now(), None, seen, told))
        self.unmatched.append(exchange)
        self._observe(exchange)
        return self._told(response)

    def _told(self, response: Response) -> Response:
        return explained(response) if self._rules_header else response


def _of_a_page(refusal: Refusal, request: Request) -> Refusal:
    """The refusal, in words for who writes a web page where a browser asks on behalf of one."""
    is_preflight = request.method == "OPTIONS" and request.header(b"origin") is not None
    return OriginNotNamed(refusal.allowed) if isinstance(refusal, WrongVerb) and is_preflight else refusal


def shortened(exchange: Exchange) -> Exchange:
    """The exchange with the beginnings of its texts, so that the bytes of the unmatched are bounded."""
    request, response = exchange.request, exchange.response
    return exchange._replace(
        request=request._replace(path=request.path[:MAX_UNMATCHED_TEXT], headers=_shortened(request.headers)),
        response=response._replace(headers=_shortened(response.headers), hint=response.hint[:MAX_UNMATCHED_TEXT]),
    )


def _shortened(headers: Headers) -> Headers:
    return tuple((name, value[:MAX_UNMATCHED_TEXT]) for name, value in headers[:MAX_UNMATCHED_HEADERS])


def explained(response: Response) -> Response:
    """The response with the headers that name its rules and what would have worked."""
    headers = response.headers
    if response.rules:
        headers = (*headers, (b"x-mockaxle-rules", cite(response.rules).encode()))
    if response.hint:
        headers = (*headers, (b"x-mockaxle-hint", response.hint.encode("ascii", "backslashreplace")))
    return response._replace(headers=headers)
