"""The lifecycle's table is the one of rule L0, as the ledger has it."""

import re

import pytest

from mockaxle.contract.ledger import load_ledger
from mockaxle.core.lifecycle import LIFECYCLE, Move, Trigger
from mockaxle.core.records import Standing
from mockaxle.core.rule_errors import SiteExists, SiteInUse, SiteUnknown, Withdrawn

ROWS = {
    "onboard(p)": (Trigger.ONBOARD, Trigger.ONBOARD_AGAIN),
    "initialise": (Trigger.INITIALISE, Trigger.INITIALISE),
    "enrol(p)": (Trigger.ENROL, Trigger.ENROL_AGAIN),
    "unenrol(p)": (Trigger.UNENROL, Trigger.UNENROL),
    "dispatch-consent(m)": (Trigger.CONSENT, Trigger.CONSENT),
    "dispatch-deconsent(m)": (Trigger.DECONSENT, Trigger.DECONSENT_OTHER),
    "onboard-site-and-asset(ms)": (Trigger.REGISTER, Trigger.REGISTER),
    "offboard": (Trigger.OFFBOARD, Trigger.OFFBOARD),
    "DELETE site": (Trigger.DELETE, Trigger.DELETE),
    "read, PATCH, meter-consent, asset calls": (Trigger.TOUCH, Trigger.TOUCH),
}
REFUSED = {"404": SiteUnknown, "409": SiteExists, "422": Withdrawn, "400": SiteInUse}


def statement_rows() -> dict[str, list[str]]:
    """The cells of the table in the ledger's statement of L0, by call."""
    lines = [line for line in load_ledger()["L0"].statement.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[0] == ["call", "absent", "out", "in", "withdrawn"]
    return {call: row for call, *row in cells[2:]}


def meant(text: str) -> object:
    """What a phrase of the table says: a refusal, or the standing afterwards and the answer."""
    if text[:3] in REFUSED:
        return REFUSED[text[:3]]
    answer = re.search(r"`(\w+)`", text)
    standings = [standing for standing in Standing if re.search(rf"\b{standing}\b", text)]
    return standings[-1], answer and answer[1]


def phrases(cell: str) -> tuple[str, str]:
    """The phrases for the two calls of a row: without and with override, of a proposition and of another method."""
    if "; override: " in cell:
        plain, _, overridden = cell.partition("; override: ")
        return plain, overridden
    if cell.startswith("a proposition: "):
        one, _, other = cell.removeprefix("a proposition: ").partition("; another method: ")
        return one, other
    return cell, cell


@pytest.mark.rule("L0", "L1")
def test_the_table_is_the_ledgers() -> None:
    rows = statement_rows()
    assert rows.keys() == ROWS.keys()
    for name, cells in rows.items():
        for number, call in enumerate(ROWS[name]):
            written = [meant(phrases(cell)[number]) for cell in cells]
            built = [(c.to, c.status) if isinstance(c, Move) else c for c in LIFECYCLE[call]]
            assert built == written, call


@pytest.mark.rule("L0")
def test_entering_is_tested_only_from_outside() -> None:
    tested = {call: [isinstance(c, Move) and c.tested for c in cells] for call, cells in LIFECYCLE.items()}
    assert {call for call, flags in tested.items() if any(flags)} == {
        Trigger.ONBOARD, Trigger.ONBOARD_AGAIN, Trigger.ENROL, Trigger.ENROL_AGAIN, Trigger.REGISTER,
    }  # fmt: skip
    assert not any(flags[2] for flags in tested.values())
