"""Which URLs the mock calls: loopback, and what the operator names; never the vendor, itself or link-local addresses.

A URL is judged by its form when a receiver is added, and by the addresses of its host at each attempt. The connection
goes to an address that passed, so that a second look-up cannot turn inward. Source: N2.
"""

import re
import socket
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

from mockaxle.deliveries.local_receivers import LocalReceivers, is_local
from mockaxle.world.commands.refusals import TargetRefused
from mockaxle.world.entries import as_segment

if TYPE_CHECKING:
    import httpx

Address = IPv4Address | IPv6Address

PORTS = {"http": 80, "https": 443}
VENDOR = "axle.energy"
METADATA = ip_address("fd00:ec2::254")
EMBEDDING = (IPv6Network("::ffff:0:0/96"), IPv6Network("::/96"), IPv6Network("64:ff9b::/96"))
"""IPv6 networks whose last 32 bits are an IPv4 address."""

SIX_TO_FOUR = IPv6Network("2002::/16")
_FORM = re.compile(r"[!-~]+", re.ASCII)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?", re.ASCII)
_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::[0-9]{1,5})?", re.ASCII)
_PLACES = re.compile(r"\{(asset_id|external_id|site_id)\}")


class TargetUrl(NamedTuple):
    """The parts of a URL. Shape: host in lower case, an address in its shortest spelling; path with the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


class NamedHost(NamedTuple):
    """A host that the operator allows. Shape: port is None for the scheme's default port."""

    host: str
    port: int | None = None

    def is_of(self, target: TargetUrl) -> bool:
        return self.host == target.host and target.port == (self.port or PORTS[target.scheme])


def read_target(url: str) -> TargetUrl:
    """Raises: TargetRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetRefused(f"it is not a URL: {error}", "Send one such as http://127.0.0.1:9000/axle") from None
    _check_form(url, parts)
    host = read_host(parts.hostname or "")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return TargetUrl(parts.scheme, host, port or PORTS[parts.scheme], path)


def _check_form(url: str, parts: SplitResult) -> None:
    """Raises: TargetRefused."""
    if not _FORM.fullmatch(url) or "\\" in url:
        raise TargetRefused("it has a backslash or characters other than visible ASCII", "Percent-encode them")
    if parts.scheme not in PORTS or not parts.hostname or parts.port == 0:
        raise TargetRefused("it is not an http or https URL with a host", "Send one such as http://127.0.0.1:9000/axle")
    if "@" in parts.netloc:
        raise TargetRefused("it has user info", "Leave it out: a receiver trusts the signature")
    if not _AUTHORITY.fullmatch(parts.netloc):
        raise TargetRefused(f"{parts.netloc!r:.80} is not a host", "Send a name or an address, and maybe a port")
    if parts.fragment or url.endswith("#"):
        raise TargetRefused("it has a fragment, which is never sent", "Leave it out")


def read_host(text: str) -> str:
    """Return a host in lower case, and an address of any spelling in its shortest one. Raises: TargetRefused."""
    host = text.lower().rstrip(".")
    address = _address(host)
    if address is not None:
        return str(address)
    if not _HOST.fullmatch(host):
        raise TargetRefused(f"{text!r:.80} is not a host", "Send a name or an address; a template is for the path only")
    return host


def _address(host: str) -> Address | None:
    """Read an address, also in the decimal, octal and hexadecimal spellings that resolvers take."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def read_named_host(text: str) -> NamedHost:
    """Read an option's HOST or HOST:PORT. Raises: ValueError, TargetRefused."""
    bracketed = f"[{text}]" if text.count(":") > 1 and not text.startswith("[") else text
    parts = urlsplit(f"//{bracketed}")
    if not _AUTHORITY.fullmatch(bracketed) or parts.netloc != bracketed or not parts.hostname or parts.port == 0:
        raise ValueError("a host, or a host and a port such as partner.example:8443")
    return NamedHost(read_host(parts.hostname), parts.port)


