"""The message for a verb that needs an extra which is not installed."""

import click


def missing(extra: str, *, of: str) -> click.UsageError:
    """An error that names a checkout and the repository: the package is on no index. The reader knows the owner."""
    checkout = f"pip install '.[{extra}]' in a checkout of mockaxle"
    repository = f"pip install 'mockaxle[{extra}] @ git+https://github.com/OWNER/mockaxle', with its OWNER"
    return click.UsageError(f"{of} needs the extra {extra!r}: {checkout}, or {repository}")
