"""Why a call is refused: one tree, whose leaves say what is wrong and carry the data.

Refusal
├── Unrouted          NoSuchPath, MisplacedSlash, WrongVerb, OriginNotNamed
├── Unauthenticated   NotAuthenticated, StaleToken, WrongPassword, PasswordNotKept (log_in_errors)
├── Forbidden         RoleMissing, NotEnrolled, NotPriced, NotDispatched, OneSiteOnly (component_errors),
│                     ForeignForm, ForeignHost (log_in_errors)
├── BodyTooLarge, BrokenGzip
├── Malformed         one FieldFault per place; of a schedule: MalformedSchedule; of a token: RefreshTokenMissing
├── OutOfTurn         the lifecycle has no way from here: SiteUnknown, SiteExists, SiteInUse, Withdrawn
├── Unknown           AssetUnknown, ModelUnknown
├── Invalid           InvalidMpan, InvalidEmail, ConsentMissing, SiteWithoutAssets, ChangeNotTaken,
│                     ConsentNeeded, UserEmailInvalid (component_errors)
├── Conflict          ExternalIdRepeated, ExternalIdElsewhere, ExternalIdOfOtherType, ExternalIdTaken
├── AddressTaken
├── TariffInvalid, EventIncomplete, NoIntent (session_errors)
├── NothingToLink     (component_errors)
├── NotWithdrawable   (reward_errors) BelowMinimum, TooEarly
├── MeterLookup       (lookup_errors) NoMeter, NoMeterOlder, AddressIncomplete, ProviderFailed, ProviderTimedOut
├── MpanInvalid, MpanNotConnected (lookup_errors)
├── NotOpened         (opening_errors) AccountsFull, WorldsFull, TooManyNewWorlds
└── NotAdmitted       NonDomesticSite, NoAssetServes, NoAssetEligible, ConsentNotStored

Each leaf names its rule in `contracts/behaviours.toml`; `says` is what is wrong and `advice` what would have worked,
both filled in with the leaf's fields. No status code here: `server/refusals.py` maps leaves to those.
"""

from dataclasses import dataclass
from typing import ClassVar


class Refusal(Exception):
    """A call that the rules refuse; nothing has changed. `hint` is advice for the very request, if there is any."""

    rule: ClassVar[str]
    says: ClassVar[str]
    advice: ClassVar[str]
    hint: str = ""

    @property
    def text(self) -> str:
        """What is wrong, in one short line."""
        return self.says.format_map(vars(self))

    @property
    def remedy(self) -> str:
        """What would have worked."""
        return self.advice.format_map(vars(self))


class Unrouted(Refusal):
    rule = "G8"


@dataclass(eq=False)
class NoSuchPath(Unrouted):
    says = "Not Found"
    advice = "Use a path of /openapi.json."
    path: str


@dataclass(eq=False)
class MisplacedSlash(Unrouted):
    """The path exists with its trailing slash added or removed."""

    says = "Temporary Redirect"
    advice = "Call {path}."
    path: str


@dataclass(eq=False)
class WrongVerb(Unrouted):
    says = "Method Not Allowed"
    allowed: tuple[str, ...]

    @property
    def remedy(self) -> str:
        return f"Use {' or '.join(self.allowed)}."


@dataclass(eq=False)
class OriginNotNamed(Unrouted):
    """A browser asks whether a page of another origin may call (CORS)."""

    says = "Method Not Allowed"
    advice = "Start the server with --cors-origin ORIGIN to let the pages of an origin call it."
    allowed: tuple[str, ...]


class Unauthenticated(Refusal):
    rule = "A3"


class NotAuthenticated(Unauthenticated):
    says = "Not authenticated"
    advice = "Send the header 'Authorization: Bearer TOKEN', with a token from POST /auth/token-form."


class StaleToken(Unauthenticated):
    """The token is unknown, expired or revoked."""

    says = "Could not validate credentials"
    advice = "Get a new token from POST /auth/token-form: one lives an hour, and none survives the server."


