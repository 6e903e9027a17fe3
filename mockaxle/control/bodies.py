"""Bodies and queries of the calls that are not commands. Unknown keys are refused."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StrictInt, TypeAdapter, model_validator

from mockaxle.core.accounts import AccountKind
from mockaxle.core.messages import AwkwardKind, MessageStatus, MessageType
from mockaxle.recordings.formats import Format
from mockaxle.scenarios.fields import Section, Username
from mockaxle.scenarios.sections import AccountSection, DailyWindow

MAX_WAIT_SECONDS = 60
MAX_ERROR, MAX_MS = 200, 3_600_000

Wait = Annotated[float, Field(ge=0, le=MAX_WAIT_SECONDS, allow_inf_nan=False)]


class AccountBody(Section):
    """A further account of a world. Without a password it accepts any."""

    username: Username
    kind: AccountKind = AccountKind.FULL
    password: Annotated[str, Field(min_length=1)] | None = None

    def section(self) -> AccountSection:
        return AccountSection(**dict(self))


class ForkBody(Section):
    """The snapshot to start from, by default the present state; the new account's username, by default a made one."""

    snapshot: str | None = None
    username: Username | None = None


class LogQuery(Section):
    """Filters for the entries of a log, by default all. Units: seconds to wait for the first one that matches."""

    operation: str | None = None
    status: int | None = None
    site: str | None = None
    text: str | None = None
    newest_first: bool = False
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Annotated[int, Field(ge=0)] = 0
    wait: Wait = 0


class MessageQuery(Section):
    """Filters for messages, by default all. Units: seconds to wait for the first one that matches.

    A claimable one is for a held receiver and may be claimed now.
    """

    type: MessageType | None = None
    asset: str | None = None
    status: MessageStatus | None = None
    receiver: str | None = None
    claimable: bool = False
    after: Annotated[int, Field(ge=0)] = 0
    wait: Wait = 0


class SendMessage(Section):
    """How the message is sent, by default as usual."""

    as_: Annotated[AwkwardKind | None, Field(alias="as")] = None


class ReportAttempt(Section):
    """What became of a claimed attempt: the answer's status, or the error. Units: ms of the caller's clock."""

    status: Annotated[StrictInt, Field(ge=100, le=999)] | None = None
    error: Annotated[str, Field(min_length=1, max_length=MAX_ERROR)] | None = None
    ms: Annotated[StrictInt, Field(ge=0, le=MAX_MS)] = 0

    @model_validator(mode="after")
    def one_outcome(self) -> "ReportAttempt":
        if (self.status is None) == (self.error is None):
            raise ValueError("takes either status or error")
        return self


class SitesQuery(Section):
    """The text that sites have in an id, MPAN, address, e-mail, user or external id, by default all sites."""

    text: str = ""
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class RecordingQuery(Section):
    """The format of the file, and whether to leave out the caller's log-in at the end of the log."""

    format: Format = "jsonl"
    without_last_log_in: bool = False


class ScenarioQuery(Section):
    """The format of the file."""

    format: Literal["toml", "json"] = "toml"


ACCOUNT = TypeAdapter(AccountBody)
FORK = TypeAdapter(ForkBody)
SEND = TypeAdapter(SendMessage)
REPORT = TypeAdapter(ReportAttempt)


def known_keys(title: str) -> list[str]:
    """Return the keys of a body or query by the title of an error: its class, or a function around that."""
    found = next((one for one in _below(Section) if re.search(rf"\b{one.__name__}\b", title)), None)
    if found is None or issubclass(found, DailyWindow):
        return [*DailyWindow.model_fields, "from_at", "to_at"]
    return [field.alias or name for name, field in found.model_fields.items()]


def _below(section: type[Section]) -> Iterator[type[Section]]:
    """Yield the classes that derive from a section, also through others."""
    for one in section.__subclasses__():
        yield one
        yield from _below(one)
