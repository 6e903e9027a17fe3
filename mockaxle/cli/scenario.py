"""`mockaxle scenario`: list, check, load and dump scenarios."""

from typing import TYPE_CHECKING

import click

from mockaxle.cli.announcement import announced
from mockaxle.cli.client import RunningMock, admin, reaching
from mockaxle.cli.commands import AdvisingGroup, example
from mockaxle.cli.completion import complete_scenario
from mockaxle.cli.options import flag_only
from mockaxle.cli.output import counted, print_file
from mockaxle.client.visible import visible

if TYPE_CHECKING:
    from mockaxle.scenarios.sections import Scenario
    from mockaxle.scenarios.sources import Source


@click.group(cls=AdvisingGroup, epilog=example("mockaxle scenario check busy-evening"))
def scenario() -> None:
    """List, check, load and dump scenarios: the worlds to start from.

    A scenario is a TOML or JSON file, or has the name of a shipped one.
    """


@scenario.command("list", epilog=example("mockaxle scenario list"))
def list_shipped() -> None:
    """List the shipped scenarios."""
    from mockaxle.scenarios.shipped import about, shipped_names

    for name in shipped_names():
        click.echo(f"{name:20} {about(name)}")


@scenario.command(epilog=example("mockaxle scenario check busy-evening"))
@click.argument("name", shell_complete=complete_scenario)
def check(name: str) -> None:
    """Check the scenario NAME, and print what it contains.

    NAME is a file or a shipped scenario.
    """
    from mockaxle.core.clock import EPOCH
    from mockaxle.scenarios.building import blueprint

    with announced(f"Checking {visible(name)} ..."):
        found = scenario_of(name)
        state = blueprint(found).state(b"check", now=EPOCH)
    market = state.reference.market
    counts = {
        "account": len(found.accounts),
        "meter": len(state.reference.meters),
        "model": len(state.reference.models),
        "window": len(market.daily) + len(market.single),
        "site": len(state.sites),
        "asset": len(state.assets),
    }
    click.echo(f"{visible(name)}: {', '.join(counted(count, what) for what, count in counts.items())}")


@scenario.command(epilog=example("mockaxle scenario load busy-evening --url http://127.0.0.1:2953"))
@click.argument("name", shell_complete=complete_scenario)
@reaching("Account of the world.")
@admin
def load(name: str, target: RunningMock) -> None:
    """Restart a world from the scenario NAME. Its tokens stay valid.

    NAME is a file or a shipped scenario.
    """
    with announced(f"Loading {visible(name)} ..."):
        source, _ = _found(name)
        kind = {"Content-Type": f"application/{source.format}"}
        done = target.control("PUT", "/scenario", content=source.text, headers=kind)
    sites, assets = (target.field(done, name, kind=int) for name in ("sites", "assets"))
    click.echo(f"{counted(sites, 'site')}, {counted(assets, 'asset')}")


@scenario.command(epilog=example("mockaxle scenario dump --url http://127.0.0.1:2953"))
@flag_only("--format", type=click.Choice(["toml", "json"]), default="toml", help="Format of the file.")
@reaching("Account of the world.")
@admin
def dump(format: str, target: RunningMock) -> None:
    """Print the present state of a world as a scenario. Loading it gives the same answers."""
    print_file(target.control("GET", "/scenario", query={"format": format}).body)


@scenario.command(epilog=example("mockaxle scenario schema"))
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    from mockaxle.scenarios.schema import scenario_schema

    click.echo(scenario_schema(), nl=False)


def scenario_of(name: str) -> "Scenario":
    """The scenario of a file, or a shipped one by its name. Raises: click.UsageError."""
    return _found(name)[1]


def _found(name: str) -> "tuple[Source, Scenario]":
    """Raises: click.UsageError."""
    from mockaxle.scenarios.problems import ScenarioRefused
    from mockaxle.scenarios.sources import NoSuchScenario, source_of

    try:
        source = source_of(name)
        return source, source.read()
    except NoSuchScenario as error:
        raise click.UsageError(str(error)) from None
    except ScenarioRefused as refused:
        raise click.UsageError(f"{name} cannot be used:\n{refused}") from None
