"""Unpacks gzip bodies, in steps, so that a small body cannot become a large one unseen. Source: R1."""

import zlib

from mockaxle.core.errors import BodyTooLarge, BrokenGzip
from mockaxle.exchange import Request

STEP = 1 << 16
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
    """Raises: BodyTooLarge, zlib.error."""
    found = bytearray()
    rest = packed
    while rest or not found:
        member = zlib.decompressobj(GZIP)
        while not member.eof:
            piece = member.decompress(rest, STEP)
            rest = member.unconsumed_tail
            found += piece
            if len(found) > limit:
                raise BodyTooLarge(limit)
            if not piece and not rest and not member.eof:
                raise zlib.error("it ends too soon")
        rest = member.unused_data
        if not rest:
            break
    return bytes(found)
