"""Bounds what Schemathesis reads of an answer, and of all answers, since it keeps and reports each of them."""

import time
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ProtocolError

STEP = 1 << 16
SECONDS = 10
MAX_ANSWER, MAX_ANSWERS = 2_000_000, 16_000_000
"""Bytes of an answer, unpacked, and of all answers of a run: Schemathesis holds each some times."""

NOTE = "unread.txt"
"""The file, in the folder of the run, that says why answers were not read."""


class BoundedAdapter(HTTPAdapter):
    """Reads each response before anybody else does. Shape: folder of the run, if it has one."""

    folder: Path | None = None
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
        until, body = time.monotonic() + SECONDS, bytearray()
        while piece := response.raw.read1(STEP, decode_content=True):
            body += piece
            if len(body) > min(MAX_ANSWER, BoundedAdapter.left) or time.monotonic() > until:
                return self._refusal(len(body))
        BoundedAdapter.left -= len(body)
        response._content = bytes(body)  # as Schemathesis does it for streams of events
        return ""

    def _refusal(self, length: int) -> str:
        """Leaves a note for who started the run."""
        if length > BoundedAdapter.left:
            why = f"the answers are longer than {MAX_ANSWERS:,} bytes in all"
        elif length > MAX_ANSWER:
            why = f"an answer is longer than {MAX_ANSWER:,} bytes"
        else:
            why = f"an answer takes longer than {SECONDS} s"
        if self.folder is not None:
            (self.folder / NOTE).write_text(why, encoding="utf-8")
        return why


def bound_all_reading(folder: Path) -> None:
    """Make each session of requests in this process read within bounds: it has no setting for that."""
    BoundedAdapter.folder = folder
    requests.sessions.HTTPAdapter = BoundedAdapter  # what a session mounts
