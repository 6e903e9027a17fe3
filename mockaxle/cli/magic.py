"""`mockaxle magic`: the inputs that trigger special responses."""

import click

from mockaxle.cli.commands import example
from mockaxle.cli.completion import complete_scenario
from mockaxle.cli.options import option


@click.command(epilog=example("mockaxle magic --scenario busy-evening"))
@option(
    "--scenario",
    "scenario_name",
    default="default",
    help="Scenario that defines the inputs: a file, or a name from `mockaxle scenario list`.",
    shell_complete=complete_scenario,
)
def magic(scenario_name: str) -> None:
    """List the MPANs, addresses, external ids and sort codes that trigger special responses."""
    from mockaxle.cli.scenario import scenario_of
    from mockaxle.core.bank_accounts import MAGIC_SORT_CODES
    from mockaxle.scenarios.building import blueprint
    from mockaxle.server.disruption.magic_names import EXAMPLES

    meters = [meter for meter in blueprint(scenario_of(scenario_name)).reference.meters if meter.about]
    for meter in meters:
        click.echo(f"{meter.mpan}  {meter.about}")
        if meter.address:
            click.echo(f"               at {meter.address} {meter.postcode or ''}".rstrip())
    click.echo("Any other MPAN is half-hourly settled. Any other postcode has no addresses.")
    click.echo("The password 'wrong' is always refused.")
    click.echo("External ids of assets that trigger faults:")
    for name, what in EXAMPLES:
        click.echo(f"{name:28}  {what}")
    click.echo("Sort codes that trigger special responses on the withdrawal page:")
    for sort_code, what in MAGIC_SORT_CODES:
        click.echo(f"{sort_code}  {what}")
