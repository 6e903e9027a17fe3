"""Bodies and queries of the calls that are no commands. Unknown keys are refused: a misspelt one would do nothing."""

import re
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from mockaxle.core.accounts import AccountKind
from mockaxle.recordings.formats import Format
from mockaxle.scenarios.fields import Section, Username
from mockaxle.scenarios.sections import AccountSection, DailyWindow


class AccountBody(Section):
    """A further account of a world; without a password any will do."""

    username: Username
    kind: AccountKind = AccountKind.FULL
    password: Annotated[str, Field(min_length=1)] | None = None

    def section(self) -> AccountSection:
        return AccountSection(**dict(self))


class ForkBody(Section):
    """The snapshot to begin with, or today's state; the new account's username, or one that is made."""

    snapshot: str | None = None
    username: Username | None = None


class LogQuery(Section):
    """Which entries of a log; all where nothing is named."""

    operation: str | None = None
    status: int | None = None
    site: str | None = None
    text: str | None = None
    newest_first: bool = False
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class RecordingQuery(Section):
    """The form of the file, and whether the log-in of the caller that ends the log is left out."""

    format: Format = "jsonl"
    without_last_log_in: bool = False


class ScenarioQuery(Section):
    """How a world is written."""

    format: Literal["toml", "json"] = "toml"


ACCOUNT = TypeAdapter(AccountBody)
FORK = TypeAdapter(ForkBody)


def known_keys(title: str) -> list[str]:
    """The keys of a body or a query by what an error calls it, which is its class or a function around that."""
    found = next((one for one in Section.__subclasses__() if re.search(rf"\b{one.__name__}\b", title)), None)
    if found is None or issubclass(found, DailyWindow):
        return [*DailyWindow.model_fields, "from_at", "to_at"]
    return list(found.model_fields)
