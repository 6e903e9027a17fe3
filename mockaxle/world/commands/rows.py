"""The commands of control, with which tests change a world. A new command is a row here and a step."""

from typing import Any

from mockaxle.core.limits import MAX_LARGE_BODY
from mockaxle.scenarios.sections import Scenario
from mockaxle.world.commands import (
    awkward_deliveries,
    beginning,
    clock,
    dispatches,
    faults,
    market,
    messages,
    receivers,
    snapshots,
    triggering,
    withdrawals,
)
from mockaxle.world.commands import home_assistant as ha
from mockaxle.world.commands.done import Done
from mockaxle.world.commands.row import JSON, TOML, Row
from mockaxle.world.entries import Command
from mockaxle.world.value import World

PAUSES, NOON, FIRST = {"pause_minutes": 60}, {"at": "2030-01-20T12:00:00Z", "rate": 0}, {"before": 1}
HOUR = {"by": "61m"}
RESTARTS: dict[str, Any] = {"sets_time": True, "restarts": True}
PRICE, PRICES = {"price_gbp_per_mwh": 120}, {"prices": [{"at": "2030-01-20T18:00:00Z", "price_gbp_per_mwh": 250}]}
WINDOW = {"from_time": "03:00", "to_time": "05:00", "timezone": "Europe/London", "price_gbp_per_mwh": 250}
EVENT = {"start_time": "2030-01-20T17:00:00Z", "end_time": "2030-01-20T17:30:00Z", "import_export": "export"}
EVENING, OUT = {"name": "evening"}, {"opted_out": True}
EVENING_OF_2040 = {"start_time": "2040-01-20T17:00:00Z", "end_time": "2040-01-20T17:30:00Z"}
DISPATCH = {**EVENING_OF_2040, "power_kw": -5, "fraction": 1}
TRIGGERED = {"type": "vpp:dispatch:requested"}
RECEIVER = {"url": "http://127.0.0.1:9000/axle", "kind": "webhooks"}
FAULT: dict[str, Any] = {"kind": "status", "status": 503, "operation": "GET /entities/site", "count": 1}
REWOUND = Row("POST /rewind", snapshots.Rewound, snapshots.go_on_from, "")

ROWS = (
    Row(
        "POST /reset",
        beginning.Reset,
        beginning.reset,
        "Reset the world, or parts of it",
        {},
        **RESTARTS,
    ),
    Row(
        "PUT /scenario",
        Scenario,
        beginning.load_scenario,
        "Start anew from a scenario",
        {"settings": PAUSES},
        media=(JSON, TOML),
        parse=beginning.parse_scenario,
        limit=MAX_LARGE_BODY,
        accounts=lambda scenario: scenario.accounts,
        **RESTARTS,
    ),
    Row("PATCH /settings", beginning.ChangeSettings, beginning.change_settings, "Change settings", PAUSES),
    Row("PUT /clock", clock.SetClock, clock.set_clock, "Freeze the clock or set its rate", NOON, sets_time=True),
    Row(
        "POST /clock/advance",
        clock.AdvanceClock,
        clock.advance,
        "Move the clock forward",
        {"by": "61m"},
        sets_time=True,
    ),
    Row("POST /market/windows", market.AddWindow, market.add_window, "Add a flex window", WINDOW),
    Row("PATCH /market/windows/{id}", market.PriceWindow, market.price_window, "Change a flex window's price", PRICE),
    Row("DELETE /market/windows/{id}", None, market.remove_window, "Remove a flex window"),
    Row("POST /market/prices", market.SetPrices, market.set_prices, "Set prices of half-hours", PRICES),
    Row("DELETE /market/prices", None, market.clear_prices, "Clear the prices of half-hours"),
    Row("POST /home-assistant-events", ha.PublishEvent, ha.publish_event, "Publish a Home Assistant event", EVENT),
    Row("PATCH /home-assistant-events/{id}", ha.ChangeEvent, ha.change_event, "Change a Home Assistant event", OUT),
    Row("DELETE /home-assistant-events/{id}", None, ha.withdraw_event, "Withdraw a Home Assistant event"),
    Row("POST /dispatches", dispatches.MakeDispatch, dispatches.make_dispatch, "Dispatch assets", DISPATCH),
    Row(
        "POST /withdrawals/{transaction_id}",
        withdrawals.MoveWithdrawal,
        withdrawals.move_withdrawal,
        "Move a withdrawal to another state",
        {"status": "posted"},
    ),
    Row("POST /replan", messages.Replan, messages.replan_cars, "Make the plans of plugged-in cars anew", {}),
    Row("POST /messages", triggering.TriggerMessage, triggering.trigger, "Say a message", TRIGGERED),
    Row("POST /messages/release", None, receivers.release_messages, "Send the messages that are held", {}),
    Row("PUT /receivers/{name}", receivers.PutReceiver, receivers.put_receiver, "Add or replace a receiver", RECEIVER),
    Row("DELETE /receivers/{name}", None, receivers.drop_receiver, "Remove a receiver"),
    Row("POST /faults", faults.AddFault, faults.add_fault, "Add a fault", FAULT),
    Row("DELETE /faults", None, faults.remove_faults, "Remove all faults"),
    Row("DELETE /faults/{id}", None, faults.remove_fault, "Remove a fault"),
    Row("PUT /awkwardness", faults.SetAwkwardness, faults.set_awkwardness, "Set awkward answers", {"kinds": ["extra"]}),
    Row("DELETE /awkwardness", None, faults.end_awkwardness, "Stop making answers awkward"),
    Row(
        "PUT /awkward-deliveries",
        awkward_deliveries.SetAwkwardDeliveries,
        awkward_deliveries.set_awkward_deliveries,
        "Set awkward deliveries",
        {"kinds": ["twice"], "count": 1},
    ),
    Row(
        "DELETE /awkward-deliveries",
        None,
        awkward_deliveries.end_awkward_deliveries,
        "Deliver new messages as usual",
    ),
    Row("POST /tokens/revoke", faults.RevokeTokens, faults.revoke_tokens, "Revoke tokens", {"username": "demo-reader"}),
    Row("POST /snapshots", snapshots.TakeSnapshot, snapshots.take_snapshot, "Save the state under a name", EVENING),
    Row(
        "POST /snapshots/{name}/restore",
        None,
        snapshots.restore_snapshot,
        "Restore a snapshot",
        {},
        **RESTARTS,
    ),
    Row("DELETE /snapshots/{name}", None, snapshots.drop_snapshot, "Remove a snapshot"),
    Row(
        "POST /rewind",
        snapshots.Rewind,
        snapshots.rewind,
        "Undo entries of the log",
        FIRST,
        replayed=REWOUND,
        **RESTARTS,
    ),
)
ROW_OF = {row.key: row for row in ROWS}


def repeat(world: World, command: Command) -> Done:
    """Repeat a logged command. Raises: CommandRefused, KeyError if it is unknown."""
    return ROW_OF[command.key].repeat(world, command)
