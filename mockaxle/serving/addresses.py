"""Network addresses: loopback, and the origin of a call."""

from collections.abc import Collection
from ipaddress import IPv6Address, ip_address

from mockaxle.world.entries import Headers

FORWARDED_FOR = b"x-forwarded-for"


def is_loopback(host: str) -> bool:
    """Tell whether a host, without a port, is this machine by name or address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def peer_of(client: str, headers: Headers, *, trusted: Collection[str]) -> str:
    """Return the connection's address; for a trusted proxy, the last address that it names."""
    if not trusted or plain_address(client) not in trusted:
        return client
    forwarded = [value for name, value in headers if name == FORWARDED_FOR]
    last = forwarded[-1].decode("latin-1").rpartition(",")[2] if forwarded else ""
    return plain_address(last) or client


def plain_address(text: str) -> str:
    """Return an IP address in its shortest spelling, without a port; empty if the text is not one."""
    text = text.strip()
    host = text[1:].partition("]")[0] if text.startswith("[") else text
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
