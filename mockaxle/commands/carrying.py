"""What a test may do to a world that Axle cannot: commands, as pure steps of the world's value."""

from collections.abc import Callable, Mapping

from mockaxle.commands import beginning, clock, faults, home_assistant, market, snapshots
from mockaxle.commands.done import Done, settled
from mockaxle.exchange import Command
from mockaxle.world import World


def carry_out(world: World, command: Command) -> Done:
    """The world after a command, and what it answers. Raises: CommandRefused."""
    return COMMANDS[command.name](settled(world, command.at), command)


COMMANDS: Mapping[str, Callable[[World, Command], Done]] = {
    "set clock": clock.set_clock,
    "advance": clock.advance,
    "reset": beginning.reset,
    "change settings": beginning.change_settings,
    "add window": market.add_window,
    "price window": market.price_window,
    "remove window": market.remove_window,
    "set prices": market.set_prices,
    "clear prices": market.clear_prices,
    "publish event": home_assistant.publish_event,
    "change event": home_assistant.change_event,
    "withdraw event": home_assistant.withdraw_event,
    "load scenario": beginning.load_scenario,
    "take snapshot": snapshots.take_snapshot,
    "restore snapshot": snapshots.restore_snapshot,
    "drop snapshot": snapshots.drop_snapshot,
    "rewind": snapshots.rewind,
    "add fault": faults.add_fault,
    "remove fault": faults.remove_fault,
    "remove faults": faults.remove_faults,
    "set awkwardness": faults.set_awkwardness,
    "revoke tokens": faults.revoke_tokens,
}
