"""`mockaxle trigger`: say a message, and send it to the receivers."""

import click

from mockaxle.cli.client import RunningMock, admin, reaching
from mockaxle.cli.commands import example
from mockaxle.cli.options import flag_only
from mockaxle.client.visible import visible
from mockaxle.core.messages import MessageType


@click.command(epilog=example("mockaxle trigger schedule --asset my-charger --url http://127.0.0.1:2953"))
@click.argument("type", type=click.Choice([type.value for type in MessageType]))
@flag_only("--asset", help="Asset that the message is about, by its id or external id.")
@flag_only("--site", help="Site that the message is about, by its id or MPAN.")
@flag_only("--receiver", help="Receiver that gets it; by default all that take its type.")
@reaching("Account of the world.")
@admin
def trigger(type: str, asset: str | None, site: str | None, receiver: str | None, target: RunningMock) -> None:
    """Say a message of TYPE about what the world has, and send it to the receivers.

    A plan is made anew, and the latest dispatch is said in a new envelope. Prints the message's id, its receiver and
    its status. Exits 2, and says what is missing, if the world has nothing to say.
    """
    if asset is not None and site is not None:
        raise click.UsageError("--asset and --site cannot be used together")
    named = {"type": type, "asset_id": asset, "site_id": site, "receiver": receiver}
    body = {name: value for name, value in named.items() if value is not None}
    answer = target.control("POST", "/messages", json=body)
    id, status = target.field(answer, "id", kind=str), target.field(answer, "status", kind=str)
    to = answer.field("receiver")
    click.echo(f"{visible(id)}  to {visible(str(to)) if to else 'nobody: there is no receiver'}  {visible(status)}")
