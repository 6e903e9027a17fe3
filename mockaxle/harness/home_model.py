"""A model of a home, written by hand from rule L0. It shares no code with the mock.

Every home is half-hourly settled with consent, and has a charger unless all its assets were deleted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mockaxle.harness.run import METHODS

PROPOSITIONS = METHODS[:2]


class Cell(NamedTuple):
    """The expected result of a call, by its method's standing. Shape: word is the status in the answer, if any."""

    status: int
    word: str | None
    standing: str


TABLE: Mapping[str, Mapping[str, Cell]] = {
    "onboard": {
        "absent": Cell(200, "enrolled", "in"),
        "out": Cell(200, "enrolled", "in"),
        "in": Cell(200, "already_enrolled", "in"),
        "withdrawn": Cell(422, None, "withdrawn"),
    },
    "onboard, overriding": {
        "absent": Cell(200, "enrolled", "in"),
        "out": Cell(200, "enrolled", "in"),
        "in": Cell(200, "already_enrolled", "in"),
        "withdrawn": Cell(200, "enrolled", "in"),
    },
    "enrol": {
        "absent": Cell(404, None, "absent"),
        "out": Cell(200, "enrolled", "in"),
        "in": Cell(200, "already_enrolled", "in"),
        "withdrawn": Cell(422, None, "withdrawn"),
    },
    "enrol, overriding": {
        "absent": Cell(404, None, "absent"),
        "out": Cell(200, "enrolled", "in"),
        "in": Cell(200, "already_enrolled", "in"),
        "withdrawn": Cell(200, "enrolled", "in"),
    },
    "unenrol": {
        "absent": Cell(404, None, "absent"),
        "out": Cell(200, "already_unenrolled", "out"),
        "in": Cell(200, "unenrolled", "withdrawn"),
        "withdrawn": Cell(200, "already_unenrolled", "withdrawn"),
    },
    "dispatch-consent": {
        "absent": Cell(404, None, "absent"),
        "out": Cell(200, None, "in"),
        "in": Cell(200, None, "in"),
        "withdrawn": Cell(200, None, "in"),
    },
    "dispatch-deconsent": {
        "absent": Cell(404, None, "absent"),
        "out": Cell(200, None, "out"),
        "in": Cell(200, None, "withdrawn"),
        "withdrawn": Cell(200, None, "withdrawn"),
    },
}
"""L0, for calls that concern one method; the others are in HomeModel."""

STATEMENTS: Mapping[str, str] = {
    "onboard": "L0a",
    "enrol": "L0c",
    "unenrol": "L0d",
    "dispatch-consent": "L0e",
    "dispatch-deconsent": "L0f",
    "initialise": "L0b",
    "offboard": "L0h",
    "delete": "L0i",
    "delete asset": "L8b",
    "create asset": "L8b",
    "PATCH": "L8a",
    "list": "U12a",
    "register": "L0g",
}
"""The statement that a call is judged by; HomeModel.statement_of has the exceptions."""

REPEATED: Mapping[tuple[str, str], str] = {
    ("enrol", "in"): "L4a",
    ("unenrol", "out"): "L4c",
    ("unenrol", "withdrawn"): "L4c",
}
"""The statements of calls that change nothing, by call and standing."""


@dataclass(slots=True)
class HomeModel:
    """The expected state of a home. Shape: standings by method; site_id is its last one.

    `withdrawn_at_removal` has the methods that were withdrawn when the site was removed. A server that `remembers`
    withdrawals refuses a return without an override; for another one they are out. Source: L5.
    """

    mpan: str
    remembers: bool = True
    site_id: str | None = None
    exists: bool = False
    standings: dict[str, str] = field(default_factory=lambda: dict.fromkeys(METHODS, "out"))
    assets: dict[str, str] = field(default_factory=dict)
    withdrawn_at_removal: set[str] = field(default_factory=set)

    def standing(self, method: str) -> str:
        if not self.exists:
            return "absent"
        found = self.standings[method]
        return found if self.remembers or found != "withdrawn" else "out"

    def cell(self, call: str, method: str) -> Cell:
        """Return the expected result of a call. Deconsent withdraws propositions only."""
        standing = self.standing(method)
        found = TABLE[call][standing]
        if call == "dispatch-deconsent" and standing == "in" and method not in PROPOSITIONS:
            return found._replace(standing="out")
        if found.word == "enrolled" and standing != "absent" and not self.assets and not call.startswith("onboard"):
            return Cell(422, None, standing)
        return found

    def statement_of(self, call: str, standing: str, *, method: str) -> str:
        """Return the id of the statement that a call at a standing is judged by."""
        verb = call.partition(",")[0]
        if standing == "absent" and verb not in ("onboard", "initialise", "register", "list"):
            return "E4b"
        if verb == "onboard" and method in self.withdrawn_at_removal and not self.exists:
            return "L7b"
        if standing == "withdrawn" and verb in ("onboard", "enrol"):
            return "L5b" if call.endswith(", overriding") else "L5a"
        if (verb, standing) in REPEATED:
            return REPEATED[verb, standing]
        if verb == "dispatch-consent" and (standing == "withdrawn" or not self.assets):
            return "L0o"
        if verb == "dispatch-deconsent" and standing == "in":
            return "L0f" if method in PROPOSITIONS else "L0p"
        if verb == "offboard" and not (self.assets and self.methods_in()):
            return "L6f" if self.assets else "L6g"
        if verb == "delete" and not self.assets and self.methods_in():
            return "L10c"
        return STATEMENTS[verb]

    def methods_in(self) -> set[str]:
        return {method for method, standing in self.standings.items() if standing == "in"}

    def enter(self, site_id: str | None) -> None:
        self.exists, self.site_id = True, site_id or self.site_id

    def leave(self) -> None:
        self.withdrawn_at_removal |= {method for method in self.standings if self.standing(method) == "withdrawn"}
        self.exists, self.assets = False, {}
        self.standings = dict.fromkeys(METHODS, "out")

    def deletes_with(self) -> int:
        """Return the expected status of DELETE site."""
        if not self.exists:
            return 404
        return 400 if self.assets or self.methods_in() else 204

    def offboards_with(self) -> int:
        if not self.exists:
            return 404
        return 200 if self.assets else 400
