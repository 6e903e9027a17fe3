"""The signature of a delivery: a timestamp and an HMAC of it with the body. Source: V4, N7."""

import hmac
from datetime import UTC, datetime, timedelta

HEADER = "x-axle-sig"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def signature(body: bytes, secret: str, *, at: datetime) -> str:
    """Return the header's value, `t=SECONDS,v1=HEX`."""
    seconds = (at - EPOCH) // timedelta(seconds=1)
    digest = hmac.digest(secret.encode(), b"%d.%b" % (seconds, body), "sha256").hex()
    return f"t={seconds},v1={digest}"
