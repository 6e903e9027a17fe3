"""Limits the bytes that Schemathesis reads of an answer and of all answers, since it keeps each of them."""

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
"""Bytes of all answers of a run, unpacked. Schemathesis keeps several copies of each."""

EXHAUSTED = 4
"""The exit code of a run that exceeded this limit."""


class BoundedAdapter(HTTPAdapter):
    """Reads each response within the limits."""

    left = MAX_ANSWERS

    def send(self, *args: Any, **named: Any) -> requests.Response:
        """Raises: requests.ConnectionError. Schemathesis keeps it with its frames, so none of them may hold a body."""
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
        """Read the body within the limits; return why it was not read to its end, or an empty text."""
        deadline, body = time.monotonic() + SECONDS, bytearray()
        while piece := response.raw.read1(STEP, decode_content=True):
            body += piece
            if len(body) > min(MAX_ANSWER, BoundedAdapter.left) or time.monotonic() > deadline:
                return self._refusal(len(body))
        BoundedAdapter.left -= len(body)
        response._content = bytes(body)  # as Schemathesis does for streams of events
        return ""

    def _refusal(self, length: int) -> str:
        """Return why an answer is refused. End this process if all answers together are too long."""
        if length > BoundedAdapter.left:
            os._exit(EXHAUSTED)
        if length > MAX_ANSWER:
            return f"the answer is longer than {MAX_ANSWER:,} bytes"
        return f"the answer takes longer than {SECONDS} s"


def bound_all_reading() -> None:
    """Limit all sessions of requests in this process, since requests has no setting for that."""
    requests.sessions.HTTPAdapter = BoundedAdapter  # used by each new session
