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


Ends = tuple[str, str]
"""The states before and after a transition."""


class TransitionArrow(NamedTuple):
    """A transition of the diagram. Shape: entries are those of the log by which it was taken; d is a path of SVG."""

    ends: Ends
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


ARROWS: Mapping[Ends, tuple[str, tuple[str, int, int, str]]] = {
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
        TransitionArrow(ends, label, *place, entries=taken.get(ends, ())) for ends, (label, place) in ARROWS.items()
    )
    return LifecycleDiagram(boxes, arrows)


def _box(state: str, standings: Mapping[str, str]) -> StateBox:
    inside = {method: standing for method, standing in standings.items() if standing.startswith(state)}
    lines = tuple(method + standing.removeprefix(state) for method, standing in inside.items())
    return StateBox(state, _y(state), lines, bool(lines))


def _taken(transitions: Sequence[Mapping[str, Any]]) -> dict[Ends, tuple[int, ...]]:
    """Return the entries by which each transition was taken, as the answers tell."""
    taken: dict[Ends, tuple[int, ...]] = {}
    active: frozenset[str] = frozenset()
    for one in transitions:
        if one["status"] in (200, 204):
            moves, active = _moves(one, active)
            taken |= {ends: (*taken.get(ends, ()), one["entry"]) for ends in moves}
    return taken


def _moves(call: Mapping[str, Any], active: frozenset[str]) -> tuple[list[Ends], frozenset[str]]:
    """Return the transitions of a call, and the dispatch methods that the site is in after it."""
    named, after = frozenset(call["dispatch_methods"]), frozenset(call["enrolled_in"])
    if call["call"] in ("offboard", "delete"):
        return [(ACTIVE if active or after else INACTIVE, DELETED)], frozenset()
    if call["call"] in ("dispatch-consent", "dispatch-deconsent"):
        entered, left = [(INACTIVE, ACTIVE)] if after - active else [], [(ACTIVE, INACTIVE)] if active - after else []
        return [*entered, *left], after
    if call["created"]:
        is_active = bool(after) or call["outcome"] == "enrolled"
        return [(UNSEEN, ACTIVE if is_active else INACTIVE)], (after or named) if is_active else active
    if call["outcome"] == "unenrolled":
        return [(ACTIVE, INACTIVE)], active - named
    if call["outcome"] == "enrolled":
        return [(INACTIVE, ACTIVE)], active | named
    return [], active | named if call["outcome"] == "already_enrolled" else active
