"""`mockaxle export`: what happened in a world, as a file."""

import click

from mockaxle.cli.client import RunningMock, admin, reaching
from mockaxle.cli.options import flag_only
from mockaxle.cli.output import print_file


@click.command()
@flag_only("--format", type=click.Choice(["jsonl", "har", "curl", "pytest"]), default="jsonl", help="Form of the file.")
@reaching("Account whose world is meant.")
@admin
def export(format: str, target: RunningMock) -> None:
    """Print a world's log: jsonl for `mockaxle replay`, har for other tools, curl as a script, pytest as a test."""
    asked = {"format": format, "without_last_log_in": "false" if target.admin_token else "true"}
    print_file(target.control("GET", "/recording", query=asked).body)
