"""Why a call is refused: one tree, whose leaves say what is wrong and carry the data.

Refusal
├── Unrouted          NoSuchPath, MisplacedSlash, WrongVerb
├── Unauthenticated   NotAuthenticated, StaleToken, WrongPassword
├── Forbidden         RoleMissing, NotEnrolled
├── BodyTooLarge
├── Malformed         one Fault per place; of a schedule: MalformedSchedule
├── Unknown           SiteUnknown, AssetUnknown
├── Invalid           InvalidMpan, InvalidEmail, ConsentMissing
├── Conflict          ExternalIdRepeated, ExternalIdElsewhere, ExternalIdOfOtherType
└── NotAdmitted       Withdrawn, NotEligible

Each leaf names its rule in `contracts/behaviours.toml`, and `remedy` says what would have worked.
No status code here: `server/refusals.py` maps leaves to those.
"""

from dataclasses import dataclass
from typing import ClassVar


class Refusal(Exception):
    """A call that the rules refuse; nothing has changed."""

    rule: ClassVar[str]

    @property
    def text(self) -> str:
        """What is wrong, in one short line."""
        raise NotImplementedError  # every leaf says its own; tests/core/test_errors.py proves it

    @property
    def remedy(self) -> str:
        """What would have worked."""
        raise NotImplementedError  # as for text


class Unrouted(Refusal):
    rule = "G8"


@dataclass(eq=False)
class NoSuchPath(Unrouted):
    path: str
    text = "Not Found"

    @property
    def remedy(self) -> str:
        return "Use a path of /openapi.json."


@dataclass(eq=False)
class MisplacedSlash(Unrouted):
    """The path exists with its trailing slash added or removed."""

    path: str
    text = "Temporary Redirect"

    @property
    def remedy(self) -> str:
        return f"Call {self.path}."


@dataclass(eq=False)
class WrongVerb(Unrouted):
    allowed: tuple[str, ...]
    text = "Method Not Allowed"

    @property
    def remedy(self) -> str:
        return f"Use {' or '.join(self.allowed)}."


class Unauthenticated(Refusal):
    pass


class NotAuthenticated(Unauthenticated):
    rule = "A3"
    text = "Not authenticated"
    remedy = "Send the header 'Authorization: Bearer TOKEN', with a token from POST /auth/token-form."


class StaleToken(Unauthenticated):
    """The token is unknown, expired or revoked."""

    rule = "A3"
    text = "Could not validate credentials"
    remedy = "Get a new token from POST /auth/token-form: one lives an hour, and none survives the server."


class WrongPassword(Unauthenticated):
    rule = "A2"
    text = "Incorrect username or password"
    remedy = "Send any password but the empty one and 'wrong'; off loopback, the one that first opened the account."


class Forbidden(Refusal):
    pass


@dataclass(eq=False)
class RoleMissing(Forbidden):
    rule = "A4"
    role: str

    @property
    def text(self) -> str:
        return f"The role {self.role} is missing"

    @property
    def remedy(self) -> str:
        return f"Log in with an account that has the role {self.role}."


@dataclass(eq=False)
class NotEnrolled(Forbidden):
    rule = "F9"
    site_id: str
    method: str

    @property
    def text(self) -> str:
        return f"Site {self.site_id} is not enrolled in {self.method}"

    @property
    def remedy(self) -> str:
        return f"Enrol the site in {self.method} first."


@dataclass(eq=False)
class BodyTooLarge(Refusal):
    rule = "E3"
    limit_bytes: int

    @property
    def text(self) -> str:
        return f"The body is larger than {self.limit_bytes} bytes"

    @property
    def remedy(self) -> str:
        return f"Send at most {self.limit_bytes} bytes; split what is longer."


@dataclass(frozen=True, slots=True)
class Fault:
    """One malformed place of a request. Shape: loc from the request part on, as E5 spells it."""

    loc: tuple[str | int, ...]
    msg: str
    type: str


@dataclass(eq=False)
class Malformed(Refusal):
    rule = "E5"
    faults: tuple[Fault, ...]

    @property
    def text(self) -> str:
        return "; ".join(f"{'.'.join(map(str, fault.loc))}: {fault.msg}" for fault in self.faults)

    @property
    def remedy(self) -> str:
        return "Send what /openapi.json describes for this operation."


