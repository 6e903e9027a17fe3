"""The reasons to refuse a call: one tree, whose leaves carry the data and say what is wrong.

Refusal
├── Unrouted          NoSuchPath, MisplacedSlash, WrongVerb, OriginNotNamed
├── Unauthenticated   NotAuthenticated, StaleToken, WrongPassword, PasswordNotKept
├── Forbidden         RoleMissing, ForeignForm, ForeignHost, NotEnrolled*, NotPriced*, NotDispatched*, OneSiteOnly*
├── BodyTooLarge, BrokenGzip
├── Malformed         one FieldFault per place; of a token: RefreshTokenMissing; of a schedule: MalformedSchedule*
├── NotOpened         AccountsFull, WorldsFull, TooManyNewWorlds
├── OutOfTurn*        the lifecycle does not allow the call now: SiteUnknown, SiteExists, SiteInUse, Withdrawn
├── Unknown*          AssetUnknown, ModelUnknown
├── Invalid*          InvalidMpan, InvalidEmail, ConsentMissing, SiteWithoutAssets, ConsentNeeded, UserEmailInvalid,
│                     ChangeNotTaken
├── Conflict*         ExternalIdRepeated, ExternalIdElsewhere, ExternalIdOfOtherType, ExternalIdTaken
├── AddressTaken*, NothingToLink*
├── NotAdmitted*      NonDomesticSite, NoAssetServes, NoAssetEligible, ConsentNotStored
├── TariffInvalid*, EventIncomplete*, NoIntent*
├── NotWithdrawable*  BelowMinimum, TooEarly, AccountMissing+
├── NotLinkable+      BankDetailsWrong, EmailMissing, CodeRefused, NameNotConfirmed
├── MoveNotAllowed+   a withdrawal moved by hand
├── MeterLookup*      NoMeter, NoMeterOlder, AddressIncomplete, ProviderFailed, ProviderTimedOut
└── MpanInvalid*, MpanNotConnected*

Classes with a star are in rule_errors.py, those with a plus in payment_errors.py; the steps of the core raise them. The
classes in this file concern the request, its sender and the server's capacity. Each leaf names its rule in
`contracts/behaviours.toml`. `says` states the fault and `advice` the remedy; both are filled in with the leaf's fields.
`server/refusals.py` maps leaves to status codes.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple


class Refusal(Exception):
    """A call that the rules refuse; nothing has changed. `hint` is advice for the particular request, if any."""

    rule: ClassVar[str]
    says: ClassVar[str]
    advice: ClassVar[str]
    hint: str = ""

    @property
    def text(self) -> str:
        """Describe the fault in one short line."""
        return self.says.format_map(vars(self))

    @property
    def remedy(self) -> str:
        """Describe the remedy."""
        return self.advice.format_map(vars(self))


class Unrouted(Refusal):
    rule = "G8"


@dataclass(eq=False)
class NoSuchPath(Unrouted):
    says = "Not Found"
    advice = "Use a path listed in /openapi.json."
    path: str


@dataclass(eq=False)
class MisplacedSlash(Unrouted):
    """The path exists with a trailing slash added or removed."""

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
    """A browser asks for permission (CORS) on behalf of a page of another origin."""

    says = "Method Not Allowed"
    advice = "Start the server with --cors-origin ORIGIN to allow calls from pages of that origin."
    allowed: tuple[str, ...]


class Unauthenticated(Refusal):
    rule = "A3"


class NotAuthenticated(Unauthenticated):
    says = "Not authenticated"
    advice = "Send the header 'Authorization: Bearer TOKEN', with a token from POST /auth/token-form."


class StaleToken(Unauthenticated):
    """The token is unknown, expired or revoked."""

    says = "Could not validate credentials"
    advice = "Get a new token from POST /auth/token-form: a token expires after an hour or when the server restarts."


class WrongPassword(Unauthenticated):
    rule = "A2"
    says = "Incorrect username or password"
    advice = "Send any password except '' and 'wrong'; on a shared server, the first one used with the username."


class PasswordNotKept(Unauthenticated):
    """The account was opened from the server's machine, which needs no password."""

    rule = "A2"
    says = "Incorrect username or password"
    advice = "This account was opened without a password. Use another username, or start the server with --shared."


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
    says = "Web pages of other origins may not log in; --cors-origin allows an origin"
    advice = "Start the server with --cors-origin ORIGIN, or log in from a page of the server, or without a browser."


class ForeignHost(Forbidden):
    """A browser calls a server on loopback by a host name other than this machine's."""

    rule = "A1"
    says = (
        "Web pages may not log in by this host name; --allowed-host allows a host name of this machine, and "
        "--cors-origin an origin"
    )
    advice = "Call the server by localhost or 127.0.0.1, or start it with --allowed-host HOST."


@dataclass(eq=False)
class BodyTooLarge(Refusal):
    """Shape: limit_of is the server's option that sets the limit, if any."""

    rule = "E3"
    says = "The body is larger than {limit_bytes} bytes{limit_of}"
    advice = "Send at most {limit_bytes} bytes; split longer bodies."
    limit_bytes: int
    limit_of: str = ""


@dataclass(eq=False)
class BrokenGzip(Refusal):
    rule = "R1"
    says = "{reason}"
    advice = "Send plain JSON, or JSON packed with gzip and Content-Encoding: gzip."
    reason: str


class FieldFault(NamedTuple):
    """A fault at one place of a request. Shape: loc starts with the request part, in the spelling of E5."""

    loc: tuple[str | int, ...]
    msg: str
    type: str


@dataclass(eq=False)
class Malformed(Refusal):
    rule = "E5"
    advice = "Send a request as /openapi.json describes for this operation."
    faults: tuple[FieldFault, ...]
    hint: str = ""

    @property
    def text(self) -> str:
        return "; ".join(f"{'.'.join(map(str, fault.loc))}: {fault.msg}" for fault in self.faults)


class RefreshTokenMissing(Malformed):
    rule = "U15"
    advice = "Send a refresh_token, or token_type API_KEY."


class NotOpened(Refusal):
    """A log-in that exceeds a limit of the server."""

    rule = "T5"


@dataclass(eq=False)
class AccountsFull(NotOpened):
    says = "The mock has {limit} accounts, the limit of --max-accounts"
    advice = "Use the username of an existing account, raise --max-accounts, or ask the admin to DELETE a world."
    limit: int


@dataclass(eq=False)
class WorldsFull(NotOpened):
    says = "The mock has {limit} worlds, the limit of --max-worlds with --when-full refuse"
    advice = "Raise --max-worlds, choose --when-full evict, or ask the admin to DELETE a world."
    limit: int


@dataclass(eq=False)
class TooManyNewWorlds(NotOpened):
    says = "This address has opened {limit} new worlds within a minute, the limit of --new-worlds-per-minute"
    advice = "Try again in {retry_after_seconds} seconds, or use a username whose world is open."
    limit: int
    retry_after_seconds: int
