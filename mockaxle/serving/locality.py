"""Tells the origin of a call by its headers: this machine or elsewhere, a page of this server or of another site.

A proxy on this machine connects from loopback like a local caller, so a call with a header that proxies add is not
local. Browsers name the page of a call by Origin and Sec-Fetch-Site; curl and SDKs send neither. A page whose host name
resolves to loopback (DNS rebinding) has the same origin as the server, but is recognised by its Host.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mockaxle.serving.settings import ServerSettings

Headers = Iterable[tuple[bytes, bytes]]
"""Shape: names in lower case."""

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
PROXY_HEADERS = frozenset({b"forwarded", b"x-real-ip", b"via"})
PROXY_PREFIX = b"x-forwarded-"
BROWSER_HEADERS = frozenset({b"origin", b"sec-fetch-site"})
OTHER_SITES, OWN_PAGES = frozenset({"cross-site", "same-site"}), frozenset({"same-origin", "none"})
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)


class Locality(NamedTuple):
    """Judges the headers of a call."""

    settings: ServerSettings

    def is_local(self, headers: Headers) -> bool:
        """Tell whether a call comes from this machine, without a proxy."""
        return not self.settings.is_shared and not any(_is_of_a_proxy(name) for name, _ in headers)

    def has_local_host(self, headers: Headers) -> bool:
        """Tell whether the client calls the server by a name of this machine."""
        host = _HOST.fullmatch("".join(_values(headers, b"host")).lower())
        return host is not None and host[1] in LOCAL_HOSTS | {name.lower() for name in self.settings.allowed_hosts}

    def is_foreign(self, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        """Tell whether a page of another origin sends the call. Repeated headers are not trusted."""
        hosts, origins, sites = (_values(headers, name) for name in (b"host", b"origin", b"sec-fetch-site"))
        if max(len(hosts), len(origins), len(sites)) > 1 or OTHER_SITES.intersection(sites):
            return True
        return bool(origins) and not OWN_PAGES.intersection(sites) and origins[0] not in self._own_origins(hosts)

    def may_call(self, headers: Headers) -> bool:
        """Tell whether --cors-origin names the origin of the page that sends the call."""
        named, origins = self.settings.cors_origins, _values(headers, b"origin")
        return "*" in named or (len(origins) == 1 and origins[0] in {origin.lower() for origin in named})

    def _own_origins(self, hosts: list[str]) -> set[str]:
        public = "/".join(self.settings.public_url.lower().split("/", 3)[:3])
        called = {f"{scheme}://{host}" for host in hosts if host for scheme in ("http", "https")}
        return called | {public} if public else called


def is_of_a_browser(headers: Headers) -> bool:
    """Tell whether a call has the headers by which browsers name its origin."""
    return any(name in BROWSER_HEADERS for name, _ in headers)


def _is_of_a_proxy(name: bytes) -> bool:
    return name in PROXY_HEADERS or name.startswith(PROXY_PREFIX)


def _values(headers: Headers, name: bytes) -> list[str]:
    return [value.decode("latin-1").lower() for key, value in headers if key == name]
