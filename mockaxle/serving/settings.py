"""The settings of a server."""

from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_bytes, token_urlsafe
from typing import Literal

from mockaxle.serving.addresses import is_loopback

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 2953
DEFAULT_SEED = "mockaxle"
KEY_BYTES = 32
MAX_WORLDS = 1000
MAX_ACCOUNTS = 10_000
NEW_WORLDS_PER_MINUTE = 600
MAX_BODY = 1_000_000
MAX_HEAD = 65_536
MAX_CONNECTIONS = 1000
HEAD_TIMEOUT = timedelta(seconds=10)
BODY_TIMEOUT = timedelta(seconds=60)
WhenFull = Literal["evict", "refuse"]


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """How a journal is kept. Shape: `log_entries` of each world can be read again; a world that is not used for
    `forgotten_after` is dropped. The timeout is that of an answer that waits for the journal. A world is written whole
    when its rows have as many characters as it has, and at least `base_characters`.
    """

    timeout: timedelta = timedelta(seconds=3)
    log_entries: int = 10_000
    forgotten_after: timedelta = timedelta(days=30)
    base_characters: int = 4_000_000


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Shape: port 0 takes a free one; public_url is the URL that clients see, by default the called one; root_path is
    the path below which a proxy serves the mock, such as `/axle`; shared is derived from other options if None.

    Without values, the admin token and the signing key are random. The peer of a trusted proxy's call is the last entry
    of X-Forwarded-For. receiver_hosts are those to which messages may be delivered, besides a local server's loopback.
    Units: max_body and max_head in bytes.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    seed: str = DEFAULT_SEED
    public_url: str = ""
    rules_header: bool = True
    max_worlds: int = MAX_WORLDS
    admin_token: str = field(default_factory=lambda: token_urlsafe(24), repr=False)
    signing_key: bytes = field(default_factory=lambda: token_bytes(KEY_BYTES), repr=False)
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    root_path: str = ""
    max_body: int = MAX_BODY
    max_head: int = MAX_HEAD
    max_connections: int = MAX_CONNECTIONS
    head_timeout: timedelta = HEAD_TIMEOUT
    body_timeout: timedelta = BODY_TIMEOUT
    shared: bool | None = None
    max_accounts: int = MAX_ACCOUNTS
    when_full: WhenFull = "evict"
    new_worlds_per_minute: int = NEW_WORLDS_PER_MINUTE
    trusted_proxies: tuple[str, ...] = ()
    receiver_hosts: tuple[str, ...] = ()

    @property
    def is_shared(self) -> bool:
        """Whether several people use the server, by `shared` or by options that imply it."""
        return bool(self.implying_shared) if self.shared is None else self.shared

    @property
    def implying_shared(self) -> tuple[str, ...]:
        """The options that imply a shared server."""
        written = {f"--host {self.host}": not self.on_loopback, "--root-path": self.root_path}
        return tuple(option for option, implies in {**written, "--public-url": self.public_url}.items() if implies)

    @property
    def document_url(self) -> str:
        """The server's URL in the document."""
        return self.public_url or self.root_path or "/"

    @property
    def on_loopback(self) -> bool:
        return is_loopback(self.host)


DEFAULT_SETTINGS = ServerSettings()
