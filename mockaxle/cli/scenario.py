"""`mockaxle scenario`: check a scenario file, load one into a world, write a world as one."""

import sys
from pathlib import Path
from typing import Any

import click

from mockaxle.cli.client import call
from mockaxle.cli.options import local_url, option

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def scenario() -> None:
    """The worlds to start from, as TOML or JSON files."""


@scenario.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Say what FILE makes, or every line that is wrong with it."""
    from mockaxle.clock import EPOCH
    from mockaxle.scenarios.building import blueprint

    found = read(file)
    state = blueprint(found).state(b"check", now=EPOCH)
    market = state.reference.market
    counts = {
        "accounts": len(found.accounts),
        "meters": len(state.reference.meters),
        "models": len(state.reference.models),
        "windows": len(market.daily) + len(market.single),
        "sites": len(state.sites),
        "assets": len(state.assets),
    }
    click.echo(f"{file}: {', '.join(f'{count} {what}' for what, count in counts.items())}")


@scenario.command()
@click.argument("file", type=FILE)
@option("--url", default=local_url, help="Base URL of the mock.")
@option("--username", default="demo", help="Account whose world is meant.")
@option("--password", default="demo", help="Its password.")
def load(file: Path, url: str, username: str, password: str) -> None:
    """Begin a world anew from FILE; its tokens stay."""
    read(file)
    kind = "application/json" if file.suffix.lower() == ".json" else "application/toml"
    answer = control(url, username, password, method="PUT", content=file.read_bytes(), headers={"Content-Type": kind})
    click.echo("{sites} sites, {assets} assets".format(**answer.json()))


@scenario.command()
@option("--url", default=local_url, help="Base URL of the mock.")
@option("--username", default="demo", help="Account whose world is meant.")
@option("--password", default="demo", help="Its password.")
@option("--format", type=click.Choice(["toml", "json"]), default="toml", help="Form of the file.")
def dump(url: str, username: str, password: str, format: str) -> None:
    """Write a world as it stands as a scenario; loading it gives the same answers."""
    answer = control(url, username, password, method="GET", params={"format": format})
    sys.stdout.buffer.write(answer.content)


@scenario.command()
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    from mockaxle.scenarios.schema import scenario_schema

    click.echo(scenario_schema(), nl=False)


def read(file: Path) -> Any:
    """The scenario of a file. Raises: click.ClickException."""
    from mockaxle.scenarios.problems import ScenarioRefused
    from mockaxle.scenarios.reading import format_of, read_scenario

    try:
        return read_scenario(file.read_bytes(), name=str(file), format=format_of(file.name))
    except ScenarioRefused as refused:
        raise click.ClickException(f"{file} cannot be used:\n{refused}") from None
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {error}") from None


def control(url: str, username: str, password: str, *, method: str, **request: Any) -> Any:
    """The answer of the control of an account's world. Raises: click.ClickException."""
    from mockaxle.cli.token import log_in

    bearer = {"Authorization": f"Bearer {log_in(url, username=username, password=password)}"}
    headers = {**bearer, **request.pop("headers", {})}
    answer = call(url, method, "/__mockaxle/world/scenario", headers=headers, **request)
    if answer.status_code != 200:
        raise click.ClickException(f"{url} refused it:\n{answer.json()['detail']}")
    return answer
