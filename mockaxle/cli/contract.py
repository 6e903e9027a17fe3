"""`mockaxle contract`: the API document, or one cut to a product."""

import json

import click

from mockaxle.cli.options import flag_only, local_url


@click.command()
@click.argument("profile", required=False)
@flag_only("--format", type=click.Choice(["openapi", "postman"]), default="openapi", help="Form of the document.")
@flag_only("--url", default=local_url, help="Base URL for a Postman collection.")
def contract(profile: str | None, format: str, url: str) -> None:
    """Print the API document; of PROFILE (flex-lite, smart-charging, vpp, price-curves) what it needs."""
    from mockaxle.contract import profiles
    from mockaxle.contract.document import load_contract
    from mockaxle.contract.postman import collection

    if profile is not None and profile not in profiles.profiles():
        known = ", ".join(profiles.profiles())
        raise click.UsageError(f"there is no profile {profile!r}: choose one of {known}, or none for all")
    document = profiles.profile(profile) if profile else dict(load_contract().document)
    if format == "postman":
        click.echo(json.dumps(collection(document, base_url=url), indent=1, ensure_ascii=False))
    else:
        click.echo(profiles.spelt(document), nl=False)
