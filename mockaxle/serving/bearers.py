"""Finds worlds by the tokens and links that they gave, and writes the texts of fresh ones."""

from mockaxle.core.accounts import Grant
from mockaxle.core.errors import NotAuthenticated, StaleToken, Unauthenticated
from mockaxle.serving.credentials import MAX_TOKEN_CHARACTERS, Credentials, Named, TokenKind, address_of, world_named
from mockaxle.serving.hosted_world import HostedWorld, is_keeper
from mockaxle.serving.hosted_worlds import HostedWorlds
from mockaxle.serving.token_texts import token_text
from mockaxle.world.entries import BASE_MARK, TOKEN_MARK, Exchange, Principal, Response

PROVEN_TOKENS = 1000


class Bearers:
    """Knows which tokens and links are genuine, and whose they are."""

    def __init__(self, worlds: HostedWorlds, *, key: bytes) -> None:
        self._hosted = worlds
        self._credentials = Credentials(key)

    def authenticate(self, authorization: bytes | None) -> tuple[Principal, Grant]:
        """The principal of a bearer token, and its grant. Raises: NotAuthenticated, StaleToken. Source: A3, E2."""
        hosted, named = self._bearer(authorization)
        return _granted(hosted, named)

    def owner(self, authorization: bytes | None) -> str:
        """The world that gave a full account its bearer token, be it expired: in control the clock can be changed.

        Raises: NotAuthenticated, StaleToken, also for a component's, Home Assistant's and a read-only token.
        """
        hosted, named = self._bearer(authorization)
        if named.kind is not TokenKind.FULL:
            raise StaleToken()
        return hosted.world.name

    def keeper(self, authorization: bytes | None) -> Principal | None:
        """The full account whose kept password gave it a bearer token, with its world, if there is one."""
        try:
            hosted, named = self._bearer(authorization)
        except Unauthenticated:
            return None
        return Principal(hosted.world.name, named.subject, named.number) if is_keeper(hosted, named) else None

    def follow(self, link: str) -> tuple[Principal, Grant]:
        """The principal of a link to one of our own pages, and its grant. Raises: StaleToken. Source: W3."""
        hosted, named = self._named(link)
        if named.kind is not TokenKind.LINK:
            raise StaleToken()
        return _granted(hosted, named)

    def sealed(self, exchange: Exchange, *, base_url: str = "") -> Response:
        """The response with a token's text, and the URL of this server, in the places of their marks."""
        response, principal = exchange.response, exchange.principal
        if response.has_base:
            base = base_url.encode("latin-1", "replace")
            response = response._replace(body=response.body.replace(BASE_MARK, base))
        if response.token is None or principal is None:
            return response
        hosted = self._hosted[address_of(principal.world)]
        text = token_text(self._credentials, hosted, exchange=exchange)
        return response._replace(body=response.body.replace(TOKEN_MARK, text.encode()))

    def _bearer(self, authorization: bytes | None) -> tuple[HostedWorld, Named]:
        """What a genuine bearer token names. Raises: NotAuthenticated, StaleToken."""
        scheme, _, text = (authorization or b"").partition(b" ")
        if scheme.lower() != b"bearer" or not text:
            raise NotAuthenticated()
        hosted, named = self._named(text.decode("latin-1"))
        if named.kind is TokenKind.LINK:
            raise StaleToken()
        return hosted, named

    def _named(self, text: str) -> tuple[HostedWorld, Named]:
        """The world of a genuine token or link, and what it names in it. Raises: StaleToken."""
        hosted = self._hosted.get(world_named(text)) if len(text) <= MAX_TOKEN_CHARACTERS else None
        if hosted is None:
            raise StaleToken()
        named = hosted.proven.get(text)
        if named is None:
            named = self._credentials.read(text)
            if named is None or named.opening != hosted.opening:
                raise StaleToken()
            if len(hosted.proven) >= PROVEN_TOKENS:
                hosted.proven.clear()
            hosted.proven[text] = named
        return hosted, named


def _granted(hosted: HostedWorld, named: Named) -> tuple[Principal, Grant]:
    """Raises: StaleToken."""
    grant = hosted.world.tokens.grants.get(named.number)
    if grant is None:
        raise StaleToken()
    return Principal(hosted.world.name, grant.username, named.number), grant
