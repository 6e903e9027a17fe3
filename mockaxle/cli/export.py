"""`mockaxle export`: a world's log as a file."""

import click

from mockaxle.cli.client import RunningMock, admin, reaching
from mockaxle.cli.commands import example
from mockaxle.cli.options import flag_only
from mockaxle.cli.output import print_file


@click.command(epilog=example("mockaxle export --format curl --url http://127.0.0.1:2953"))
@flag_only(
    "--format", type=click.Choice(["jsonl", "har", "curl", "pytest"]), default="jsonl", help="Format of the file."
)
@reaching("Account of the world.")
@admin
def export(format: str, target: RunningMock) -> None:
    """Export a world's log to standard output.

    Formats: jsonl is a recording for `mockaxle replay`, har an HTTP archive, curl a shell script, pytest a test.
    """
    asked = {"format": format, "without_last_log_in": "false" if target.admin_token else "true"}
    print_file(target.control("GET", "/recording", query=asked).body)
