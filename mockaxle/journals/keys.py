"""The key of a server as a file: 32 bytes in hex, from which tokens and the hashes of passwords are made."""

import os
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex

from mockaxle.journals.engine import EngineRefused

KEY_BYTES = 32


def read_key(text: str) -> bytes:
    """Raises: ValueError unless it is 64 hex digits."""
    key = bytes.fromhex(text.strip())
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {2 * KEY_BYTES} hex digits, not {len(text.strip())}")
    return key


def key_beside(journal: Path) -> bytes:
    """Read the key beside a journal, made with mode 0600 if there is neither. Raises: EngineRefused."""
    place = journal.with_name(journal.name + ".key")
    try:
        if not place.exists():
            if journal.exists() and journal.stat().st_size:
                raise EngineRefused(
                    f"{place} is missing, the key with which {journal} was made; bring it back, or name it by "
                    "--key-file"
                )
            _make(place)
        return read_key(place.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise EngineRefused(f"{place}: {getattr(error, 'strerror', None) or error}") from error


def _make(place: Path) -> None:
    """Write the file whole, so that no crash leaves half a key."""
    draft = place.with_name(place.name + ".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{token_hex(KEY_BYTES)}\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)


def digest_of_key(key: bytes) -> str:
    """Return what a journal keeps of a key."""
    return blake2b(b"journal", key=key, digest_size=16).hexdigest()
