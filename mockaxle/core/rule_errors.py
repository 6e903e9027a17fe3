"""The refusals raised by the steps of the core: leaves of the tree drawn in errors.py."""

from dataclasses import dataclass

from mockaxle.core.errors import FieldFault, Forbidden, Malformed, Refusal


@dataclass(eq=False)
class OutOfTurn(Refusal):
    """Rule L0 does not allow the call in the site's standing."""

    site_id: str
    method: str = ""


class SiteUnknown(OutOfTurn):
    rule = "E4"
    says = "Site {site_id} not found"
    advice = "Use the id of an existing site of this account. The id of an offboarded site is never used again."


class SiteExists(OutOfTurn):
    rule = "U10"
    says = "The MPAN belongs to site {site_id}"
    advice = "Use the existing site, or offboard it first."


class SiteInUse(OutOfTurn):
    rule = "L10"
    advice = "Unenrol the site, delete its assets and withdraw its balance first, or offboard it with everything."

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
    """Shape: id is an asset's id or external id; kind is the kind of asset searched."""

    rule = "E4"
    says = "{kind} {id:.60} not found"
    advice = "Use the id of an existing asset of this account, of the right type."
    id: str
    kind: str = "Asset"


@dataclass(eq=False)
class ModelUnknown(Unknown):
    rule = "Q5"
    says = "Asset model {model!r:.60} not found"
    advice = "Use a model of the catalogue, such as zappi, or leave asset_model out."
    model: str


class Invalid(Refusal):
    """A well-formed value that the rules do not accept. Shape: field is its place in the request's body."""

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


class ConsentNeeded(Invalid):
    rule = "A8"
    says = "Boundary-meter consent is missing on the first call for a user"
    advice = "Send gave_boundary_meter_consent_at, or set consent_exempt in the world's settings."
    field = ("gave_boundary_meter_consent_at",)


@dataclass(eq=False)
class UserEmailInvalid(Invalid):
    rule = "E7"
    says = "Invalid email {email!r:.60}"
    advice = "Send one '@' with something on both sides, no white space, at most 254 characters."
    email: str
    field: tuple[str, ...] = ("user_email",)


@dataclass(eq=False)
class ChangeNotTaken(Invalid):
    """A PATCH with values that another rule refuses. Shape: faults in the document's order."""

    rule = "E7"
    advice = "Send an MPAN and an address that no other site has, and a valid email."
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
    advice = "Give each asset its own external_id."


class ExternalIdElsewhere(Conflict):
    says = "External id {external_id!r:.60} is registered at another site"
    advice = "Use another external_id, or offboard the site that has it."


@dataclass(eq=False)
class ExternalIdOfOtherType(Conflict):
    says = "External id {external_id!r:.60} is registered as a {type}"
    advice = "Send the type {type}, or another external_id."
    type: str


class ExternalIdTaken(Conflict):
    says = "External id {external_id!r:.60} is already registered"
    advice = "Use another external_id, or delete the asset that has it."


@dataclass(eq=False)
class AddressTaken(Refusal):
    rule = "U10"
    says = "The address belongs to site {site_id}"
    advice = "Use the existing site, or offboard it first."
    site_id: str


@dataclass(eq=False)
class NothingToLink(Refusal):
    rule = "E7"
    says = "Site {site_id} not found"
    advice = "Use the id of an existing site of this account."
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
        return f"Add a {' or '.join(self.types)} to the site first, or send one in the request."


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
    advice = "Send gave_boundary_meter_consent_at with this request, or POST it to the site's meter-consent first."


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
    advice = "Use the curve of a charger, a battery or an electric_vehicle, or of the site."
    asset_id: str
    type: str


@dataclass(eq=False)
class NotDispatched(Forbidden):
    rule = "V5"
    says = "Site {site_id} has neither full_asset_schedule_control nor vpp_limited_control"
    advice = "Enrol the site in full_asset_schedule_control, or add vpp_limited_control by dispatch-consent."
    site_id: str


class OneSiteOnly(Forbidden):
    rule = "A7"
    says = "A component token reaches one site only; it cannot create others"
    advice = "Use the organisation's token to create or onboard sites."


class MalformedSchedule(Malformed):
    rule = "F8"
    advice = "Send blocks that end after they start and do not overlap. Give offsets: 2026-01-20T22:00:00+00:00."


@dataclass(eq=False)
class TariffInvalid(Refusal):
    rule = "C3"
    says = "The tariff is not valid: {reason}"
    advice = "Send off_peak_times such as 23:30-05:30,13:00-14:00 and an IANA timezone such as Europe/London."
    reason: str


@dataclass(eq=False)
class EventIncomplete(Refusal):
    rule = "C1"
    says = "An event of type {event_type} needs {missing}"
    advice = "Send {missing} with the event_type."
    event_type: str
    missing: str


@dataclass(eq=False)
class NoIntent(Refusal):
    rule = "C4"
    says = "Asset {asset_id} has no intent"
    advice = "Send one with the plug-in event, or with the intent event."
    asset_id: str


class NotWithdrawable(Refusal):
    rule = "W1"


@dataclass(eq=False)
class BelowMinimum(NotWithdrawable):
    """Units: pence."""

    says = "The balance of {balance_pence} pence is below the minimum of {minimum_pence} pence"
    advice = "Wait until more flex events have earned their share, or lower minimum_withdrawal_pence in the settings."
    balance_pence: int
    minimum_pence: int


@dataclass(eq=False)
class TooEarly(NotWithdrawable):
    says = "A withdrawal is possible in {days} days, counted from the first credit"
    advice = "Move the clock with `mockaxle advance`, or lower withdrawal_min_wait_days in the settings."
    days: int


class MeterLookup(Refusal):
    """The meter-data provider does not return one meter."""


@dataclass(eq=False)
class MeterMissing(MeterLookup):
    """Shape: reason completes the sentence."""

    says = "No meter for {what:.60}: {reason}"
    advice = "Use a meter of the scenario, such as MPAN 1000000000012; `mockaxle magic` lists them."
    what: str
    reason: str = "not found"


class NoMeter(MeterMissing):
    rule = "Q7"


class NoMeterOlder(MeterMissing):
    """No meter, on a call that the document gives no 202."""

    rule = "Q9"


@dataclass(eq=False)
class AddressIncomplete(MeterLookup):
    """Shape: lack completes the sentence."""

    rule = "Q11"
    says = "Address {address!r:.60} {lack}"
    advice = "Send the whole address with its postcode, number or name first: 2 Mall Cottages, London, SW1A 1AA."
    address: str
    lack: str


@dataclass(eq=False)
class ProviderFailed(MeterLookup):
    rule = "E6"
    says = "The meter-data provider failed for {what:.60}"
    advice = "Retry later, as with any provider. In this scenario the meter always fails."
    what: str


@dataclass(eq=False)
class ProviderTimedOut(MeterLookup):
    rule = "E6"
    says = "The meter-data provider timed out for {what:.60}"
    advice = "Retry later, as with any provider. In this scenario the meter always times out."
    what: str


@dataclass(eq=False)
class MpanInvalid(Refusal):
    """Shape: all reasons, in words."""

    rule = "Q10"
    advice = "Send 13 digits, the last of which is the check digit, such as 1000000000012."
    reasons: tuple[str, ...]

    @property
    def text(self) -> str:
        return "; ".join(self.reasons)


@dataclass(eq=False)
class MpanNotConnected(Refusal):
    rule = "Q10"
    says = "MPAN {mpan} is not a connected import meter"
    advice = "Use the MPAN of an import meter that is connected, such as 1000000000012."
    mpan: str
