"""Locks by name that the processes of one machine share: bytes of a file beside the journal."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from time import monotonic, sleep

try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None  # type: ignore[assignment]  # a module's name has no other type

OFFSET_BYTES = 7
PATIENCE_SECONDS, LOOK_SECONDS = 2, 0.0005


class ByteLocks:
    """They end with the process. The file is opened with the first lock."""

    def __init__(self, journal: Path) -> None:
        self._place = journal.with_name(journal.name + ".lock")
        self._descriptor: int | None = None

    def take(self, name: str) -> bool:
        """Take a lock, if no other process has it. Raises: OSError."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _offset(name))
        except BlockingIOError:
            return False
        return True

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Hold a lock, once no other process has it. Raises: OSError, TimeoutError if one has it for long."""
        until = monotonic() + PATIENCE_SECONDS
        while not self.take(name):
            if monotonic() > until:
                raise TimeoutError(f"another process has been writing for {PATIENCE_SECONDS} s")
            sleep(LOOK_SECONDS)
        try:
            yield
        finally:
            self.leave(name)

    @property
    def _file(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._place, os.O_RDWR | os.O_CREAT, 0o600)
        return self._descriptor

    def leave(self, name: str) -> None:
        """Raises: OSError."""
        if self._descriptor is not None:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, _offset(name))

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _offset(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=OFFSET_BYTES).digest(), "big")