class MalformedSchedule(Malformed):
    rule = "F8"

    @property
    def remedy(self) -> str:
        return "Send blocks that end after they start and do not overlap, with offsets: 2026-01-20T22:00:00+00:00."


class Unknown(Refusal):
    rule = "E4"


@dataclass(eq=False)
class SiteUnknown(Unknown):
    site_id: str

    @property
    def text(self) -> str:
        return f"Site {self.site_id} not found"

    @property
    def remedy(self) -> str:
        return "Use the id of a live site of this account; offboarding ends an id for good."


@dataclass(eq=False)
class AssetUnknown(Unknown):
    asset_id: str
    kind: str = "Asset"

    @property
    def text(self) -> str:
        return f"{self.kind} {self.asset_id} not found"

    @property
    def remedy(self) -> str:
        return f"Use the id of a live {self.kind.lower()} of this account."


class Invalid(Refusal):
    """A well-formed value that the rules do not take. Shape: field is the place in the request's body."""

    field: tuple[str, ...]


@dataclass(eq=False)
class InvalidMpan(Invalid):
    rule = "U8"
    mpan: str
    field: tuple[str, ...] = ("site", "mpan")

    @property
    def text(self) -> str:
        return f"MPAN must be 13 digits, got {shorten(self.mpan)}"

    @property
    def remedy(self) -> str:
        return "Send 13 digits without spaces, such as 1234567890123."


@dataclass(eq=False)
class InvalidEmail(Invalid):
    rule = "U7"
    email: str
    field: tuple[str, ...] = ("site", "email")

    @property
    def text(self) -> str:
        return f"Invalid email {shorten(self.email)}"

    @property
    def remedy(self) -> str:
        return "Send one '@' with something on both sides, no white space, at most 254 characters."


@dataclass(eq=False)
class ConsentMissing(Invalid):
    rule = "U7"
    field: tuple[str, ...] = ("site", "gave_boundary_meter_consent_at")
    text = "Boundary-meter consent is missing"

    @property
    def remedy(self) -> str:
        return "Send gave_boundary_meter_consent_at, or an asset with a CoP11-qualified model and an installation date."


class Conflict(Refusal):
    rule = "U6"


@dataclass(eq=False)
class ExternalIdRepeated(Conflict):
    external_id: str

    @property
    def text(self) -> str:
        return f"External id {shorten(self.external_id)} occurs twice in the request"

    @property
    def remedy(self) -> str:
        return "Give each asset an external_id of its own."


@dataclass(eq=False)
class ExternalIdElsewhere(Conflict):
    external_id: str

    @property
    def text(self) -> str:
        return f"External id {shorten(self.external_id)} is registered at another site"

    @property
    def remedy(self) -> str:
        return "Use another external_id, or offboard the site that has it."


@dataclass(eq=False)
class ExternalIdOfOtherType(Conflict):
    external_id: str
    type: str

    @property
    def text(self) -> str:
        return f"External id {shorten(self.external_id)} is registered as a {self.type}"

    @property
    def remedy(self) -> str:
        return f"Send the type {self.type}, or another external_id."


class NotAdmitted(Refusal):
    """The site may not enter a dispatch method."""


@dataclass(eq=False)
class Withdrawn(NotAdmitted):
    rule = "L5"
    site_id: str
    method: str

    @property
    def text(self) -> str:
        return f"Site {self.site_id} has withdrawn from {self.method}"

    @property
    def remedy(self) -> str:
        return (
            "Send override_withdrawal: true. The vendor's lifecycle page describes a plain enrol; "
            "its API document answers that with 422."
        )


@dataclass(eq=False)
class NotEligible(NotAdmitted):
    """Shape: causes in words, each naming the rule it comes from."""

    rule = "Q1"
    method: str
    causes: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Not eligible for {self.method}: {', '.join(self.causes)}"

    @property
    def remedy(self) -> str:
        return (
            "Use a domestic site that is half-hourly settled and has consent, "
            "or a CoP11-qualified asset_model with an installation_date."
        )


def shorten(text: str, *, limit: int = 60) -> str:
    """A user's text in quotes, cut where it would make a message unreadable."""
    return repr(text if len(text) <= limit else text[:limit] + "...")
