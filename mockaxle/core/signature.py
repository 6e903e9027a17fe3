"""The signature of a delivery: a timestamp and an HMAC of it with the body. Source: V4, N7."""

import hmac
from datetime import datetime

HEADER = "x-axle-sig"


def signature(body: bytes, secret: str, *, at: datetime) -> str:
    """Return the header's value, `t=SECONDS,v1=HEX`."""
    seconds = int(at.timestamp())
    digest = hmac.digest(secret.encode(), b"%d.%b" % (seconds, body), "sha256").hex()
    return f"t={seconds},v1={digest}"
