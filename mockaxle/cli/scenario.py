"""`mockaxle scenario`: check a scenario, load one into a world, write a world as one."""

from typing import TYPE_CHECKING

import click

from mockaxle.cli.client import RunningMock, admin, reaching
from mockaxle.cli.options import flag_only
from mockaxle.cli.output import print_file

if TYPE_CHECKING:
    from mockaxle.scenarios.sections import Scenario
    from mockaxle.scenarios.sources import Source


@click.group()
def scenario() -> None:
    """The worlds to start from, as TOML or JSON files, or by the names of those that come along."""


@scenario.command("list")
def list_shipped() -> None:
    """List the scenarios that come along."""
    from mockaxle.scenarios.shipped import about, shipped_names

    for name in shipped_names():
        click.echo(f"{name:20} {about(name)}")


@scenario.command()
@click.argument("name")
def check(name: str) -> None:
    """Say what the scenario NAME, a file or one that comes along, makes, or what is wrong with it."""
    from mockaxle.core.clock import EPOCH
    from mockaxle.scenarios.building import blueprint

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
    click.echo(f"{name}: {', '.join(_counted(count, what) for what, count in counts.items())}")


@scenario.command()
@click.argument("name")
@reaching("Account whose world is meant.")
@admin
def load(name: str, target: RunningMock) -> None:
    """Begin a world anew from the scenario NAME, a file or one that comes along; its tokens stay."""
    source, _ = _found(name)
    kind = {"Content-Type": f"application/{source.format}"}
    done = target.control("PUT", "/scenario", content=source.text, headers=kind)
    sites, assets = (target.field(done, name, kind=int) for name in ("sites", "assets"))
    click.echo(f"{_counted(sites, 'site')}, {_counted(assets, 'asset')}")


@scenario.command()
@flag_only("--format", type=click.Choice(["toml", "json"]), default="toml", help="Form of the file.")
@reaching("Account whose world is meant.")
@admin
def dump(format: str, target: RunningMock) -> None:
    """Write a world as it stands as a scenario; loading it gives the same answers."""
    print_file(target.control("GET", "/scenario", query={"format": format}).body)


@scenario.command()
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    from mockaxle.scenarios.schema import scenario_schema

    click.echo(scenario_schema(), nl=False)


def scenario_of(name: str) -> "Scenario":
    """The scenario of a file, or the shipped one of that name. Raises: click.UsageError."""
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


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
