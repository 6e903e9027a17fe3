"""`mockaxle windows`: list the flex windows of a world's market."""

from collections.abc import Mapping
from typing import Any

import click

from mockaxle.cli.client import RunningMock, admin, as_json, reaching
from mockaxle.cli.commands import example
from mockaxle.cli.output import counted, print_columns, print_json


@click.command(epilog=example("mockaxle windows --url http://127.0.0.1:2953"))
@as_json
@reaching("Account of the world.")
@admin
def windows(as_json: bool, target: RunningMock) -> None:
    """List the flex windows of a world's market: id, time and price.

    It also counts the half-hours to which a price was given for the price curves.
    """
    answer = target.control("GET", "/market")
    found, prices = target.rows(answer, "windows"), target.rows(answer, "prices")
    if as_json:
        print_json(answer)
        return
    print_columns([(window.get("id"), _when(window), _price(window)) for window in found], empty="no flex windows")
    if prices:
        click.echo(f"{counted(len(prices), 'half-hour')} with a price of its own")


def _when(window: Mapping[str, Any]) -> str:
    if "from_at" in window:
        return f"{window['from_at']} to {window.get('to_at')}"
    return f"daily {window.get('from_time')} to {window.get('to_time')} {window.get('timezone')}"


def _price(window: Mapping[str, Any]) -> str:
    return f"{window.get('price_gbp_per_mwh')} GBP/MWh"
