"""Compares answers with the document: statuses, and bodies by their schemas. Source: G1, G7, E1, E2."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from functools import cache
from itertools import islice
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

from mockaxle.contract.document import Contract
from mockaxle.harness.answer import Answer
from mockaxle.harness.as_documented import without_nulls
from mockaxle.harness.call import MadeCall
from mockaxle.harness.json_values import Json
from mockaxle.harness.operations import (
    COMPONENT_TOKEN,
    CREATE_ASSET,
    CREATE_SITE,
    INITIALISE,
    ONBOARD,
    REGISTER,
    TODAYS_SCHEDULE,
)
from mockaxle.harness.watching.checked import Checked

ANY_OPERATION = frozenset((401, 403, 404, 405, 413, 422, 429))
CREATES = frozenset((COMPONENT_TOKEN, CREATE_ASSET, CREATE_SITE, INITIALISE, ONBOARD, REGISTER))
MOST_ERRORS = 100
"""Errors of one body that are reported."""

WORDS = {
    "required": "a required field is missing",
    "type": "a value has a wrong type",
    "enum": "a value is not of its enumeration",
    "format": "a text has a wrong format",
    "minimum": "a number is too small",
    "maximum": "a number is too large",
}
OWN = {TODAYS_SCHEDULE: ("G3a", "G3c")}
"""Operations beside the document, with the statements about their answers and about the enumerations in these."""


class Documents:
    """Shape: the contract is that of the style, in which `null` may mean an absent field."""

    def __init__(self, contract: Contract, *, nulls: bool) -> None:
        self._document = contract.document
        self._nulls = nulls
        self._validator = cache(self._make_validator)

    def checked(self, call: MadeCall, answer: Answer) -> Iterator[Checked]:
        declared = self._responses(call.operation)
        if not declared:
            return
        known = str(answer.status) in declared or answer.status in ANY_OPERATION
        yield Checked("G1a", answer.status != 500, f"{call.operation} fails with 500", "any other status")
        yield Checked("G1b", known, f"{call.operation} answers {answer.status}", f"one of {', '.join(declared)}")
        if call.operation in CREATES and answer.is_good:
            yield Checked("G7a", answer.status == 200, f"{call.operation} answers {answer.status}", "200")
        if answer.status == 204:
            yield Checked("G7b", not answer.text, f"{call.operation} answers 204 with a body", "no body")
        elif answer.status < 300:
            yield from self._body(call.operation, answer)
        elif answer.status >= 400:
            yield from self._refusal(call.operation, answer)

    def _responses(self, operation: str) -> Mapping[str, Any]:
        verb, _, path = operation.partition(" ")
        described = self._document["paths"].get(path, {}).get(verb.lower(), {})
        responses: Mapping[str, Any] = described.get("responses", {})
        return responses

    def _body(self, operation: str, answer: Answer) -> Iterator[Checked]:
        validator = self._validator(operation, str(answer.status))
        if validator is None:
            return
        is_json = answer.headers.get("content-type", "").lower().startswith("application/json")
        yield Checked("G1c", is_json, f"{operation}: a body has another media type", "application/json")
        as_it_is = not self._nulls or validator.is_valid(answer.json)
        body = answer.json if as_it_is else without_nulls(answer.json)
        stated = OWN.get(operation, ("G1c",))
        errors = list(islice(validator.iter_errors(body), MOST_ERRORS))
        if not errors:
            yield from (Checked(of, True, "", "") for of in stated)
        for error in errors:
            of = stated[-1] if error.schema_path[-1] == "enum" else stated[0]
            yield Checked(of, False, f"{operation}: {_title(error)}", f"as in the document: {error.message:.200}")

    def _refusal(self, operation: str, answer: Answer) -> Iterator[Checked]:
        detail = answer.value("detail")
        is_list = isinstance(detail, list) and all(map(_is_item, detail))
        if operation.endswith("/validation/mpan") and answer.status in (400, 404):
            texts = isinstance(detail, list) and all(isinstance(one, str) for one in detail)
            yield Checked("E1b", texts, f"{operation}: detail is not a list of texts", "a list of texts")
        elif answer.status == 422:
            title = f"{operation}: the detail of a 422 is neither a list of items nor a text"
            yield Checked("E1a", is_list or isinstance(detail, str), title, "a list of {loc, msg, type}, or a text")
        else:
            yield Checked("E2a", isinstance(detail, str), f"{operation}: an error has no text as detail", "a text")

    def _make_validator(self, operation: str, status: str) -> Draft202012Validator | None:
        described = self._responses(operation).get(status, {}).get("content", {}).get("application/json")
        if described is None:
            return None
        schema = {**described["schema"], "components": self._document["components"]}
        return Draft202012Validator(schema, validate_formats=True, formats=FORMATS)


def _title(error: ValidationError) -> str:
    """Name the place without the numbers of items, and what is wrong with its value."""
    place = ".".join("*" if isinstance(part, int) else part for part in error.instance_path)
    words = WORDS.get(str(error.schema_path[-1]), f"a value breaks {error.schema_path[-1]!r}")
    missing = error.message.partition(" ")[0] if words == WORDS["required"] else ""
    return f"{words}: {'.'.join(filter(None, (place, missing.strip(chr(34))))) or 'the body'}"


def _is_item(value: Json) -> bool:
    return isinstance(value, dict) and {"loc", "msg", "type"} <= value.keys()


def _reads(read: Callable[[str], object]) -> Callable[[str], bool]:
    def is_valid(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return is_valid


def _is_instant(text: str) -> bool:
    """Tell whether a text is a date-time of RFC 3339, which has an offset."""
    try:
        return text[4:5] == "-" and datetime.fromisoformat(text.upper()).tzinfo is not None
    except ValueError:
        return False


FORMATS = {
    "date-time": _is_instant,
    "date": _reads(date.fromisoformat),
    "time": _reads(time.fromisoformat),
    "uuid": lambda text: len(text) == 36 and _reads(uuid.UUID)(text),
}
