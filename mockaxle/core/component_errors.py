"""Why a component token is not given, or does not reach; leaves of the tree that errors.py draws."""

from dataclasses import dataclass

from mockaxle.core.errors import Forbidden, Invalid, Refusal


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


class OneSiteOnly(Forbidden):
    rule = "A7"
    says = "A component token is for its own site; it creates no others"
    advice = "Use the organisation's token to create or onboard sites."


@dataclass(eq=False)
class NothingToLink(Refusal):
    rule = "E7"
    says = "Site {site_id} not found"
    advice = "Use the id of a live site of this account."
    site_id: str
