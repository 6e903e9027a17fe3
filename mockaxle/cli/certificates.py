"""The certificate of `mockaxle serve`."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import click

from mockaxle.cli.extras import missing
from mockaxle.serving.settings import ServerSettings


class TlsOptions(NamedTuple):
    """The TLS options of the command line."""

    chain: Path | None
    key: Path | None
    self_made: bool
    ca_file: Path | None

    def check(self) -> None:
        """Raises: click.UsageError."""
        if (self.chain is None) != (self.key is None) or (self.self_made and self.chain):
            raise click.UsageError("give --tls-cert and --tls-key, or --tls self, or none of the three")
        if self.self_made and self.ca_file is None:
            raise click.UsageError(
                "--tls self needs --tls-ca-file, the file for the certificate authority that clients trust"
            )


def certificate(options: TlsOptions, settings: ServerSettings, *, stack: ExitStack) -> Any:
    """A checked certificate, or None for plain HTTP. A generated one is valid until the stack is closed.

    Raises: click.UsageError.
    """
    options.check()
    if not options.self_made and options.chain is None:
        return None
    from mockaxle.serving import tls

    hosts = dict.fromkeys(["localhost", "127.0.0.1", "::1", settings.host, *settings.allowed_hosts])
    try:
        if options.chain and options.key:
            found = tls.Certificate(options.chain, options.key)
        else:
            assert options.ca_file
            found = stack.enter_context(tls.self_made(hosts, ca_file=options.ca_file))
        found.check()
    except (OSError, ValueError) as error:
        raise click.UsageError(f"cannot serve HTTPS: {error}") from None
    except ImportError:
        raise missing("tls", of="--tls self") from None
    return found
