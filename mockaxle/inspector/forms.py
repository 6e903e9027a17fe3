"""Reads the fields of a form."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from mockaxle.control.reading import read_body
from mockaxle.core.limits import MAX_FORM

MAX_FIELDS = 100


async def read_form(request: Request) -> tuple[bytes, dict[str, str]]:
    """Return a form's body and its fields, the last one of a name. Raises: ControlBodyTooLong, FormUnread."""
    body = await read_body(request, MAX_FORM)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise FormUnread() from None
    return body, {name: value.replace("\r\n", "\n") for name, value in pairs}


class FormUnread(Exception):
    """The body is not a form of application/x-www-form-urlencoded."""
