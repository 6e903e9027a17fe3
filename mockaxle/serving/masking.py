"""Keeps secrets out of logs: passwords, tokens of the mock and of device clouds, links to the mock's pages."""

import json
import re
import string
from typing import Any
from urllib.parse import quote, unquote, urlencode

from pydantic_core import from_json

from mockaxle.contract.document import Operation
from mockaxle.core.bank_accounts import DIGITS, ENDING, SORT_CODE_DIGITS, digits_of, is_account_number
from mockaxle.core.density import is_dense
from mockaxle.core.text_lines import start_of_line
from mockaxle.core.timestamps import read_timestamp
from mockaxle.server.operations.withdrawal_page import WithdrawalForm
from mockaxle.server.reading import form_fields
from mockaxle.wire.shape import is_whole
from mockaxle.world.entries import TOKEN_MARK, Request, Response

KEPT_HEADERS = frozenset({b"content-type", b"content-encoding", b"accept", b"user-agent"})
"""Headers that may be logged, since they cannot contain a secret."""

FORM_HEADER = (b"content-type", b"application/x-www-form-urlencoded")
MASKED_PASSWORD = "***"
CODE_DIGITS = 6
WITHDRAWING = "POST /auth/ext/{link}"
HANDING_OVER = "POST /entities/site/{site_id}/token"
KNOWN = frozenset({"refresh_token", "access_token", "token_type", "expires_utc", "expires_in"})
FRACTION = 0.5
"""Replaces any number that is not an integer, so that the logged request is judged like the one sent."""

_HARMLESS_TYPES = frozenset({"API_KEY", "bearer", "Bearer"})
_RUN = re.compile(r"[\w.-]+")
_JWT_BEGINS = "eyJ"
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_ESCAPE_OR_TEXT = re.compile(rb"\\u[0-9A-Fa-f]{4}|\\.|[^\\]++", re.DOTALL)
_WORD = string.ascii_letters + string.digits
_STARS = bytes.maketrans(_WORD.encode(), b"*" * len(_WORD))
_SECONDS = re.compile(r"-?[0-9]{1,18}")
_PLACE = re.compile(r"line (\d+) column (\d+)$")


def without_secrets(operation: Operation, request: Request) -> Request:
    """Mask a request for the log. The masked request is served, so that the log replays to the same answer.

    The form of a log-in is masked earlier, when it is read.
    """
    method, path, query, headers, body, oversize, _, resumed, _ = request
    if operation.is_page:
        path, query = _page_path(operation), ""
        if operation.key == WITHDRAWING and body:
            headers, body = (FORM_HEADER,), _masked_form(request)
    elif operation.key == HANDING_OVER:
        query, body = "", _masked_body(body)
    else:
        if b"eyJ" in body:
            body = _RUN.sub(_unless_jwt, body.decode("latin-1")).encode("latin-1")
        if "%" in path or _JWT_BEGINS in path:
            path = "/".join(map(_spelt_without_tokens, path.split("/")))
        if "%" in query or _JWT_BEGINS in query:
            query = _spelt_without_tokens(query)
    kept = tuple([pair for pair in headers if pair[0] in KEPT_HEADERS])
    return Request(method, path, query, kept, body, oversize, resumed=resumed)


def without_password(request: Request, form: dict[str, Any]) -> Request:
    """Mask a log-in for the log, after its form was read."""
    body = urlencode(form | {"password": MASKED_PASSWORD}).encode()
    return request._replace(query="", headers=(FORM_HEADER,), body=body)


def _masked_form(request: Request) -> bytes:
    """Mask a form of the withdrawal page: name, account number, and what does not belong into its field.

    Any other body has an action of no meaning.

    Source: B12.
    """
    sent = form_fields(request)
    fields = {name: sent[name] for name in WithdrawalForm.model_fields if name in sent}
    if fields.get("name", "").strip():
        fields["name"] = MASKED_PASSWORD
    if "account_number" in fields:
        fields["account_number"] = _masked_number(fields["account_number"])
    for name, length in (("sort_code", SORT_CODE_DIGITS), ("code", CODE_DIGITS)):
        if name in fields and len(digits_of(fields[name])) > length:
            fields[name] = _without_digits(fields[name])
    if fields.get("confirmed", "yes") != "yes":
        fields["confirmed"] = MASKED_PASSWORD
    return urlencode({"action": "", **fields}).encode()


