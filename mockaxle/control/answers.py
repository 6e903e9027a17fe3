"""What control answers on clock, faults and log, for the document from which clients generate types."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter

from mockaxle.control.answer import ControlAnswer
from mockaxle.control.site_answers import ExplainedFlexEvent, ListedTransaction, ListedWithdrawal, SiteAnswer, SitePage
from mockaxle.core.emails import EmailKind
from mockaxle.core.messages import AwkwardKind, DeliveryOutcome, MessageKind, MessageStatus, MessageType
from mockaxle.core.receivers import SignedAt
from mockaxle.core.records import (
    PaymentStatus,
)
from mockaxle.world.faults import FaultKind

REFERENCE = "#/components/schemas/{model}"
"""How a schema of the document refers to another."""


class ClockAnswer(ControlAnswer):
    now: AwareDatetime
    mode: Literal["real", "shifted", "frozen", "rate"]
    rate: float


class ReadClock(ClockAnswer):
    """advancing_to is the instant to which the clock advances step by step, null if it does not."""

    advancing_to: AwareDatetime | None


class AdvancedClock(ReadClock):
    """`reached` says whether the clock is at its target; `attempts` were made at deliveries, `waiting` are left."""

    reached: bool
    attempts: int
    waiting: int


class ListedReceiver(ControlAnswer):
    """Without event_types it gets all of its kind. Units: ms."""

    name: str
    url: str
    kind: MessageKind
    event_types: list[MessageType] | None
    timeout_ms: int
    signed_at: SignedAt
    held: bool
    has_secret: bool
    parallel: int


class AddedReceiver(ListedReceiver):
    """The secret is answered if the call had none."""

    secret: str = ""


class ReceiverList(ControlAnswer):
    receivers: list[ListedReceiver]


class Released(ControlAnswer):
    """The number of messages that are no longer held."""

    released: int


class AddedFault(ControlAnswer):
    id: str


class ListedFault(ControlAnswer):
    """A rule with the fields that differ from their defaults; `met` calls matched it; it happened to `taken`."""

    model_config = ConfigDict(extra="allow")

    id: str
    kind: FaultKind
    met: int
    taken: int


class FaultList(ControlAnswer):
    faults: list[ListedFault]
    magic_names: dict[str, int]


class FaultCount(ControlAnswer):
    faults: int


class Nothing(ControlAnswer):
    pass


class LoggedExchange(ControlAnswer):
    """A call of the API. A call delayed before the work has two: on arrival, with a null status, and when answered."""

    number: int
    at: AwareDatetime
    account: str | None
    operation: str | None
    method: str
    path: str
    status: int | None
    rules: list[str]
    awkward: list[str] = Field(default=[])
    fault: dict[str, Any] = Field(default={})


class LoggedCommand(ControlAnswer):
    """A call of control that changed the world."""

    number: int
    at: AwareDatetime
    command: str
    path: dict[str, str]
    body: dict[str, Any]


class LoggedDelivery(ControlAnswer):
    """What a receiver answered to an attempt at a message, by its id. Units: ms."""

    number: int
    at: AwareDatetime
    delivery: str
    receiver: str
    attempt: int
    outcome: DeliveryOutcome
    status: int | None
    error: str | None
    ms: int
    parallel: int = 1
    awkward: AwkwardKind | None = None
    via: str = ""


class LogPage(ControlAnswer):
    entries: list[LoggedExchange | LoggedCommand | LoggedDelivery]
    total: int
    dropped: int
    last: int


class NearMiss(ControlAnswer):
    entry: int
    call: str
    status: int
    differs: list[str]


class CallVerdict(ControlAnswer):
    count: int
    entries: list[int]
    problem: str = ""
    near_misses: list[NearMiss] = Field(default=[])


class NearDelivery(ControlAnswer):
    """An attempt at a message, by its id."""

    entry: int
    delivery: str
    receiver: str
    attempt: int
    outcome: DeliveryOutcome
    differs: list[str]


class DeliveryVerdict(ControlAnswer):
    count: int
    entries: list[int]
    problem: str = ""
    near_misses: list[NearDelivery] = Field(default=[])


class Verification(ControlAnswer):
    verified: bool
    calls: list[CallVerdict]
    deliveries: list[DeliveryVerdict]
    detail: str = ""


class ListedAttempt(ControlAnswer):
    """A call of a receiver. Units: ms."""

    attempt: int
    at: AwareDatetime
    real_at: AwareDatetime
    outcome: DeliveryOutcome
    status: int | None
    error: str | None
    ms: int
    awkward: AwkwardKind | None


class ListedMessage(ControlAnswer):
    """What the platform says: an envelope, or a bare schedule, as JSON."""

    number: int
    id: str
    type: MessageType
    kind: MessageKind
    status: MessageStatus
    created_at: AwareDatetime
    site_id: str | None
    asset_id: str | None
    event_id: str | None
    receiver: str | None
    body: dict[str, Any]
    attempts: list[ListedAttempt]
    next_at: AwareDatetime | None
    reason: str | None
    awkward: AwkwardKind | None


class ClaimedAttempt(ControlAnswer):
    """The request to send, with a body in base64, which is shorter than its Content-Length if it is cut."""

    attempt: int
    headers: dict[str, str]
    body_base64: str
    url_path: str


class AwkwardDeliveriesAnswer(ControlAnswer):
    """count is how many awkward messages are left, null for no end."""

    kinds: list[AwkwardKind]
    probability: float
    count: int | None


class MessagePage(ControlAnswer):
    messages: list[ListedMessage]
    dropped: int


class Replanned(ControlAnswer):
    """The ids of the messages with the new plans."""

    messages: list[str]


class WithdrawalList(ControlAnswer):
    withdrawals: list[ListedWithdrawal]


class MovedWithdrawal(ControlAnswer):
    transaction_id: str
    status: PaymentStatus


class ListedEmail(ControlAnswer):
    """The link opens the withdrawal page; it is null if the e-mail has none."""

    at: AwareDatetime
    to: str
    kind: EmailKind
    text: str
    link: str | None


class EmailList(ControlAnswer):
    emails: list[ListedEmail]


class MoneyAnswer(ControlAnswer):
    site_id: str
    balance_pence: int
    transactions: list[ListedTransaction]
    flex_events: list[ExplainedFlexEvent]


class RefusedCall(ControlAnswer):
    detail: str


ANSWERS: Mapping[str, type[ControlAnswer]] = {
    "GET /clock": ReadClock,
    "PUT /clock": ClockAnswer,
    "POST /clock/advance": AdvancedClock,
    "GET /faults": FaultList,
    "POST /faults": AddedFault,
    "DELETE /faults": FaultCount,
    "DELETE /faults/{id}": Nothing,
    "GET /log": LogPage,
    "GET /messages": MessagePage,
    "POST /messages/release": Released,
    "POST /messages": ListedMessage,
    "POST /messages/{id}/send": ListedMessage,
    "POST /messages/{id}/attempts": ClaimedAttempt,
    "PUT /messages/{id}/attempts/{n}": ListedMessage,
    "GET /awkward-deliveries": AwkwardDeliveriesAnswer,
    "PUT /awkward-deliveries": AwkwardDeliveriesAnswer,
    "DELETE /awkward-deliveries": AwkwardDeliveriesAnswer,
    "GET /receivers": ReceiverList,
    "GET /receivers/{name}": ListedReceiver,
    "PUT /receivers/{name}": AddedReceiver,
    "DELETE /receivers/{name}": Nothing,
    "GET /withdrawals": WithdrawalList,
    "POST /withdrawals/{transaction_id}": MovedWithdrawal,
    "GET /emails": EmailList,
    "GET /money/{site_id}": MoneyAnswer,
    "GET /sites": SitePage,
    "GET /sites/{site_id}": SiteAnswer,
    "POST /replan": Replanned,
    "POST /verify": Verification,
}
"""By the key of an endpoint."""

SUCCESSES = {"DELETE /worlds/{world}": "204"}
"""Statuses of successes other than 200."""

REFUSALS: Mapping[str, Mapping[str, type[ControlAnswer]]] = {"POST /verify": {"409": Verification}}
"""Refusals that hold more than a detail, by status."""


def answer_schema(answer: type[ControlAnswer], schemas: dict[str, Any]) -> dict[str, Any]:
    """A reference to an answer's schema, which is added to those of the document."""
    schema = TypeAdapter(answer).json_schema(ref_template=REFERENCE)
    schemas |= schema.pop("$defs", {}) | {answer.__name__: schema}
    return {"$ref": f"#/components/schemas/{answer.__name__}"}
