"""`mockaxle magic`: the inputs that stand for something, and what each does."""

import click

from mockaxle.cli.options import option


@click.command()
@option("--scenario", "scenario_name", default="default", help="Whose inputs: a file, or the name of a shipped one.")
def magic(scenario_name: str) -> None:
    """Print the MPANs, addresses and external ids that stand for something, and what each does."""
    from mockaxle.cli.scenario import scenario_of
    from mockaxle.scenarios.building import blueprint
    from mockaxle.server.disruption.magic_names import EXAMPLES

    meters = [meter for meter in blueprint(scenario_of(scenario_name)).reference.meters if meter.about]
    for meter in meters:
        click.echo(f"{meter.mpan}  {meter.about}")
        if meter.address:
            click.echo(f"               at {meter.address} {meter.postcode or ''}".rstrip())
    click.echo("Any other MPAN is a half-hourly-settled home's; any other postcode has no addresses.")
    click.echo("The password 'wrong' is always refused.")
    click.echo("An asset's external_id may stand for a fault:")
    for name, what in EXAMPLES:
        click.echo(f"{name:28}  {what}")
