"""The answers to control calls that are refused: each error with its status and detail."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.responses import Response

from mockaxle.control.access import Denied
from mockaxle.control.bodies import known_keys
from mockaxle.control.reading import refused
from mockaxle.scenarios.problems import ScenarioRefused
from mockaxle.scenarios.wording import words
from mockaxle.world.commands.refusals import (
    CommandRefused,
    EventEndsBeforeStart,
    ReceiverNameRefused,
    TargetRefused,
    TooManyForks,
    WithdrawalUnknown,
)

REFUSING = (Denied, CommandRefused, ValidationError, ScenarioRefused)
"""The errors of a call that is refused."""

UNPROCESSABLE = (EventEndsBeforeStart, ReceiverNameRefused, TargetRefused)
"""The refusals that depend on the body alone."""


def refusal(error: Exception) -> Response:
    """Return the answer to an error of REFUSING. A wrong body or scenario is answered with every wrong place."""
    if isinstance(error, Denied):
        return refused(error.status, error.text)
    if isinstance(error, CommandRefused):
        return _command_refused(error)
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False)[:100]
        return refused(422, "; ".join(f"{_place(one)}: {words(one, known=known_keys(error.title))}" for one in found))
    assert isinstance(error, ScenarioRefused)
    return refused(422, str(error))


def _command_refused(error: CommandRefused) -> Response:
    if isinstance(error, TooManyForks):
        return refused(429, error.text, retry_after_seconds=error.retry_after_seconds)
    if isinstance(error, WithdrawalUnknown):
        return refused(404, error.text)
    return refused(422 if isinstance(error, UNPROCESSABLE) else 409, error.text)


def _place(found: ErrorDetails) -> str:
    """Name the place of a fault, without the shape that pydantic tried."""
    return ".".join(str(part) for part in found["loc"] if part not in ("daily", "single")) or "body"
