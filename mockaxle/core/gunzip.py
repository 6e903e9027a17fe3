"""Unpacks gzip in steps, so that a small body cannot become a large one unnoticed."""

import zlib

STEP = 1 << 16
MAX_MEMBERS = 100
GZIP = 16 + zlib.MAX_WBITS


class UnpackedTooLong(Exception):
    """The unpacked bytes exceed the limit."""


def gunzip(packed: bytes, *, limit: int) -> bytes:
    """Unpack all members; zeros after a member are padding. Raises: UnpackedTooLong, zlib.error."""
    found, start = bytearray(), 0
    for _ in range(MAX_MEMBERS):
        end = _unpack_member(packed, found, start=start, limit=limit)
        start = len(packed) - len(packed[end:].lstrip(b"\0"))
        if start == len(packed):
            return bytes(found)
    raise zlib.error(f"it has more than {MAX_MEMBERS} members")


def _unpack_member(packed: bytes, found: bytearray, *, start: int, limit: int) -> int:
    """Append a member's content to `found`; return the member's end. Raises: UnpackedTooLong, zlib.error."""
    member = zlib.decompressobj(GZIP)
    for at in range(start, len(packed), STEP):
        piece = packed[at : at + STEP]
        end, is_more = at + len(piece), True
        while is_more and not member.eof:
            unpacked = member.decompress(piece, STEP)
            piece = member.unconsumed_tail
            is_more = bool(piece) or len(unpacked) == STEP
            found += unpacked
            if len(found) > limit:
                raise UnpackedTooLong(limit)
        if member.eof:
            return end - len(member.unused_data)
    raise zlib.error("it ends too soon")
