"""The signature of a message: `x-axle-sig: t=SECONDS,v1=HEX[,v1=HEX...]`.

Each HEX is an HMAC-SHA256 of `SECONDS.BODY`. The body is the raw bytes: the same JSON may be written in many ways, and
only one of them was signed. While a secret is being replaced, there is one v1 for each secret. The time is signed, too,
so that a message that somebody recorded cannot be sent again later.
"""

import hmac
import re
import time
from collections.abc import Callable
from typing import NamedTuple

SECONDS = re.compile(r"[0-9]{1,15}")


class Signed(NamedTuple):
    """A header's parts: the time as it was written, and the signatures."""

    seconds: str
    signatures: list[str]


class SignatureCheck:
    """Accepts messages that were signed with a secret, at most a tolerance ago."""

    def __init__(self, secret: str, *, tolerance_seconds: int = 300, now: Callable[[], float] = time.time) -> None:
        self._key = secret.encode()
        self._tolerance_seconds = tolerance_seconds
        self._now = now

    def accepts(self, header: str, body: bytes) -> bool:
        """Whether the header has a recent time and a right signature. A malformed one has not."""
        signed = self.parse(header)
        return signed is not None and self.is_recent(int(signed.seconds)) and self.is_right(signed, body)

    def parse(self, header: str) -> Signed | None:
        """Return the header's parts, or None if it has not exactly one time."""
        pairs = [part.strip().partition("=") for part in header.split(",")]
        times = [value for name, _, value in pairs if name == "t"]
        if len(times) != 1 or not SECONDS.fullmatch(times[0]):
            return None
        return Signed(times[0], [value for name, _, value in pairs if name == "v1"])

    def is_recent(self, seconds: int) -> bool:
        """Whether the time is within the tolerance. Whole seconds: a message may take a part of one to arrive."""
        age = int(self._now()) - seconds
        return -self._tolerance_seconds < age <= self._tolerance_seconds

    def is_right(self, signed: Signed, body: bytes) -> bool:
        """Whether any of the signatures is the body's. Bytes are compared: a header may hold other than ASCII."""
        expected = hmac.new(self._key, signed.seconds.encode() + b"." + body, "sha256").hexdigest().encode()
        return any(hmac.compare_digest(expected, signature.encode()) for signature in signed.signatures)
