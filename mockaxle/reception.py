"""Receives each request: who is asking, which world answers, and what is told about it."""

from collections import deque
from collections.abc import Callable
from urllib.parse import urlencode

from mockaxle.contract import Operation
from mockaxle.core.errors import Refusal
from mockaxle.exchange import Exchange, Principal, Request, Response, without_secrets
from mockaxle.ledger import cite
from mockaxle.server.accounts import read_log_in
from mockaxle.server.refusals import refuse
from mockaxle.server.surface import Surface
from mockaxle.worlds import Worlds

JOURNAL_ENTRIES = 1000
FORM_HEADER = (b"content-type", b"application/x-www-form-urlencoded")
MASKED_PASSWORD = "***"


class Reception:
    """The only place where a credential is looked at; what names no world goes to the server's own journal."""

    def __init__(
        self,
        surface: Surface,
        worlds: Worlds,
        *,
        rules_header: bool = True,
        observe: Callable[[Exchange], None] = lambda exchange: None,
    ) -> None:
        self._surface = surface
        self._rules_header = rules_header
        self._observe = observe
        self.worlds = worlds
        self.journal: deque[Exchange] = deque(maxlen=JOURNAL_ENTRIES)

    def answer(self, request: Request) -> Response:
        """The response as the client gets it. Raises: WorldBusy."""
        try:
            operation = self._surface.reach(request)
            principal, request = self._identify(operation, request)
        except Refusal as refusal:
            self._journal(request, refusal)
            return self._told(refuse(refusal, query=request.query))
        exchange = self.worlds.perform(principal, request)
        self._observe(exchange)
        return self._told(self.worlds.sealed(exchange))

    def _identify(self, operation: Operation, request: Request) -> tuple[Principal, Request]:
        """The principal, and the request without its password. Raises: Unauthenticated, BodyTooLarge, Malformed."""
        if operation.secured:
            return self.worlds.authenticate(request.header(b"authorization")), request
        credentials = read_log_in(operation, request)
        principal = self.worlds.log_in(credentials.username, credentials.password)
        masked = credentials.model_dump() | {"password": MASKED_PASSWORD}
        return principal, request._replace(query="", headers=(FORM_HEADER,), body=urlencode(masked).encode())

    def _journal(self, request: Request, refusal: Refusal) -> None:
        """Without query and body: nobody knows what a stray request holds."""
        seen = without_secrets(request)._replace(query="", body=b"")
        exchange = Exchange(self.worlds.now(), None, seen, refuse(refusal))
        self.journal.append(exchange)
        self._observe(exchange)

    def _told(self, response: Response) -> Response:
        return explained(response) if self._rules_header else response


def explained(response: Response) -> Response:
    """The response with the headers that name its rules and what would have worked."""
    status, body, headers, token, rules, hint = response
    if rules:
        headers = (*headers, (b"x-mockaxle-rules", cite(rules).encode()))
    if hint:
        headers = (*headers, (b"x-mockaxle-hint", hint.encode("ascii", "backslashreplace")))
    return Response(status, body, headers, token, rules, hint)