class WrongPassword(Unauthenticated):
    rule = "A2"
    says = "Incorrect username or password"
    advice = "Send any password but the empty one and 'wrong'; on a shared server, the account's first one."


class Forbidden(Refusal):
    pass


@dataclass(eq=False)
class RoleMissing(Forbidden):
    rule = "A4"
    says = "The role {role} is missing"
    advice = "Log in with an account that has the role {role}."
    role: str


@dataclass(eq=False)
class NotEnrolled(Forbidden):
    rule = "F9"
    says = "Site {site_id} is not enrolled in {method}"
    advice = "Enrol the site in {method} first."
    site_id: str
    method: str


@dataclass(eq=False)
class NotPriced(Forbidden):
    rule = "P1"
    says = "A {type} has no price curve"
    advice = "Ask for a charger, a battery or an electric_vehicle, or for the site."
    asset_id: str
    type: str


@dataclass(eq=False)
class NotDispatched(Forbidden):
    rule = "V5"
    says = "Site {site_id} has neither full_asset_schedule_control nor vpp_limited_control"
    advice = "Enrol the site in full_asset_schedule_control, or add vpp_limited_control by dispatch-consent."
    site_id: str


@dataclass(eq=False)
class BodyTooLarge(Refusal):
    """Shape: limit_of is the option of the server that sets the limit, if one does."""

    rule = "E3"
    says = "The body is larger than {limit_bytes} bytes{limit_of}"
    advice = "Send at most {limit_bytes} bytes; split what is longer."
    limit_bytes: int
    limit_of: str = ""


@dataclass(eq=False)
class BrokenGzip(Refusal):
    rule = "R1"
    says = "{reason}"
    advice = "Send plain JSON, or JSON packed with gzip and Content-Encoding: gzip."
    reason: str


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One wrong place of a request. Shape: loc from the request part on, as E5 spells it."""

    loc: tuple[str | int, ...]
    msg: str
    type: str


@dataclass(eq=False)
class Malformed(Refusal):
    rule = "E5"
    advice = "Send what /openapi.json describes for this operation."
    faults: tuple[FieldFault, ...]
    hint: str = ""

    @property
    def text(self) -> str:
        return "; ".join(f"{'.'.join(map(str, fault.loc))}: {fault.msg}" for fault in self.faults)


class MalformedSchedule(Malformed):
    rule = "F8"
    advice = "Send blocks that end after they start and do not overlap, with offsets: 2026-01-20T22:00:00+00:00."


class RefreshTokenMissing(Malformed):
    rule = "U15"
    advice = "Send a refresh_token, or token_type API_KEY."


@dataclass(eq=False)
class OutOfTurn(Refusal):
    """Rule L0 has no way for a call from where the site stands with a dispatch method."""

    site_id: str
    method: str = ""


class SiteUnknown(OutOfTurn):
    rule = "E4"
    says = "Site {site_id} not found"
    advice = "Use the id of a live site of this account; offboarding ends an id for good."


class SiteExists(OutOfTurn):
    rule = "U10"
    says = "The MPAN belongs to site {site_id}"
    advice = "Use the existing site, or offboard it first."


class SiteInUse(OutOfTurn):
    rule = "L10"
    advice = "Unenrol the site, delete its assets and withdraw its balance first, or offboard it with all that it has."

    @property
    def text(self) -> str:
        return f"Site {self.site_id} still has {self.method or 'assets'}"


class Withdrawn(OutOfTurn):
    rule = "L5"
    says = "Site {site_id} has withdrawn from {method}"
    advice = (
        "Send override_withdrawal: true. The vendor's lifecycle page describes a plain enrol; "
        "its API document answers that with 422."
    )


class Unknown(Refusal):
    pass


@dataclass(eq=False)
class AssetUnknown(Unknown):
    """Shape: id is an asset's id or external id; kind is what was looked for."""

    rule = "E4"
    says = "{kind} {id:.60} not found"
    advice = "Use the id of a live asset of this account and of the right type."
    id: str
    kind: str = "Asset"


