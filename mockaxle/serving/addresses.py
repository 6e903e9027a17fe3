"""Network addresses: what is loopback, and where a call comes from."""

from collections.abc import Collection
from ipaddress import IPv6Address, ip_address

from mockaxle.world.entries import Headers

FORWARDED_FOR = b"x-forwarded-for"


def is_loopback(host: str) -> bool:
    """Whether a host, without a port, is this machine by its name or its address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def peer_of(client: str, headers: Headers, *, trusted: Collection[str]) -> str:
    """The connection's address; of a trusted proxy's the address that it names last."""
    if not trusted or plain_address(client) not in trusted:
        return client
    forwarded = [value for name, value in headers if name == FORWARDED_FOR]
    last = forwarded[-1].decode("latin-1").rpartition(",")[2] if forwarded else ""
    return plain_address(last) or client


def plain_address(text: str) -> str:
    """An IP address in its shortest spelling, without a port; empty where the text is none."""
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
