"""Authenticates requests and passes them to their world. Requests without a world are kept apart."""

from collections import deque
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote

from mockaxle.contract.document import Operation
from mockaxle.contract.ledger import cite
from mockaxle.core.errors import (
    ForeignForm,
    ForeignHost,
    OriginNotNamed,
    Refusal,
    StaleToken,
    Unauthenticated,
    WrongVerb,
)
from mockaxle.core.limits import MAX_UNMATCHED_HEADERS, MAX_UNMATCHED_TEXT
from mockaxle.server.operations.accounts import read_log_in
from mockaxle.server.pages import refused_page
from mockaxle.server.refusals import refuse
from mockaxle.server.surface import Surface
from mockaxle.serving.accounts import NOTHING, LogIn, Prepared
from mockaxle.serving.addresses import peer_of
from mockaxle.serving.admission import Admitted
from mockaxle.serving.base_urls import base_url
from mockaxle.serving.credentials import world_in
from mockaxle.serving.journalling import AnswerUnkept
from mockaxle.serving.locality import Locality, is_of_a_browser
from mockaxle.serving.masking import unmatched_part, without_location, without_password
from mockaxle.serving.settings import DEFAULT_SETTINGS, ServerSettings
from mockaxle.serving.worlds import Worlds
from mockaxle.wire.accounts import Body_login_for_access_token_form_auth_token_form_post as LogInForm
from mockaxle.world.entries import Exchange, Headers, Held, Principal, Request, Response, Wait

UNMATCHED_ENTRIES = 1000


class Api:
    """The API of all worlds. Shape: unmatched are the latest calls that reached no world."""

    def __init__(
        self,
        surface: Surface,
        worlds: Worlds,
        *,
        settings: ServerSettings = DEFAULT_SETTINGS,
        observe: Callable[[Exchange], None] | None = None,
    ) -> None:
        self._surface = surface
        self._public_url = settings.public_url or settings.root_path
        self._rules_header = settings.rules_header
        self._root = settings.root_path
        self._trusted_proxies = frozenset(settings.trusted_proxies)
        self._locality = Locality(settings)
        self._observe = observe
        self.worlds = worlds
        self.unmatched: deque[Exchange] = deque(maxlen=UNMATCHED_ENTRIES)

    def attempt(self, request: Request, prepared: Prepared = NOTHING) -> Response | Wait:
        """Return the response as sent to the client, or the wait before it.

        Raises: WorldBusy, WorldBehind, WorldUnloaded, WorldUnchecked, PasswordUnhashed, WorldUnbuilt,
        AnswerUnkept.
        """
        admitted = self._admitted(request, prepared)
        if isinstance(admitted, Response):
            return admitted
        return self._performed(request, self.worlds.perform(admitted))

    async def attempt_aside(self, request: Request, prepared: Prepared = NOTHING) -> Response | Wait:
        """As `attempt`, with the work in a thread, so that other worlds are served during large bodies."""
        admitted = self._admitted(request, prepared)
        if isinstance(admitted, Response):
            return admitted
        try:
            return self._performed(request, await self.worlds.perform_aside(admitted))
        except StaleToken as refusal:
            return self._turned_away(request, refusal, refuse(refusal), operation=admitted.operation)

    def issue_token(self, request: Request, principal: Principal) -> Response | Wait:
        """Log in an account that has proved who it is without a password. Raises: WorldBusy, WorldBehind."""
        operation = self._surface.find(request.method, request.path)
        sent = without_password(request, read_log_in(request).model_dump())
        return self._performed(request, self.worlds.perform(Admitted(principal, None, operation, sent)))

    def knows(self, authorization: bytes | None) -> bool:
        """Tell whether a bearer token belongs to a world."""
        try:
            self.worlds.bearers.authenticate(authorization)
        except Unauthenticated:
            return False
        return True

    def _admitted(self, request: Request, prepared: Prepared) -> Admitted | Response:
        """Return the caller and the operation, or the response if access is refused."""
        try:
            operation = self._surface.find(request.method, request.path)
        except Refusal as refusal:
            unrouted = _of_a_page(refusal, request)
            return self._turned_away(request, unrouted, refuse(unrouted, query=request.query), operation=None)
        try:
            if operation.secured:
                who = self.worlds.bearers.authenticate(request.header(b"authorization"))
            elif operation.is_page:
                who = self.worlds.bearers.follow(unquote(request.path.rpartition("/")[2]))
            else:
                return self._logged_in(operation, request, prepared=prepared)
        except Refusal as refusal:
            if operation.secured or operation.is_page:
                self.worlds.check_fresh(_world_of(operation, request), prepared)
            response = refused_page(refusal) if operation.is_page else refuse(refusal)
            return self._turned_away(request, refusal, response, operation=operation)
        return Admitted(*who, operation, request)

    def log_in(self, request: Request, *, prepared: Prepared) -> Principal:
        """Log in by a form, and log nothing.

        Raises: ForeignForm, ForeignHost, BodyTooLarge, Malformed, and errors of `Worlds.log_in`.
        """
        return self._principal(request, self._log_in_form(request), prepared=prepared)

    def _logged_in(self, operation: Operation, request: Request, *, prepared: Prepared) -> Admitted:
        """Raises: the errors of `log_in`."""
        form = self._log_in_form(request)
        principal = self._principal(request, form, prepared=prepared)
        return Admitted(principal, None, operation, without_password(request, form.model_dump()))

    def _log_in_form(self, request: Request) -> LogInForm:
        """Raises: ForeignForm, ForeignHost, BodyTooLarge, Malformed."""
        self._check_page(request)
        return read_log_in(request)

    def _principal(self, request: Request, form: LogInForm, *, prepared: Prepared) -> Principal:
        """Raises: errors of `Worlds.log_in`."""
        is_local = self._locality.is_local(request.headers)
        peer = peer_of(request.client, request.headers, trusted=self._trusted_proxies)
        return self.worlds.log_in(LogIn(form.username, form.password, peer, prepared, is_local))

    def _performed(self, request: Request, entry: Exchange | Held) -> Response | Wait:
        if isinstance(entry, Held):
            return entry.wait
        if self._observe is not None:
            self._observe(entry)
        response = entry.response
        if response.has_base or response.token is not None:
            response = self.worlds.bearers.filled_in(entry, base_url=self._base_url(request))
        if self._rules_header:
            response = explained(response, root=self._root)
        change = self.worlds.change(entry.principal.world) if entry.principal is not None else None
        if change is not None:
            raise AnswerUnkept(response, change)
        return response

    def _check_page(self, request: Request) -> None:
        """Check that no foreign web page can have sent a log-in. Raises: ForeignForm, ForeignHost."""
        if not is_of_a_browser(request.headers) or self._locality.may_call(request.headers):
            return
        if self._locality.is_foreign(request.headers):
            raise ForeignForm()
        if self._locality.is_local(request.headers) and not self._locality.has_local_host(request.headers):
            raise ForeignHost()

    def _base_url(self, request: Request) -> str:
        """Return the server's URL as the client sees it: that of the settings, else the called one, if it is a host."""
        host = (request.header(b"host") or b"").decode("latin-1")
        return base_url(self._public_url, scheme=request.scheme, host=host)

    def _turned_away(
        self, request: Request, refusal: Refusal, response: Response, *, operation: Operation | None
    ) -> Response:
        """Keep a refused request among the unmatched ones."""
        kept, is_link = unmatched_part(request, operation)
        answer = without_location(refuse(refusal)) if is_link else refuse(refusal)
        real, key = self.worlds.now(), operation.key if operation else None
        exchange = shortened(Exchange(real, real, None, key, kept, answer))
        self.unmatched.append(exchange)
        if self._observe is not None:
            self._observe(exchange)
        return explained(response, root=self._root) if self._rules_header else response


