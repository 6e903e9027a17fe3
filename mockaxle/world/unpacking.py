"""Unpacks the bodies of requests. Source: R1."""

import zlib

from mockaxle.core.errors import BodyTooLarge, BrokenGzip
from mockaxle.core.gunzip import UnpackedTooLong, gunzip
from mockaxle.world.entries import Request


def unpacked(request: Request, *, limit: int) -> Request:
    """Unpack the body of a request. Raises: BrokenGzip, BodyTooLarge."""
    encoding = (request.header(b"content-encoding") or b"identity").strip().lower()
    if encoding == b"identity":
        return request
    if encoding not in (b"gzip", b"x-gzip"):
        raise BrokenGzip(f"Content-Encoding {encoding.decode('latin-1')!r:.40} is not gzip")
    try:
        return request._replace(body=gunzip(request.body, limit=limit))
    except UnpackedTooLong:
        raise BodyTooLarge(limit) from None
    except zlib.error as error:
        raise BrokenGzip(f"The body is not valid gzip: {error}") from None
