"""The server's URL as a client sees it."""

import re

_HOST = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")


def base_url(public_url: str, *, scheme: str, host: str) -> str:
    """Return the URL of the settings; if that is a path or empty, below the host that was called, if it is a host."""
    if "://" in public_url:
        return public_url.rstrip("/")
    known = host if _HOST.fullmatch(host) else "127.0.0.1"
    return f"{scheme}://{known}{public_url.rstrip('/')}"
