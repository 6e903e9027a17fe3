"""`mockaxle contract`: the API document, of all operations or of one product."""

import json
from typing import TYPE_CHECKING

import click

from mockaxle.cli.commands import example
from mockaxle.cli.options import flag_only, local_url

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_profile(context: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    from mockaxle.contract.profiles import profiles

    return [CompletionItem(name) for name in profiles() if name.startswith(incomplete)]


@click.command(epilog=example("mockaxle contract flex-lite --format postman"))
@click.argument("profile", required=False, shell_complete=complete_profile)
@flag_only("--format", type=click.Choice(["openapi", "postman"]), default="openapi", help="Format of the document.")
@flag_only("--url", default=local_url, help="Base URL of the Postman collection.")
def contract(profile: str | None, format: str, url: str) -> None:
    """Print the API document of all operations, or of those that PROFILE needs.

    Profiles: flex-lite, smart-charging, vpp, price-curves.
    """
    from mockaxle.contract import profiles
    from mockaxle.contract.document import load_contract
    from mockaxle.contract.postman import collection

    if profile is not None and profile not in profiles.profiles():
        known = ", ".join(profiles.profiles())
        raise click.UsageError(f"there is no profile {profile!r}; choose one of {known}, or none for all operations")
    document = profiles.profile(profile) if profile else dict(load_contract().document)
    if format == "postman":
        click.echo(json.dumps(collection(document, base_url=url), indent=1, ensure_ascii=False))
    else:
        click.echo(profiles.spelt(document), nl=False)
