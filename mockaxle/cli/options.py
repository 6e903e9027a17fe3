"""Options that have a twin in the environment: `--port` is MOCKAXLE_PORT, and the flag wins; and the few without."""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click

from mockaxle.serving.settings import DEFAULT_HOST, DEFAULT_PORT

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")
V = TypeVar("V")


def option(flag: str, *names: str, **attributes: Any) -> Callable[[F], F]:
    name = flag.split("/")[0].lstrip("-").replace("-", "_").upper()
    return click.option(flag, *names, envvar=f"MOCKAXLE_{name}", show_envvar=True, show_default=True, **attributes)


def flag_only(flag: str, *names: str, **attributes: Any) -> Callable[[F], F]:
    """An option without a twin: what must be meant each time, or what the twin of another verb would spoil."""
    return click.option(flag, *names, show_default=True, **attributes)


def gathered(kind: Callable[P, V]) -> Callable[[Callable[[V], None]], Callable[P, None]]:
    """Pass a verb its arguments and options as one value. Shape: each is a field of it, by the same name."""

    def gathering(verb: Callable[[V], None]) -> Callable[P, None]:
        @wraps(verb)
        def called(*args: P.args, **options: P.kwargs) -> None:
            verb(kind(*args, **options))

        return called

    return gathering


def local_url() -> str:
    """Where `mockaxle serve` listens on this machine, with the port of the environment."""
    return f"http://{DEFAULT_HOST}:{os.environ.get('MOCKAXLE_PORT', DEFAULT_PORT)}"
