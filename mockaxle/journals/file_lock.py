"""A journal's file belongs to one process, which holds a lock beside it that ends with the process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mockaxle.journals.engine import EngineRefused

try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None  # type: ignore[assignment]  # a module's name has no other type

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.sshfs", "afs", "lustre"})
"""File systems on which SQLite's locks do not hold."""


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the journal of a path; yield the descriptor that holds it, also in processes that inherit it.

    Raises: EngineRefused if another process does, or on a network file system.
    """
    if fcntl is None:
        raise EngineRefused("journals need a POSIX system")
    kind = file_system_of(path)
    if kind in NETWORK:
        raise EngineRefused(f"{path} is on a network file system ({kind}), where SQLite's locks do not hold")
    beside = path.with_name(path.name + ".lock")
    try:
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise EngineRefused(f"{beside}: {error.strerror}") from error
    try:
        _take(descriptor, path)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path) -> None:
    """Raises: EngineRefused."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pid = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        raise EngineRefused(f"{path} is in use by the process {pid or '(unknown)'}") from None
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


def file_system_of(path: Path) -> str:
    """Return the type of the file system of a path; empty if it cannot be known."""
    found, deepest = "", -1
    with suppress(OSError, ValueError):
        place = path.absolute().resolve()
        for line in MOUNTS.read_text().splitlines():
            fields, _, rest = line.partition(" - ")
            mounted = Path(fields.split()[4].encode().decode("unicode_escape"))
            if place.is_relative_to(mounted) and len(mounted.parts) > deepest:
                found, deepest = rest.split()[0], len(mounted.parts)
    return found
