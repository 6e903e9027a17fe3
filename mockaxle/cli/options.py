"""Options of the verbs. Most can be set by an environment variable, such as MOCKAXLE_PORT for `--port`; a flag wins."""

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
    attributes = {"show_default": True, **attributes}
    return click.option(flag, *names, envvar=f"MOCKAXLE_{name}", show_envvar=True, **attributes)


def flag_only(flag: str, *names: str, **attributes: Any) -> Callable[[F], F]:
    """An option without an environment variable, which another verb might share or which must be explicit."""
    return click.option(flag, *names, show_default=True, **attributes)


def gathered(kind: Callable[P, V]) -> Callable[[Callable[[V], None]], Callable[P, None]]:
    """Pass a verb its arguments and options as one value. Shape: its fields have their names."""

    def gathering(verb: Callable[[V], None]) -> Callable[P, None]:
        @wraps(verb)
        def called(*args: P.args, **options: P.kwargs) -> None:
            verb(kind(*args, **options))

        return called

    return gathering


class LocalUrl:
    """The URL at which `mockaxle serve` listens by default, with the environment's port.

    As a text, click's help shows it; of a function it would show "(dynamic)".
    """

    def __call__(self) -> str:
        return f"http://{DEFAULT_HOST}:{os.environ.get('MOCKAXLE_PORT', DEFAULT_PORT)}"

    __str__ = __call__


local_url = LocalUrl()
