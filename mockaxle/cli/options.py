"""Options that have a twin in the environment: `--port` is MOCKAXLE_PORT, and the flag wins."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def option(flag: str, **attributes: Any) -> Callable[[F], F]:
    name = flag.split("/")[0].lstrip("-").replace("-", "_").upper()
    return click.option(flag, envvar=f"MOCKAXLE_{name}", show_envvar=True, show_default=True, **attributes)