def _world_of(operation: Operation, request: Request) -> str:
    """Return the address of the world that a token or a link names, genuine or not."""
    if operation.is_page:
        return world_in(unquote(request.path.rpartition("/")[2]))
    return world_in((request.header(b"authorization") or b"").decode("latin-1").partition(" ")[2])


def _of_a_page(refusal: Refusal, request: Request) -> Refusal:
    """Return the refusal; for a browser's CORS request, one that helps the author of the page."""
    is_preflight = request.method == "OPTIONS" and request.header(b"origin") is not None
    return OriginNotNamed(refusal.allowed) if isinstance(refusal, WrongVerb) and is_preflight else refusal


def shortened(exchange: Exchange) -> Exchange:
    """Shorten the texts of an exchange, so that the size of unmatched ones is bounded."""
    request, response = exchange.request, exchange.response
    return exchange._replace(
        request=request._replace(path=request.path[:MAX_UNMATCHED_TEXT], headers=_shortened(request.headers)),
        response=response._replace(
            headers=_shortened(response.headers),
            why=response.why._replace(hint=response.why.hint[:MAX_UNMATCHED_TEXT]),
        ),
    )


def _shortened(headers: Headers) -> Headers:
    return tuple((name, value[:MAX_UNMATCHED_TEXT]) for name, value in headers[:MAX_UNMATCHED_HEADERS])


def explained(response: Response, *, root: str) -> Response:
    """Add the headers with rules, links to their pages and hint. Shape: root is the path below which clients call."""
    status, body, headers, token, has_base, why, way = response
    headers = headers + _rules_headers(why.rules, root) + _hint_header(why.hint)
    return Response(status, body, headers, token, has_base, why, way)


@lru_cache(maxsize=1024)
def _rules_headers(rules: tuple[str, ...], root: str) -> Headers:
    if not rules:
        return ()
    links = ", ".join(f'<{root}/__mockaxle/rules/{id}>; rel="describedby"' for id in rules)
    return ((b"x-mockaxle-rules", cite(rules).encode()), (b"link", links.encode()))


def _hint_header(hint: str) -> Headers:
    return ((b"x-mockaxle-hint", hint.encode("ascii", "backslashreplace")),) if hint else ()
