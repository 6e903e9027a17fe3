"""Why a call is refused: one tree, whose leaves say what is wrong and carry the data.

Refusal
├── Unrouted          NoSuchPath, MisplacedSlash, WrongVerb, OriginNotNamed
├── Unauthenticated   NotAuthenticated, StaleToken, WrongPassword, PasswordNotKept
├── Forbidden         RoleMissing, ForeignForm, ForeignHost, NotEnrolled*, NotPriced*, NotDispatched*, OneSiteOnly*
├── BodyTooLarge, BrokenGzip
├── Malformed         one FieldFault per place; of a token: RefreshTokenMissing; of a schedule: MalformedSchedule*
├── NotOpened         AccountsFull, WorldsFull, TooManyNewWorlds
├── OutOfTurn*        the lifecycle has no way from here: SiteUnknown, SiteExists, SiteInUse, Withdrawn
├── Unknown*          AssetUnknown, ModelUnknown
├── Invalid*          InvalidMpan, InvalidEmail, ConsentMissing, SiteWithoutAssets, ConsentNeeded, UserEmailInvalid,
│                     ChangeNotTaken
├── Conflict*         ExternalIdRepeated, ExternalIdElsewhere, ExternalIdOfOtherType, ExternalIdTaken
├── AddressTaken*, NothingToLink*
├── NotAdmitted*      NonDomesticSite, NoAssetServes, NoAssetEligible, ConsentNotStored
├── TariffInvalid*, EventIncomplete*, NoIntent*
├── NotWithdrawable*  BelowMinimum, TooEarly
├── MeterLookup*      NoMeter, NoMeterOlder, AddressIncomplete, ProviderFailed, ProviderTimedOut
└── MpanInvalid*, MpanNotConnected*

Those with a star are in rule_errors.py: the steps of the core raise them. Those in this file are about the request, who
sends it and the room that the server has. Each leaf names its rule in `contracts/behaviours.toml`; `says` is what is
wrong and `advice` what would have worked, both filled in with the leaf's fields. No status code here:
`server/refusals.py` maps leaves to those.
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


class PasswordNotKept(Unauthenticated):
    """The account was opened from the server's own machine, where any password will do."""

    rule = "A2"
    says = "Incorrect username or password"
    advice = "Choose another username, or start the server with --shared: this account was opened without a password."


class Forbidden(Refusal):
    pass


@dataclass(eq=False)
class RoleMissing(Forbidden):
    rule = "A4"
    says = "The role {role} is missing"
    advice = "Log in with an account that has the role {role}."
    role: str


class ForeignForm(Forbidden):
    """A browser sends the log-in for a page of another origin."""

    rule = "A1"
    says = "A web page of another origin may not log in; --cors-origin names the origins whose pages may"
    advice = "Start the server with --cors-origin ORIGIN, or log in from a page of the server or without a browser."


class ForeignHost(Forbidden):
    """A browser calls a server on loopback by a name that is not of this machine."""

    rule = "A1"
    says = (
        "A web page may not log in by this host name; --allowed-host names further ones of this machine, and "
        "--cors-origin the origins whose pages may log in"
    )
    advice = "Call the server by localhost or 127.0.0.1, or start it with --allowed-host HOST."


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


class RefreshTokenMissing(Malformed):
    rule = "U15"
    advice = "Send a refresh_token, or token_type API_KEY."


class NotOpened(Refusal):
    """A log-in for which the server has no room."""

    rule = "T5"


@dataclass(eq=False)
class AccountsFull(NotOpened):
    says = "The mock keeps {limit} accounts already, and --max-accounts allows no more"
    advice = "Use a username that has an account, raise --max-accounts, or have the admin DELETE a world."
    limit: int


@dataclass(eq=False)
class WorldsFull(NotOpened):
    says = "The mock keeps {limit} worlds already, and --max-worlds allows no more with --when-full refuse"
    advice = "Raise --max-worlds, choose --when-full evict, or have the admin DELETE a world."
    limit: int


@dataclass(eq=False)
class TooManyNewWorlds(NotOpened):
    says = "{limit} new worlds within a minute from one address are the limit of --new-worlds-per-minute"
    advice = "Try again in {retry_after_seconds} seconds, or use a username whose world is open."
    limit: int
    retry_after_seconds: int
