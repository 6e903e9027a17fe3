"""Rule L0: the standing of a site after a call, for one dispatch method. One table, one look-up, one error.

The steps of INITIALISE and TOUCH change no standing; their rows are in the table for completeness.
"""

from enum import StrEnum
from typing import NamedTuple

from mockaxle.core.records import DispatchMethod, Standing
from mockaxle.core.rule_errors import OutOfTurn, SiteExists, SiteInUse, SiteUnknown, Withdrawn

ABSENT, OUT, IN, WITHDRAWN = Standing


class Trigger(StrEnum):
    ONBOARD = "onboard"
    ONBOARD_AGAIN = "onboard, overriding a withdrawal"
    INITIALISE = "initialise"
    ENROL = "enrol"
    ENROL_AGAIN = "enrol, overriding a withdrawal"
    UNENROL = "unenrol"
    CONSENT = "dispatch-consent"
    DECONSENT = "dispatch-deconsent of a proposition"
    DECONSENT_OTHER = "dispatch-deconsent of another method"
    REGISTER = "onboard-site-and-asset"
    OFFBOARD = "offboard"
    DELETE = "DELETE site"
    TOUCH = "read, PATCH, meter-consent, asset calls"


class Status(StrEnum):
    """The status in an answer. Source: L0, L4."""

    ENROLLED = "enrolled"
    ALREADY_ENROLLED = "already_enrolled"
    UNENROLLED = "unenrolled"
    ALREADY_UNENROLLED = "already_unenrolled"


class Move(NamedTuple):
    """The new standing and the answer; `tested` if the move needs an eligible site."""

    to: Standing
    status: Status | None = None
    tested: bool = False


Cell = Move | type[OutOfTurn]

gone, out, on, withdrawn = Move(ABSENT), Move(OUT), Move(IN), Move(WITHDRAWN)
enters, stays_in = Move(IN, Status.ENROLLED, tested=True), Move(IN, Status.ALREADY_ENROLLED)
leaves = Move(WITHDRAWN, Status.UNENROLLED)
stays_out, stays_withdrawn = Move(OUT, Status.ALREADY_UNENROLLED), Move(WITHDRAWN, Status.ALREADY_UNENROLLED)
admitted = Move(IN, tested=True)
unknown, exists, needs_override, in_use = SiteUnknown, SiteExists, Withdrawn, SiteInUse

# fmt: off
LIFECYCLE: dict[Trigger, tuple[Cell, Cell, Cell, Cell]] = {
    #                      absent    out        in         withdrawn
    Trigger.ONBOARD:         (enters,   enters,    stays_in,  needs_override),
    Trigger.ONBOARD_AGAIN:   (enters,   enters,    stays_in,  enters),
    Trigger.INITIALISE:      (out,      out,       on,        withdrawn),
    Trigger.ENROL:           (unknown,  enters,    stays_in,  needs_override),
    Trigger.ENROL_AGAIN:     (unknown,  enters,    stays_in,  enters),
    Trigger.UNENROL:         (unknown,  stays_out, leaves,    stays_withdrawn),
    Trigger.CONSENT:         (unknown,  on,        on,        on),
    Trigger.DECONSENT:       (unknown,  out,       withdrawn, withdrawn),
    Trigger.DECONSENT_OTHER: (unknown,  out,       out,       withdrawn),
    Trigger.REGISTER:        (admitted, exists,    exists,    exists),
    Trigger.OFFBOARD:        (unknown,  gone,      gone,      gone),
    Trigger.DELETE:          (unknown,  gone,      in_use,    gone),
    Trigger.TOUCH:           (unknown,  out,       on,        withdrawn),
}
# fmt: on
_COLUMN = {standing: column for column, standing in enumerate(Standing)}


def move(call: Trigger, standing: Standing, *, site_id: str, method: DispatchMethod) -> Move:
    """Look up the table's cell. Raises: OutOfTurn. Source: L0."""
    cell = LIFECYCLE[call][_COLUMN[standing]]
    if isinstance(cell, Move):
        return cell
    raise cell(site_id, method)