@dataclass(slots=True)
class Targets:
    """Judges targets. Shape: own_ports are those on which this server listens; local are the apps of tests."""

    is_shared: bool
    named: tuple[NamedHost, ...]
    public_url: str
    own_ports: set[int] = field(default_factory=set)
    local: LocalReceivers = field(default_factory=LocalReceivers)

    def check(self, url: str) -> None:
        """Judge a URL by its form and its host. Raises: TargetRefused."""
        target = read_target(url)
        self._check_name(target)
        if self.local_receiver(target) is not None:
            return
        address = _address(target.host)
        if address is not None:
            self.check_addresses(target, [address])
        elif not self._is_named(target) and (target.host != "localhost" or self.is_shared):
            raise self._unnamed(target, "not loopback" if target.host != "localhost" else "loopback of a shared server")
        elif target.host == "localhost" and target.port in self.own_ports:
            raise _own(target)

    def check_form(self, url: str) -> None:
        """Judge a URL that is never called by its form only. Raises: TargetRefused."""
        read_target(url)

    def local_receiver(self, target: TargetUrl) -> "httpx.AsyncBaseTransport | None":
        """Return the app of this process that is a target, None if it is a server. Raises: TargetRefused."""
        found = self.local.find(target.host)
        if found is None and is_local(target.host):
            raise TargetRefused(
                f"{target.host} is no receiver of this process, or no longer",
                "Pass the app itself to the test's `receiver`",
            )
        return found

    def check_addresses(self, target: TargetUrl, addresses: Sequence[Address]) -> None:
        """Judge a target by all addresses of its host. Raises: TargetRefused."""
        self._check_name(target)
        for address in addresses:
            self._check_address(target, unmapped(address))

    def _check_name(self, target: TargetUrl) -> None:
        if f".{target.host}".endswith(f".{VENDOR}"):
            raise TargetRefused(f"{target.host} is the vendor's", "Send a server of your own")
        if self.public_url:
            own = read_target(self.public_url)
            if (own.host, own.port) == (target.host, target.port):
                raise _own(target)

    def _check_address(self, target: TargetUrl, address: Address) -> None:
        if address.is_link_local or address.is_multicast or address.is_unspecified or address == METADATA:
            raise TargetRefused(f"{address} is link-local, multicast or no address of a host", "Send another URL")
        if target.port in self.own_ports and is_of_this_machine(address):
            raise _own(target)
        if address.is_loopback:
            self._check_loopback(target, address)
        elif not self._is_named(target):
            raise self._unnamed(target, "not loopback")

    def _check_loopback(self, target: TargetUrl, address: Address) -> None:
        if not _is_loopback(target.host):
            raise TargetRefused(
                f"{target.host} resolves to {address}, which is loopback",
                "Send localhost or the address itself, so that a name cannot lead there",
            )
        if self.is_shared and not self._is_named(target):
            raise self._unnamed(target, "loopback of a shared server")

    def _is_named(self, target: TargetUrl) -> bool:
        return any(one.is_of(target) for one in self.named)

    def _unnamed(self, target: TargetUrl, what: str) -> TargetRefused:
        host = target.authority
        return TargetRefused(
            f"{host} is {what}, and the mock was not started with --receiver-host {host}",
            "Start it with that option, or MOCKAXLE_RECEIVER_HOST, or use a receiver on its loopback"
            if not self.is_shared
            else "Ask its operator for that option",
        )


def _is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by name, or by an address in any form."""
    address = _address(host)
    return host == "localhost" if address is None else unmapped(address).is_loopback


def unmapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one contains, else the address."""
    if isinstance(address, IPv4Address) or address.is_loopback or address.is_unspecified:
        return address
    if any(address in network for network in EMBEDDING):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return IPv4Address((int(address) >> 80) & 0xFFFF_FFFF) if address in SIX_TO_FOUR else address


def is_of_this_machine(address: Address) -> bool:
    """Tell whether an address is one of this machine's: no other can be bound."""
    if address.is_loopback:
        return True
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    try:
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
            probe.bind((str(address), 0))
    except OSError:  # also without IPv6
        return False
    return True


def filled(url: str, values: dict[str, str]) -> str:
    """Put ids into the places of a URL, encoded as parts of a path."""
    return _PLACES.sub(lambda place: as_segment(values[place[1]]), url)


def _own(target: TargetUrl) -> TargetRefused:
    return TargetRefused(f"{target.authority} is this mock itself", "Send the URL of your own server")