def _masked_number(text: str) -> str:
    """Keep the last digits of an account number; of a wrong one, only the count of its digits."""
    digits = digits_of(text)
    if is_account_number(text):
        return digits[-ENDING:].rjust(len(digits), "0")
    return _without_digits(text)


def _without_digits(text: str) -> str:
    return "".join("0" if letter in DIGITS else "*" for letter in digits_of(text))


def unmatched_part(request: Request, operation: Operation | None) -> tuple[Request, bool]:
    """Mask a request that reaches no world; also return whether its path looked like a link, which is masked.

    Query and body are dropped, since they may contain anything.
    """
    path, is_link = request.path, False
    if operation is not None and operation.is_page:
        path = _page_path(operation)
    else:
        plain = unquote(path)
        masked = _RUN.sub(_unless_jwt, plain)
        path, is_link = (path, False) if masked == plain else (masked, True)
    kept = tuple(pair for pair in request.headers if pair[0] in KEPT_HEADERS)
    return Request(request.method, path, headers=kept, oversize=request.oversize), is_link


def _page_path(operation: Operation) -> str:
    return operation.path.replace("{link}", TOKEN_MARK.decode())


def _spelt_without_tokens(text: str) -> str:
    """Mask tokens in a path segment or a query. Without tokens, its percent-encoding is kept."""
    plain = unquote(text)
    masked = _RUN.sub(_unless_jwt, plain)
    return text if masked == plain else quote(masked, safe="@=&")


def _unless_jwt(run: "re.Match[str]") -> str:
    """Mask a run of a JWT's characters from the point where a JWT begins. Each run is searched once."""
    before, begins, rest = run[0].partition(_JWT_BEGINS)
    return before + TOKEN_MARK.decode() if begins and rest.count(".") >= 2 else run[0]


def without_location(response: Response) -> Response:
    """Drop location and hint from an answer to a link."""
    return response._replace(headers=(), why=response.why._replace(hint=""))


def _masked_body(body: bytes) -> bytes:
    if is_dense(body):  # it is refused unread
        return body.translate(_STARS)
    try:
        from_json(body)
    except ValueError as error:
        return _masked_broken(body, str(error))
    sent = json.loads(body, parse_float=lambda text: 0 if is_whole(text) else FRACTION)
    masked = dict(_field(name, value) for name, value in sent.items()) if isinstance(sent, dict) else _masked(sent)
    return "".join(json.JSONEncoder().iterencode(masked)).encode()


def _field(name: str, value: Any) -> tuple[str, Any]:
    """Mask a field: known names are kept, secrets show their length only."""
    if name not in KNOWN:
        return "*" * len(name), _masked(value)
    return name, value if _is_harmless(name, value) else _masked(value)


def _is_harmless(name: str, value: Any) -> bool:
    if isinstance(value, str):
        is_kind = name == "token_type" and value in _HARMLESS_TYPES
        is_time = name == "expires_utc" and read_timestamp(value) is not None
        return is_kind or is_time or (name == "expires_in" and _SECONDS.fullmatch(value) is not None)
    return name == "expires_in" and isinstance(value, int)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return "*" * len(value)
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, dict):
        return {"*" * len(name): _masked(item) for name, item in value.items()}
    if isinstance(value, float):
        return FRACTION
    return 0 if isinstance(value, int) and not isinstance(value, bool) else value


def _masked_broken(body: bytes, message: str) -> bytes:
    """Mask invalid JSON so that it fails at the same place: strings before that place, every word after it."""
    place = _PLACE.search(message)
    offset = start_of_line(body, int(place[1])) + int(place[2]) if place else 0
    return _STRING.sub(_masked_string, body[:offset]) + body[offset:].translate(_STARS)


def _masked_string(match: "re.Match[bytes]") -> bytes:
    """Mask a string, but not its escapes."""
    return _ESCAPE_OR_TEXT.sub(_unless_escape, match[0])


def _unless_escape(match: "re.Match[bytes]") -> bytes:
    return match[0] if match[0].startswith(b"\\") else match[0].translate(_STARS)
