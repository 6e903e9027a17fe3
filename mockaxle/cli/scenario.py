"""`mockaxle scenario`: check a scenario, load one into a world, write a world as one."""

from pathlib import Path
from typing import Any

import click

from mockaxle.cli.client import Target, admin, reaching
from mockaxle.cli.options import flag_only
from mockaxle.cli.output import print_file


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
    from mockaxle.clock import EPOCH
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
def load(name: str, target: Target) -> None:
    """Begin a world anew from the scenario NAME, a file or one that comes along; its tokens stay."""
    scenario_of(name)
    text, kind = content(name)
    done = target.control("PUT", "/scenario", content=text, headers={"Content-Type": kind})
    sites, assets = (target.field(done, name, kind=int) for name in ("sites", "assets"))
    click.echo(f"{_counted(sites, 'site')}, {_counted(assets, 'asset')}")


@scenario.command()
@flag_only("--format", type=click.Choice(["toml", "json"]), default="toml", help="Form of the file.")
@reaching("Account whose world is meant.")
@admin
def dump(format: str, target: Target) -> None:
    """Write a world as it stands as a scenario; loading it gives the same answers."""
    print_file(target.control("GET", "/scenario", query={"format": format}).body)


@scenario.command()
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    from mockaxle.scenarios.schema import scenario_schema

    click.echo(scenario_schema(), nl=False)


def scenario_of(name: str) -> Any:
    """The scenario of a file, or the shipped one of that name. Raises: click.ClickException."""
    from mockaxle.scenarios.problems import ScenarioRefused
    from mockaxle.scenarios.reading import format_of, read_scenario
    from mockaxle.scenarios.shipped import shipped

    if not Path(name).is_file():
        content(name)
        return shipped(name)
    try:
        return read_scenario(content(name)[0], name=name, format=format_of(name))
    except ScenarioRefused as refused:
        raise click.ClickException(f"{name} cannot be used:\n{refused}") from None


def content(name: str) -> tuple[bytes, str]:
    """The text of a file or of a shipped scenario, and its content type. Raises: click.ClickException."""
    from mockaxle.scenarios.reading import format_of
    from mockaxle.scenarios.shipped import shipped_names, text_of

    try:
        if Path(name).is_file():
            return Path(name).read_bytes(), f"application/{format_of(name)}"
    except OSError as error:
        raise click.ClickException(f"cannot read {name}: {error}") from None
    if name not in shipped_names():
        raise click.UsageError(f"there is no scenario {name!r}: give a file, or one of {', '.join(shipped_names())}")
    return text_of(name), "application/toml"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
