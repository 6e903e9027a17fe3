"""What to install where a verb needs one of the package's extras."""

import click


def missing(extra: str, *, of: str) -> click.UsageError:
    """The package is on no index, so its checkout is named, and its repository, whose owner only the reader knows."""
    checkout = f"pip install '.[{extra}]' in a checkout of mockaxle"
    repository = f"pip install 'mockaxle[{extra}] @ git+https://github.com/OWNER/mockaxle', with its OWNER"
    return click.UsageError(f"{of} needs the extra {extra!r}: {checkout}, or {repository}")
