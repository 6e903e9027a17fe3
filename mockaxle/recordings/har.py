"""A recording as an HTTP archive, for what reads those: browsers, proxies, load generators."""

from collections.abc import Iterable
from http.client import responses
from io import StringIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from mockaxle.exchange import HELD, Exchange, Headers, Response
from mockaxle.recording import Recording, versions
from mockaxle.recordings.names import TOKEN

if TYPE_CHECKING:
    import harfile

NOWHERE = "http://127.0.0.1:2953"
REDACTED = (b"Authorization", b"Bearer redacted")


def write_har(recording: Recording, *, url: str = NOWHERE) -> Iterable[str]:
    """The archive; without commands, and with `redacted` for tokens, which no recording has.

    A broken connection has status 0.
    """
    import harfile

    text = StringIO()
    creator = harfile.Creator(name="mockaxle", version=versions()["mockaxle"])
    with harfile.HarFile.open(text, creator=creator, comment=f"The log of the world {recording.world!r}") as archive:
        held_ms = 0
        for exchange in (entry for entry in recording.entries if isinstance(entry, Exchange)):
            waited_ms = exchange.response.way.delay_ms if exchange.response.way else 0
            if exchange.response.status == HELD:
                held_ms = waited_ms
                continue
            _add(archive, exchange, url=url, waited_ms=waited_ms + (held_ms if exchange.request.resumed else 0))
    return [text.getvalue(), "\n"]


def _add(archive: "harfile.HarFile", exchange: Exchange, *, url: str, waited_ms: int) -> None:
    import harfile

    response = exchange.response
    archive.add_entry(
        startedDateTime=exchange.at,
        time=waited_ms,
        request=_request(exchange, url),
        response=_response(response),
        timings=harfile.Timings(send=0, wait=waited_ms, receive=0),
        comment=" ".join((*response.rules, response.hint)).strip() or None,
    )


def _request(exchange: Exchange, url: str) -> "harfile.Request":
    import harfile

    request = exchange.request
    content_type = (request.header(b"content-type") or b"").decode("latin-1")
    return harfile.Request(
        method=request.method,
        url=url + request.path + (f"?{request.query}" if request.query else ""),
        httpVersion="HTTP/1.1",
        headers=_records((*request.headers, REDACTED) if _bore_token(exchange) else request.headers),
        queryString=[harfile.Record(name=n, value=v) for n, v in parse_qsl(request.query, keep_blank_values=True)],
        postData=harfile.PostData(mimeType=content_type, text=_text(request.body)) if request.body else None,
        bodySize=len(request.body),
    )


def _bore_token(exchange: Exchange) -> bool:
    """A page is reached by the token in its link."""
    principal = exchange.principal
    return principal is not None and principal.token is not None and TOKEN not in exchange.request.path


def _response(response: Response) -> "harfile.Response":
    import harfile

    if response.way is not None and response.way.breaks:
        nothing = harfile.Content(size=0, mimeType="x-unknown")
        return harfile.Response(0, response.way.network, "", content=nothing, bodySize=-1)
    answered = dict(response.headers).get(b"content-type", b"").decode("latin-1")
    return harfile.Response(
        status=response.status,
        statusText=responses.get(response.status, ""),
        httpVersion="HTTP/1.1",
        headers=_records(response.headers),
        content=harfile.Content(size=len(response.body), mimeType=answered, text=_text(response.body)),
        redirectURL="",
        bodySize=len(response.body),
    )


def _records(headers: Headers) -> "list[harfile.Record]":
    import harfile

    return [harfile.Record(name=name.decode("latin-1"), value=value.decode("latin-1")) for name, value in headers]


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
