"""Unpacks gzip bodies, in steps, so that a small body cannot become a large one unseen. Source: R1."""

import zlib

from mockaxle.core.errors import BodyTooLarge, BrokenGzip
from mockaxle.exchange import Request

STEP = 1 << 16
MAX_MEMBERS = 100
GZIP = 16 + zlib.MAX_WBITS


def unpacked(request: Request, *, limit: int) -> Request:
    """The request with its body as it was before it was packed. Raises: BrokenGzip, BodyTooLarge."""
    encoding = (request.header(b"content-encoding") or b"identity").strip().lower()
    if encoding == b"identity":
        return request
    if encoding not in (b"gzip", b"x-gzip"):
        raise BrokenGzip(f"Content-Encoding {encoding.decode('latin-1')!r:.40} is not gzip")
    try:
        return request._replace(body=_unpack(request.body, limit))
    except zlib.error as error:
        raise BrokenGzip(f"The body is no gzip: {error}") from None


def _unpack(packed: bytes, limit: int) -> bytes:
    """One member after the other; zeros behind one are padding. Raises: BodyTooLarge, zlib.error."""
    found = bytearray()
    rest = packed
    for _ in range(MAX_MEMBERS):
        rest = _unpack_member(rest, found, limit=limit).lstrip(b"\0")
        if not rest:
            return bytes(found)
    raise zlib.error(f"it has more than {MAX_MEMBERS} members")


def _unpack_member(packed: bytes, found: bytearray, *, limit: int) -> bytes:
    """What follows the member that `found` grows by. Raises: BodyTooLarge, zlib.error."""
    member, rest = zlib.decompressobj(GZIP), packed
    while not member.eof:
        piece = member.decompress(rest, STEP)
        rest = member.unconsumed_tail
        found += piece
        if len(found) > limit:
            raise BodyTooLarge(limit)
        if not piece and not rest and not member.eof:
            raise zlib.error("it ends too soon")
    return member.unused_data
