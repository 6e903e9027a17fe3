"""Options that have a twin in the environment: `--port` is MOCKAXLE_PORT, and the flag wins; and the few without."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from mockaxle.settings import DEFAULT_HOST, DEFAULT_PORT

F = TypeVar("F", bound=Callable[..., Any])


def option(flag: str, *names: str, **attributes: Any) -> Callable[[F], F]:
    name = flag.split("/")[0].lstrip("-").replace("-", "_").upper()
    return click.option(flag, *names, envvar=f"MOCKAXLE_{name}", show_envvar=True, show_default=True, **attributes)


def flag_only(flag: str, *names: str, **attributes: Any) -> Callable[[F], F]:
    """An option without a twin: what must be meant each time, or what the twin of another verb would spoil."""
    return click.option(flag, *names, show_default=True, **attributes)


def local_url() -> str:
    """Where `mockaxle serve` listens on this machine, with the port of the environment."""
    return f"http://{DEFAULT_HOST}:{os.environ.get('MOCKAXLE_PORT', DEFAULT_PORT)}"
