"""Reads a request by its operation's schemas, or lists all of its faults."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

from pydantic import ValidationError
from python_multipart import parse_form
from python_multipart.exceptions import FormParserError

from mockaxle.contract.document import Operation
from mockaxle.core.density import TOO_DENSE, is_dense
from mockaxle.core.errors import BodyTooLarge, FieldFault, Malformed
from mockaxle.core.limits import MAX_AT_ONCE, MAX_LARGE_BODY, MAX_SEARCHED_BODY
from mockaxle.core.reference import Style
from mockaxle.server.hints import as_form, as_json, of_field
from mockaxle.server.malformed import fault, malformed_body
from mockaxle.server.parameters import WrongValue, read_parameter
from mockaxle.server.router import path_values
from mockaxle.wire.pieces import read_large
from mockaxle.wire.shape import Component
from mockaxle.world.entries import Request

Form = TypeVar("Form", bound=Component)
MAX_FIELDS = 1000
URLENCODED, MULTIPART = b"application/x-www-form-urlencoded", b"multipart/form-data"
FORMS = (URLENCODED, MULTIPART)


def read_values(operation: Operation, request: Request) -> tuple[dict[str, Any], list[FieldFault]]:
    """Read the values of path and query by their types in the document, with their faults. Source: E5.

    The last of a repeated query key counts; an absent one has the document's default.
    """
    values = path_values(operation, request.path) if operation.places else {}
    sent = dict(parse_qsl(request.query, keep_blank_values=True)) if request.query else {}
    read: dict[str, Any] = {}
    faults: list[FieldFault] = []
    for parameter in operation.parameters:
        text = (values if parameter.where == "path" else sent).get(parameter.name)
        if text is None and parameter.required:
            faults.append(fault("missing", parameter.where, parameter.name))
            continue
        if text is None:
            read[parameter.name] = parameter.schema.get("default")
            continue
        try:
            read[parameter.name] = read_parameter(parameter.schema, text)
        except WrongValue as wrong:
            faults.append(fault(wrong.kind, parameter.where, parameter.name, context=parameter.schema))
    return read, faults


def check_size(request: Request) -> None:
    """Raises: BodyTooLarge. Source: E3."""
    if request.oversize:
        raise BodyTooLarge(request.oversize, "" if request.oversize == MAX_LARGE_BODY else ", the limit of --max-body")


class Sent(NamedTuple):
    """A body that was read. Shape: has_unknown_keys is true if it has some and is not too large to be searched."""

    component: Component | None = None
    has_unknown_keys: bool = False


NOTHING_SENT = Sent()


def read_body(operation: Operation, request: Request, *, model: type[Component], style: Style) -> Sent:
    """Raises: Malformed. Source: G9, E5."""
    if operation.takes_form:
        return Sent(read_form(model, request))
    if request.body == b"" or request.body.strip(b" \t\r\n") == b"null":
        raise Malformed((fault("missing", "body"),))
    if not _says_json(request.header(b"content-type")):
        hint = as_json(request.body, is_form=_media_type(request) in FORMS)
        raise Malformed((fault("model_type", "body"),), hint)
    return _read_json(model, request.body, is_strict=style is Style.CONTRACT)


def _read_json(model: type[Component], body: bytes, *, is_strict: bool) -> Sent:
    """Refuse unknown keys first and then ignore them, so that a body without them is read only once."""
    validated = model.model_validate_json
    if len(body) > MAX_AT_ONCE:
        if is_dense(body):
            raise Malformed((FieldFault(("body",), TOO_DENSE, "value_error"),), "Send fewer items in one call.")
        validated = partial(read_large, model)
    if len(body) > MAX_SEARCHED_BODY:
        return Sent(_component(validated, body, is_strict=is_strict))
    try:
        return Sent(validated(body, strict=is_strict, extra="forbid"))
    except ValidationError:
        return Sent(_component(validated, body, is_strict=is_strict), has_unknown_keys=True)


def _component(validated: Callable[..., Component], body: bytes, *, is_strict: bool) -> Component:
    """Raises: Malformed."""
    try:
        return validated(body, strict=is_strict)
    except ValidationError as error:
        raise malformed_body(error, body) from None


def _media_type(request: Request) -> bytes:
    """Return the content type without parameters; empty if there is none."""
    return (request.header(b"content-type") or b"").partition(b";")[0].strip().lower()


def _says_json(content_type: bytes | None) -> bool:
    """Tell whether a body is JSON; without a content type it is."""
    media_type = (content_type or b"application/json").partition(b";")[0].strip().lower()
    kind, _, subtype = media_type.partition(b"/")
    return kind == b"application" and (subtype == b"json" or subtype.endswith(b"+json"))


def read_form(model: type[Form], request: Request) -> Form:
    """Raises: Malformed. Source: E5."""
    fields = form_fields(request)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        faults = malformed_body(error, request.body).faults
    if not fields.keys().isdisjoint(model.model_fields):
        raise Malformed(faults, of_field(faults[0], fields))
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    raise Malformed(faults, as_form(request.body, required=required))


def form_fields(request: Request) -> dict[str, str]:
    """Read the fields of a form, the last of each name; empty if the body is not a form."""
    media_type = _media_type(request)
    if media_type == URLENCODED:
        return _urlencoded_fields(request.body.decode("utf-8", "replace"))
    if media_type == MULTIPART:
        return _multipart_fields(request.header(b"content-type") or b"", request.body)
    return {}


def _urlencoded_fields(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        return {}


def _multipart_fields(content_type: bytes, body: bytes) -> dict[str, str]:
    fields: dict[str, str] = {}

    def keep(field: Any) -> None:
        fields[(field.field_name or b"").decode("utf-8", "replace")] = (field.value or b"").decode("utf-8", "replace")

    try:
        parse_form({"Content-Type": content_type}, BytesIO(body), keep, None)
    except FormParserError:
        return {}
    return fields
