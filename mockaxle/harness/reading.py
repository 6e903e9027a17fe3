"""Bounds what Schemathesis reads of an answer, and of all answers, since it keeps and reports each of them."""

import os
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ProtocolError

from mockaxle.core.limits import MAX_ANSWER

STEP = 1 << 16
SECONDS = 10
MAX_ANSWERS = 32_000_000
"""Bytes of all answers of a run, unpacked: Schemathesis holds each some times."""

EXHAUSTED = 4
"""The exit code of a run that was ended since it had read that much."""


class BoundedAdapter(HTTPAdapter):
    """Reads each response before anybody else does."""

    left = MAX_ANSWERS

    def send(self, *args: Any, **named: Any) -> requests.Response:
        """Raises: requests.ConnectionError, which Schemathesis keeps with its frames: none of them holds a body."""
        response = super().send(*args, **named)
        try:
            refusal = self._read(response)
        except HTTPError as error:
            refusal = str(error)
        finally:
            response.close()
        if refusal:
            raise requests.ConnectionError(ProtocolError(refusal), request=response.request)
        return response

    def _read(self, response: requests.Response) -> str:
        """Reads the body as far as the bounds let it; why it was not read to its end, or nothing."""
        deadline, body = time.monotonic() + SECONDS, bytearray()
        while piece := response.raw.read1(STEP, decode_content=True):
            body += piece
            if len(body) > min(MAX_ANSWER, BoundedAdapter.left) or time.monotonic() > deadline:
                return self._refusal(len(body))
        BoundedAdapter.left -= len(body)
        response._content = bytes(body)  # as Schemathesis does it for streams of events
        return ""

    def _refusal(self, length: int) -> str:
        """Why an answer was not read to its end. Where all answers together are too long, ends this process."""
        if length > BoundedAdapter.left:
            os._exit(EXHAUSTED)
        if length > MAX_ANSWER:
            return f"the answer is longer than {MAX_ANSWER:,} bytes"
        return f"the answer takes longer than {SECONDS} s"


def bound_all_reading() -> None:
    """Make each session of requests in this process read within bounds: it has no setting for that."""
    requests.sessions.HTTPAdapter = BoundedAdapter  # what a session mounts
