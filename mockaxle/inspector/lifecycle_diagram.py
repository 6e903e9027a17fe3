"""The vendor's lifecycle diagram of a site, with its present state and the transitions that were taken."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

UNSEEN, INACTIVE, ACTIVE, DELETED = "Unseen", "Inactive", "Active", "Deleted"
STATES = (UNSEEN, INACTIVE, ACTIVE, DELETED)
BOX_X, BOX_WIDTH, BOX_HEIGHT, GAP, SIDE = 160, 200, 62, 50, 72
WIDTH, HEIGHT = 500, 4 * BOX_HEIGHT + 3 * GAP + 12
MIDDLE = BOX_X + BOX_WIDTH // 2


class StateBox(NamedTuple):
    """A state of the diagram. Shape: lines name what is in it. Units: pixels of the drawing."""

    name: str
    y: int
    lines: tuple[str, ...]
    is_present: bool


class TransitionArrow(NamedTuple):
    """A transition of the diagram. Shape: entries are those of the log by which it was taken; d is a path of SVG."""

    label: str
    d: str
    x: int
    y: int
    anchor: str
    entries: tuple[int, ...]


def _y(state: str) -> int:
    return 6 + STATES.index(state) * (BOX_HEIGHT + GAP)


def _straight(start: str, end: str, *, shift: int) -> tuple[str, int, int, str]:
    """Draw an arrow between neighbours, beside the middle."""
    x, is_down = MIDDLE + shift, _y(start) < _y(end)
    top, bottom = min(_y(start), _y(end)) + BOX_HEIGHT, max(_y(start), _y(end))
    d = f"M{x} {top} V{bottom - 4}" if is_down else f"M{x} {bottom} V{top + 4}"
    return d, x + (8 if shift >= 0 else -8), (top + bottom) // 2 + 5, "start" if shift >= 0 else "end"


def _around(start: str, end: str, *, is_left: bool) -> tuple[str, int, int, str]:
    """Draw an arrow past a state between, at one side."""
    side, far = (BOX_X, BOX_X - SIDE) if is_left else (BOX_X + BOX_WIDTH, BOX_X + BOX_WIDTH + SIDE)
    first, last = _y(start) + BOX_HEIGHT // 2, _y(end) + BOX_HEIGHT // 2
    d = f"M{side} {first} H{far} V{last} H{side - 4 if is_left else side + 4}"
    return d, far + (-6 if is_left else 6), (first + last) // 2 + 5, "end" if is_left else "start"


ARROWS: Mapping[tuple[str, str], tuple[str, tuple[str, int, int, str]]] = {
    (UNSEEN, INACTIVE): ("initialise", _straight(UNSEEN, INACTIVE, shift=0)),
    (UNSEEN, ACTIVE): ("onboard", _around(UNSEEN, ACTIVE, is_left=True)),
    (INACTIVE, ACTIVE): ("enrol, onboard", _straight(INACTIVE, ACTIVE, shift=-24)),
    (ACTIVE, INACTIVE): ("unenrol", _straight(ACTIVE, INACTIVE, shift=24)),
    (ACTIVE, DELETED): ("offboard", _straight(ACTIVE, DELETED, shift=0)),
    (INACTIVE, DELETED): ("offboard", _around(INACTIVE, DELETED, is_left=False)),
}
"""Source: L0."""


class LifecycleDiagram(NamedTuple):
    """Units: pixels of the drawing."""

    boxes: tuple[StateBox, ...]
    arrows: tuple[TransitionArrow, ...]
    width: int = WIDTH
    height: int = HEIGHT
    box_x: int = BOX_X
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT
    middle: int = MIDDLE


def lifecycle_diagram(standings: Mapping[str, str], transitions: Sequence[Mapping[str, Any]]) -> LifecycleDiagram:
    """Draw where a site is. Shape: standings are states by dispatch method, transitions as control describes them."""
    taken = _taken(transitions)
    boxes = tuple(_box(state, standings) for state in STATES)
    arrows = tuple(
        TransitionArrow(label, *place, entries=taken.get(ends, ())) for ends, (label, place) in ARROWS.items()
    )
    return LifecycleDiagram(boxes, arrows)


def _box(state: str, standings: Mapping[str, str]) -> StateBox:
    inside = {method: standing for method, standing in standings.items() if standing.startswith(state)}
    lines = tuple(method + standing.removeprefix(state) for method, standing in inside.items())
    return StateBox(state, _y(state), lines, bool(lines))


def _taken(transitions: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[int, ...]]:
    """Return the entries by which each transition was taken, as the answers tell."""
    taken: dict[tuple[str, str], tuple[int, ...]] = {}
    known = False
    for one in transitions:
        if one["status"] != 200:
            continue
        for ends in _ends(one, is_known=known):
            taken[ends] = (*taken.get(ends, ()), one["entry"])
        known = True
    return taken


def _ends(transition: Mapping[str, Any], *, is_known: bool) -> Sequence[tuple[str, str]]:
    call, outcome = transition["call"], transition["outcome"]
    if call in ("create", "initialise"):
        return [] if is_known else [(UNSEEN, INACTIVE)]
    if call in ("onboard", "onboard-site-and-asset"):
        is_new = transition["created"] or not is_known
        return [] if outcome == "already_enrolled" else [(UNSEEN if is_new else INACTIVE, ACTIVE)]
    if call in ("enrol", "dispatch-consent"):
        return [] if outcome == "already_enrolled" else [(INACTIVE, ACTIVE)]
    if call in ("unenrol", "dispatch-deconsent"):
        return [] if outcome == "already_unenrolled" else [(ACTIVE, INACTIVE)]
    return [(INACTIVE, DELETED)] if call == "delete" else [(ACTIVE, DELETED)]
