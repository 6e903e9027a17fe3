"""URLs of PostgreSQL databases: they may hold a password, which is never shown."""

from urllib.parse import parse_qs, urlsplit

SCHEMES = ("postgresql://", "postgres://")
DEFAULT_PORT = 5432


def is_database(place: str) -> bool:
    return place.startswith(SCHEMES)


def holds_password(url: str) -> bool:
    """Tell whether a URL has a password, also as an option of its query."""
    parts = urlsplit(url)
    return parts.password is not None or "password" in parse_qs(parts.query)


def shown(url: str) -> str:
    """Return a URL without its user, password and options."""
    parts = urlsplit(url)
    return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"