@dataclass(eq=False)
class ModelUnknown(Unknown):
    rule = "Q5"
    says = "Asset model {model!r:.60} not found"
    advice = "Use a model of the catalogue, such as zappi, or leave asset_model out."
    model: str


class Invalid(Refusal):
    """A well-formed value that the rules do not take. Shape: field is its place in the request's body."""

    field: tuple[str, ...] = ()


@dataclass(eq=False)
class InvalidMpan(Invalid):
    rule = "U8"
    says = "MPAN must be 13 digits, got {mpan!r:.60}"
    advice = "Send 13 digits without spaces, such as 1000000000012."
    mpan: str
    field: tuple[str, ...]


@dataclass(eq=False)
class InvalidEmail(Invalid):
    rule = "U7"
    says = "Invalid email {email!r:.60}"
    advice = "Send one '@' with something on both sides, no white space, at most 254 characters."
    email: str


class ConsentMissing(Invalid):
    rule = "U7"
    says = "Boundary-meter consent is missing"
    advice = "Send gave_boundary_meter_consent_at, or an asset with a CoP11-qualified model and an installation date."


@dataclass(eq=False)
class SiteWithoutAssets(Invalid):
    rule = "L6"
    says = "Site {site_id} has no assets to offboard"
    advice = "Unenrol the site, then DELETE it."
    site_id: str


@dataclass(eq=False)
class ChangeNotTaken(Invalid):
    """A PATCH whose values another rule refuses. Shape: faults in the document's order."""

    rule = "E7"
    advice = "Send an MPAN and an address that no other live site has, and a valid email."
    faults: tuple[FieldFault, ...]

    @property
    def text(self) -> str:
        return "; ".join(fault.msg for fault in self.faults)


@dataclass(eq=False)
class Conflict(Refusal):
    rule = "U6"
    external_id: str


class ExternalIdRepeated(Conflict):
    says = "External id {external_id!r:.60} occurs twice in the request"
    advice = "Give each asset an external_id of its own."


class ExternalIdElsewhere(Conflict):
    says = "External id {external_id!r:.60} is registered at another site"
    advice = "Use another external_id, or offboard the site that has it."


@dataclass(eq=False)
class ExternalIdOfOtherType(Conflict):
    says = "External id {external_id!r:.60} is registered as a {type}"
    advice = "Send the type {type}, or another external_id."
    type: str


class ExternalIdTaken(Conflict):
    says = "External id {external_id!r:.60} is registered already"
    advice = "Use another external_id, or delete the asset that has it."


@dataclass(eq=False)
class AddressTaken(Refusal):
    rule = "U10"
    says = "The address belongs to site {site_id}"
    advice = "Use the existing site, or offboard it first."
    site_id: str


@dataclass(eq=False)
class NotAdmitted(Refusal):
    """The site may not enter a dispatch method."""

    method: str


class NonDomesticSite(NotAdmitted):
    rule = "Q1"
    says = "Not eligible for {method}: non_domestic_site"
    advice = "Only homes take part; check the MPAN."


@dataclass(eq=False)
class NoAssetServes(NotAdmitted):
    rule = "Q4"
    types: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Not eligible for {self.method}: no asset is a {' or '.join(self.types)}"

    @property
    def remedy(self) -> str:
        return f"Add a {' or '.join(self.types)} to the site first, or send it along."


@dataclass(eq=False)
class NoAssetEligible(NotAdmitted):
    """Shape: issues as the codes of Q3."""

    rule = "Q1"
    advice = "Use a half-hourly-settled site, or an asset with a CoP11-qualified asset_model and an installation_date."
    issues: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Not eligible for {self.method}: {', '.join(self.issues)}"


class ConsentNotStored(NotAdmitted):
    rule = "Q2"
    says = "Not eligible for {method}: consent to the boundary meter is missing"
    advice = "Send gave_boundary_meter_consent_at along, or POST it to the site's meter-consent first."
