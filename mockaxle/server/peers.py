"""Which address a call comes from."""

from collections.abc import Collection, Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any

FORWARDED_FOR = b"x-forwarded-for"


def peer_of(scope: Mapping[str, Any], trusted_proxies: Collection[str]) -> str:
    """The connection's address; of a trusted proxy's the address that it names last."""
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    if not trusted_proxies or plain_address(peer) not in trusted_proxies:
        return peer
    forwarded = [value for name, value in scope["headers"] if name == FORWARDED_FOR]
    last = forwarded[-1].decode("latin-1").rpartition(",")[2] if forwarded else ""
    return plain_address(last) or peer


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
