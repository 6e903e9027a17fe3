"""Finds worlds by the tokens and links that they gave, and writes the texts of fresh ones."""

from mockaxle.core.accounts import Grant
from mockaxle.core.errors import NotAuthenticated, StaleToken, Unauthenticated
from mockaxle.serving.credentials import MAX_TOKEN_CHARACTERS, Credentials, Named, TokenKind, address_of, world_named
from mockaxle.serving.slot import Slot, is_keeper
from mockaxle.serving.slots import Slots
from mockaxle.serving.token_texts import token_text
from mockaxle.world.entries import BASE_MARK, TOKEN_MARK, Exchange, Principal, Response

PROVEN_TOKENS = 1000


class Bearers:
    """Knows which tokens and links are genuine, and whose they are."""

    def __init__(self, slots: Slots, *, key: bytes) -> None:
        self._slots = slots
        self._credentials = Credentials(key)

    def authenticate(self, authorization: bytes | None) -> tuple[Principal, Grant]:
        """The principal of a bearer token, and its grant. Raises: NotAuthenticated, StaleToken. Source: A3, E2."""
        slot, named = self._bearer(authorization)
        return _granted(slot, named)

    def owner(self, authorization: bytes | None) -> str:
        """The world that gave a full account its bearer token, be it expired: in control the clock can be changed.

        Raises: NotAuthenticated, StaleToken, also for a component's, Home Assistant's and a read-only token.
        """
        slot, named = self._bearer(authorization)
        if named.kind is not TokenKind.FULL:
            raise StaleToken()
        return slot.world.name

    def keeper(self, authorization: bytes | None) -> Principal | None:
        """The full account whose kept password gave it a bearer token, with its world, if there is one."""
        try:
            slot, named = self._bearer(authorization)
        except Unauthenticated:
            return None
        return Principal(slot.world.name, named.subject, named.number) if is_keeper(slot, named) else None

    def follow(self, link: str) -> tuple[Principal, Grant]:
        """The principal of a link to one of our own pages, and its grant. Raises: StaleToken. Source: W3."""
        slot, named = self._named(link)
        if named.kind is not TokenKind.LINK:
            raise StaleToken()
        return _granted(slot, named)

    def sealed(self, exchange: Exchange, *, base_url: str = "") -> Response:
        """The response with a token's text, and the URL of this server, in the places of their marks."""
        response, principal = exchange.response, exchange.principal
        if response.has_base:
            base = base_url.encode("latin-1", "replace")
            response = response._replace(body=response.body.replace(BASE_MARK, base))
        if response.token is None or principal is None:
            return response
        slot = self._slots[address_of(principal.world)]
        text = token_text(self._credentials, slot, exchange=exchange)
        return response._replace(body=response.body.replace(TOKEN_MARK, text.encode()))

    def _bearer(self, authorization: bytes | None) -> tuple[Slot, Named]:
        """What a genuine bearer token names. Raises: NotAuthenticated, StaleToken."""
        scheme, _, text = (authorization or b"").partition(b" ")
        if scheme.lower() != b"bearer" or not text:
            raise NotAuthenticated()
        slot, named = self._named(text.decode("latin-1"))
        if named.kind is TokenKind.LINK:
            raise StaleToken()
        return slot, named

    def _named(self, text: str) -> tuple[Slot, Named]:
        """The world of a genuine token or link, and what it names in it. Raises: StaleToken."""
        slot = self._slots.get(world_named(text)) if len(text) <= MAX_TOKEN_CHARACTERS else None
        if slot is None:
            raise StaleToken()
        named = slot.proven.get(text)
        if named is None:
            named = self._credentials.read(text)
            if named is None or named.opening != slot.opening:
                raise StaleToken()
            if len(slot.proven) >= PROVEN_TOKENS:
                slot.proven.clear()
            slot.proven[text] = named
        return slot, named


def _granted(slot: Slot, named: Named) -> tuple[Principal, Grant]:
    """Raises: StaleToken."""
    grant = slot.world.tokens.grants.get(named.number)
    if grant is None:
        raise StaleToken()
    return Principal(slot.world.name, grant.username, named.number), grant
