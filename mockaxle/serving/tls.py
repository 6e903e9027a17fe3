"""Certificates for HTTPS."""

import os
import ssl
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple


class Certificate(NamedTuple):
    """A certificate chain and its key, as PEM files."""

    chain: Path
    key: Path

    def check(self) -> None:
        """Raises: OSError, ssl.SSLError if they cannot be used or do not match."""
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self.chain, self.key)


@contextmanager
def self_made(hosts: Iterable[str], *, ca_file: Path) -> Iterator[Certificate]:
    """Make a certificate for the hosts until the block ends, and write its own authority to the file.

    Raises: ImportError if trustme is not installed, OSError.
    """
    import trustme

    authority = trustme.CA(organization_name="mockaxle, for tests only")
    issued = authority.issue_cert(*hosts)
    authority.cert_pem.write_to_path(ca_file)
    with _private_file() as chain, _private_file() as key:
        made = Certificate(chain, key)
        issued.private_key_pem.write_to_path(made.key)
        for pem in issued.cert_chain_pems:
            pem.write_to_path(made.chain, append=True)
        yield made


@contextmanager
def _private_file() -> Iterator[Path]:
    """Make an empty file readable by this user only: in memory if possible, so that kill -9 leaves nothing."""
    if sys.platform == "linux":
        with open(os.memfd_create("mockaxle"), "wb") as file:
            yield Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
        return
    with TemporaryDirectory(prefix="mockaxle-") as folder:
        path = Path(folder, "file.pem")
        path.touch(mode=0o600)
        yield path
