"""Keeps a check from harming a server that others use."""

from pathlib import Path

from mockaxle.client.client import read_base_url
from mockaxle.client.errors import UrlRefused
from mockaxle.client.visible import shown_url

PRODUCTION_HOSTS = frozenset({"api.axle.energy"})


class Unsafe(Exception):
    """A check that could do harm. The text says what to do."""


def host_of(url: str) -> str:
    """Return the host of a URL. Raises: Unsafe if it is not a URL."""
    try:
        return read_base_url(url).host.lower().rstrip(".")
    except UrlRefused as error:
        raise Unsafe(f"{shown_url(url)}: {error}") from None


def check_host(url: str, *, production: str | None) -> None:
    """Raises: Unsafe for the vendor's production host, unless `production` names it."""
    host = host_of(url)
    if host in PRODUCTION_HOSTS and production != host:
        raise Unsafe(f"{host} is the vendor's production, with real homes. To check it anyway: --production {host}")


def read_mpans(file: Path | None, *, loopback: bool, may_write: bool) -> tuple[str, ...]:
    """Read the MPANs of a file, one a line. Raises: Unsafe if they are missing for writes off loopback."""
    if file is None:
        if may_write and not loopback:
            raise Unsafe("--allow-writes off loopback needs --mpans: a file of MPANs that are yours to use, one a line")
        return ()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise Unsafe(f"{file} is not a file of MPANs: {error}") from None
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    mpans = tuple(dict.fromkeys(line for line in lines if line))
    wrong = [mpan for mpan in mpans if not (len(mpan) == 13 and mpan.isascii() and mpan.isdigit())]
    if wrong or not mpans:
        raise Unsafe(f"{file} has {f'no MPAN but {wrong[0]!r:.40}' if wrong else 'no MPANs'}: 13 digits, one a line")
    return mpans
