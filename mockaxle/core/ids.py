"""Ids: version 4 UUIDs in form, derived from a world's seed."""

from hashlib import blake2b


def made_id(seed: bytes, what: bytes) -> str:
    """Make the id of a thing that its kind and number name."""
    digest = blake2b(what, key=seed, digest_size=16).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:]}"


def numbered_id(seed: bytes, kind: str, *, number: int) -> str:
    """Make the id of the nth message or dispatch. Ids of sites and assets do not depend on them."""
    return made_id(seed, kind.encode() + number.to_bytes(8, "big"))
