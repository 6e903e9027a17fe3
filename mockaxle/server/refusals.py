"""The table of errors: the status and body of each refusal. Source: E1, E2."""

from typing import Any

from pydantic_core import to_json

from mockaxle.contract.document import ErrorShape, Operation
from mockaxle.core import errors, payment_errors, rule_errors
from mockaxle.core.errors import (
    Malformed,
    MisplacedSlash,
    OriginNotNamed,
    Refusal,
    TooManyNewWorlds,
    Unauthenticated,
    WrongVerb,
)
from mockaxle.core.reference import Style
from mockaxle.core.rule_errors import ChangeNotTaken, Invalid, MpanInvalid, MpanNotConnected
from mockaxle.world.entries import Headers, Response, Why

JSON: Headers = ((b"content-type", b"application/json"),)
UNAUTHENTICATED: Headers = ((b"www-authenticate", b"Bearer"),)

STATUS: dict[type[Refusal], int] = {
    errors.MisplacedSlash: 307,
    errors.NoSuchPath: 404,
    errors.WrongVerb: 405,
    errors.OriginNotNamed: 405,
    errors.NotAuthenticated: 401,
    errors.StaleToken: 401,
    errors.WrongPassword: 401,
    errors.AccountsFull: 503,
    errors.WorldsFull: 503,
    errors.TooManyNewWorlds: 429,
    errors.PasswordNotKept: 401,
    errors.ForeignForm: 403,
    errors.ForeignHost: 403,
    errors.RoleMissing: 403,
    rule_errors.NotEnrolled: 403,
    rule_errors.NotPriced: 403,
    rule_errors.NotDispatched: 403,
    errors.BodyTooLarge: 413,
    errors.BrokenGzip: 400,
    errors.Malformed: 422,
    rule_errors.MalformedSchedule: 422,
    errors.RefreshTokenMissing: 422,
    rule_errors.ConsentNeeded: 422,
    rule_errors.UserEmailInvalid: 422,
    rule_errors.OneSiteOnly: 403,
    rule_errors.NothingToLink: 400,
    rule_errors.BelowMinimum: 400,
    rule_errors.TooEarly: 400,
    payment_errors.AccountMissing: 400,
    payment_errors.BankDetailsWrong: 400,
    payment_errors.EmailMissing: 400,
    payment_errors.CodeRefused: 400,
    payment_errors.NameNotConfirmed: 400,
    payment_errors.MoveNotAllowed: 409,
    rule_errors.TariffInvalid: 400,
    rule_errors.EventIncomplete: 400,
    rule_errors.NoIntent: 404,
    rule_errors.NoMeter: 202,
    rule_errors.NoMeterOlder: 422,
    rule_errors.AddressIncomplete: 422,
    rule_errors.ProviderFailed: 503,
    rule_errors.ProviderTimedOut: 504,
    rule_errors.MpanInvalid: 400,
    rule_errors.MpanNotConnected: 404,
    rule_errors.SiteUnknown: 404,
    rule_errors.SiteExists: 409,
    rule_errors.SiteInUse: 400,
    rule_errors.Withdrawn: 422,
    rule_errors.AssetUnknown: 404,
    rule_errors.ModelUnknown: 404,
    rule_errors.InvalidMpan: 422,
    rule_errors.InvalidEmail: 400,
    rule_errors.ConsentMissing: 400,
    rule_errors.SiteWithoutAssets: 400,
    rule_errors.ChangeNotTaken: 422,
    rule_errors.ExternalIdRepeated: 409,
    rule_errors.ExternalIdElsewhere: 409,
    rule_errors.ExternalIdOfOtherType: 409,
    rule_errors.ExternalIdTaken: 409,
    rule_errors.AddressTaken: 409,
    rule_errors.NonDomesticSite: 422,
    rule_errors.NoAssetServes: 422,
    rule_errors.NoAssetEligible: 422,
    rule_errors.ConsentNotStored: 422,
}


def refuse(refusal: Refusal, *, query: str = "", shape: ErrorShape = "list") -> Response:
    """Answer a refused request, in the shape that its operation declares for 422."""
    status = STATUS[type(refusal)]
    if isinstance(refusal, MisplacedSlash):
        location = refusal.path + (f"?{query}" if query else "")
        return _answer(refusal, status, b"", ((b"location", location.encode("latin-1")),))
    items = _items(refusal, shape) if status == 422 else None
    body = to_json({"detail": items or _detail(refusal)})
    return _answer(refusal, status, body, JSON + _extra_headers(refusal))


def say(status: int, text: str, *, retry_after: int | None = None) -> Response:
    """Make an error that concerns the connection rather than a call."""
    return Response(status, to_json({"detail": text}), JSON + _retry_after(retry_after))


def error_answer(
    status: int, text: str, *, operation: Operation, style: Style, retry_after: int | None = None
) -> Response:
    """Make an error that no rule of the API causes, in the vendor's shape. Source: T1."""
    shape = operation.error_shape if style is Style.CONTRACT else "undeclared"
    detail: Any = text
    if status == 422 and shape == "list":
        detail = [{"loc": ("body",), "msg": text, "type": "value_error"}]
    elif status in (400, 404) and operation.key == "POST /validation/mpan":
        detail = [text]
    headers = JSON + (UNAUTHENTICATED if status == 401 else ())
    return Response(status, to_json({"detail": detail}), headers + _retry_after(retry_after))


def _retry_after(seconds: int | None) -> Headers:
    return () if seconds is None else ((b"retry-after", b"%d" % seconds),)


def _answer(refusal: Refusal, status: int, body: bytes, headers: Headers) -> Response:
    return Response(status, body, headers, why=Why((refusal.rule,), refusal.hint or refusal.remedy))


def _detail(refusal: Refusal) -> str | list[str]:
    """Return the refusal's text, or the list of reasons why an MPAN is invalid. Source: E1, E2."""
    if isinstance(refusal, MpanInvalid):
        return list(refusal.reasons)
    return [refusal.text] if isinstance(refusal, MpanNotConnected) else refusal.text


def _items(refusal: Refusal, shape: ErrorShape) -> list[dict[str, Any]] | None:
    """Return the items for the list shape of E1; None for the text shape."""
    if isinstance(refusal, Malformed | ChangeNotTaken):
        items = [{"loc": fault.loc, "msg": fault.msg, "type": fault.type} for fault in refusal.faults]
        return None if shape == "text" else items
    if shape == "list":
        field = refusal.field if isinstance(refusal, Invalid) else ()
        return [{"loc": ("body", *field), "msg": refusal.text, "type": "value_error"}]
    return None


def _extra_headers(refusal: Refusal) -> Headers:
    if isinstance(refusal, Unauthenticated):
        return UNAUTHENTICATED
    if isinstance(refusal, WrongVerb | OriginNotNamed):
        return ((b"allow", ", ".join(refusal.allowed).encode()),)
    if isinstance(refusal, TooManyNewWorlds):
        return ((b"retry-after", b"%d" % refusal.retry_after_seconds),)
    return ()
