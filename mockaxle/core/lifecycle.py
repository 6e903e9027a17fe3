"""Rule L0: where a call takes a site, for one dispatch method. One table, one look-up, one error."""

from dataclasses import dataclass
from enum import StrEnum

from mockaxle.core.errors import Withdrawn
from mockaxle.core.records import DispatchMethod, Site, Standing

ABSENT, OUT, IN, WITHDRAWN = Standing


class Call(StrEnum):
    ONBOARD = "onboard"
    ONBOARD_AGAIN = "onboard, overriding a withdrawal"


class Status(StrEnum):
    """What a call answers. Source: L0, L4."""

    ENROLLED = "enrolled"
    ALREADY_ENROLLED = "already_enrolled"


@dataclass(frozen=True, slots=True)
class Move:
    """The standing afterwards and the answer; `tested` where the site must be eligible to get there."""

    to: Standing
    status: Status
    tested: bool = False


ENTERS = Move(IN, Status.ENROLLED, tested=True)
STAYS = Move(IN, Status.ALREADY_ENROLLED)
REFUSED = None

# fmt: off
LIFECYCLE: dict[Call, tuple[Move | None, Move | None, Move | None, Move | None]] = {
    #                    absent  out     in     withdrawn
    Call.ONBOARD:       (ENTERS, ENTERS, STAYS, REFUSED),
    Call.ONBOARD_AGAIN: (ENTERS, ENTERS, STAYS, ENTERS),
}
# fmt: on
_COLUMN = {standing: column for column, standing in enumerate(Standing)}


def move(call: Call, site: Site, *, method: DispatchMethod) -> Move:
    """Where the call takes the site. Raises: Withdrawn. Source: L0."""
    found = LIFECYCLE[call][_COLUMN[site.standing(method)]]
    if found is None:
        raise Withdrawn(site.id, method)
    return found
