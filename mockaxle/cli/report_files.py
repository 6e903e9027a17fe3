"""The option --report of the checks: kinds of reports with their files."""

from collections.abc import Collection
from pathlib import Path

import click


def read_report(
    context: click.Context, option: click.Parameter, *, value: str, kinds: Collection[str]
) -> tuple[str, Path]:
    """Shape: `junit=report.xml`. Raises: click.BadParameter."""
    kind, _, file = value.partition("=")
    if kind not in kinds or not file:
        raise click.BadParameter(
            f"{value!r} must be one of {', '.join(f'{one}=FILE' for one in kinds)}", context, option
        )
    if not Path(file).absolute().parent.is_dir() or Path(file).is_dir():
        raise click.BadParameter(f"cannot write {file}: its folder is missing, or it is a folder", context, option)
    return kind, Path(file)
