"""Finds worlds by tokens and links, and writes the texts of new ones."""

from mockaxle.core.accounts import MAILED_LINK_LIFETIME, Grant, expiry_after
from mockaxle.core.emails import Email
from mockaxle.core.errors import NotAuthenticated, StaleToken, Unauthenticated
from mockaxle.serving.credentials import MAX_TOKEN_CHARACTERS, Credentials, TokenClaims, TokenKind, address_of, world_in
from mockaxle.serving.hosted_world import Bearer, HostedWorld, is_keeper
from mockaxle.serving.hosted_worlds import HostedWorlds
from mockaxle.serving.token_texts import link_text, token_text
from mockaxle.world.entries import BASE_MARK, TOKEN_MARK, Exchange, Principal, Response

MAX_VERIFIED_TOKENS, MAX_HEADERS = 1_000, 10_000


class Bearers:
    """Authenticates tokens and links."""

    def __init__(self, worlds: HostedWorlds, *, key: bytes) -> None:
        self._hosted = worlds
        self._credentials = Credentials(key)
        self._addresses: dict[bytes, str] = {}

    def authenticate(self, authorization: bytes | None) -> tuple[Principal, Grant]:
        """Return the principal and grant of a bearer token. Raises: NotAuthenticated, StaleToken. Source: A3, E2."""
        header = authorization or b""
        hosted = self._hosted.get(self._addresses.get(header, ""))
        known = hosted.bearers.get(header) if hosted is not None else None
        if hosted is None or known is None:
            hosted, known = self._new_bearer(header)
        grant = hosted.world.tokens.grants.get(known.number)
        if grant is None:
            raise StaleToken()
        return known.principal, grant

    def _new_bearer(self, header: bytes) -> tuple[HostedWorld, Bearer]:
        """Remember the sender of a header, so that the header is read once. Raises: NotAuthenticated, StaleToken."""
        hosted, claims = self._bearer(header)
        principal, _ = _granted(hosted, claims)
        if len(self._addresses) >= MAX_HEADERS:
            self._addresses.clear()
        if len(hosted.bearers) >= MAX_VERIFIED_TOKENS:
            hosted.bearers.clear()
        self._addresses[header] = claims.world
        bearer = hosted.bearers[header] = Bearer(principal, claims.number)
        return hosted, bearer

    def owner(self, authorization: bytes | None) -> str:
        """Return the world of a full account's bearer token. Expired ones are valid, since control can set the clock.

        Raises: NotAuthenticated, StaleToken, also for a component's, Home Assistant's and a read-only token.
        """
        hosted, claims = self._bearer(authorization)
        if claims.kind is not TokenKind.FULL:
            raise StaleToken()
        return hosted.world.name

    def keeper(self, authorization: bytes | None) -> Principal | None:
        """Return the full account, with its world, that obtained a bearer token with its stored password, if any."""
        try:
            hosted, claims = self._bearer(authorization)
        except Unauthenticated:
            return None
        return Principal(hosted.world.name, claims.subject, claims.number) if is_keeper(hosted, claims) else None

    def follow(self, link: str) -> tuple[Principal, Grant]:
        """Return the principal and grant of a link to one of the mock's pages. Raises: StaleToken. Source: W3."""
        hosted, claims = self._genuine(link)
        if claims.kind is not TokenKind.LINK:
            raise StaleToken()
        return _granted(hosted, claims)

    def filled_in(self, exchange: Exchange, *, base_url: str = "") -> Response:
        """Replace the marks of a response with the token's text and the server's URL."""
        response, principal = exchange.response, exchange.principal
        if response.has_base:
            base = base_url.encode("latin-1", "replace")
            response = response._replace(body=response.body.replace(BASE_MARK, base))
        if response.token is None or principal is None:
            return response
        hosted = self._hosted[address_of(principal.world)]
        text = token_text(self._credentials, hosted, exchange=exchange)
        return response._replace(body=response.body.replace(TOKEN_MARK, text.encode()))

    def mailed_link_text(self, hosted: HostedWorld, email: Email) -> str | None:
        """Write the text of the link in an e-mail, also after it has expired; None without one. Source: B13."""
        if email.token is None:
            return None
        expires_at = expiry_after(email.at, MAILED_LINK_LIFETIME)
        return link_text(self._credentials, hosted, number=email.token, site_id=email.site_id, expires_at=expires_at)

    def _bearer(self, authorization: bytes | None) -> tuple[HostedWorld, TokenClaims]:
        """Return the world and claims of a genuine bearer token. Raises: NotAuthenticated, StaleToken."""
        scheme, _, text = (authorization or b"").partition(b" ")
        if scheme.lower() != b"bearer" or not text:
            raise NotAuthenticated()
        hosted, claims = self._genuine(text.decode("latin-1"))
        if claims.kind is TokenKind.LINK:
            raise StaleToken()
        return hosted, claims

    def _genuine(self, text: str) -> tuple[HostedWorld, TokenClaims]:
        """Return the world and claims of a genuine token or link. Raises: StaleToken."""
        hosted = self._hosted.get(world_in(text)) if len(text) <= MAX_TOKEN_CHARACTERS else None
        if hosted is None:
            raise StaleToken()
        claims = hosted.verified.get(text)
        if claims is None:
            claims = self._credentials.read(text)
            if claims is None or claims.opening_id != hosted.opening_id:
                raise StaleToken()
            if len(hosted.verified) >= MAX_VERIFIED_TOKENS:
                hosted.verified.clear()
            hosted.verified[text] = claims
        return hosted, claims


def _granted(hosted: HostedWorld, claims: TokenClaims) -> tuple[Principal, Grant]:
    """Raises: StaleToken."""
    grant = hosted.world.tokens.grants.get(claims.number)
    if grant is None:
        raise StaleToken()
    return Principal(hosted.world.name, grant.username, claims.number), grant
