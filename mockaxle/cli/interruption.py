"""SIGINT and SIGTERM: both end a verb in the same way, each with its own exit code."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def at_once() -> bool:
    return False


@dataclass(slots=True)
class Interruption:
    """Shape: number is the first signal's, or 0; while `is_held`, the first signal does not stop the work."""

    number: int = 0
    is_held: Callable[[], bool] = at_once

    @property
    def exit_code(self) -> int:
        """130 for SIGINT, 143 for SIGTERM, as in a shell."""
        return 128 + self.number

    def receive(self, number: int, frame: object) -> None:
        """Raises: KeyboardInterrupt, always on a second signal."""
        is_second, self.number = bool(self.number), self.number or number
        if not self.is_held() or is_second:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """End the process with the signal's exit code unless the block handles KeyboardInterrupt."""
    interruption = Interruption()
    before = {number: signal.signal(number, interruption.receive) for number in SIGNALS}
    try:
        yield interruption
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        sys.exit(interruption.exit_code)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
