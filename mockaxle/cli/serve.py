"""`mockaxle serve`: serve the mock until Ctrl-C or SIGTERM."""

import gc
import sys
from contextlib import ExitStack, nullcontext
from ipaddress import ip_address
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click
from click.core import ParameterSource

from mockaxle.cli.announcement import announced
from mockaxle.cli.certificates import TlsOptions, certificate
from mockaxle.cli.client import FILE
from mockaxle.cli.commands import example
from mockaxle.cli.completion import complete_scenario
from mockaxle.cli.journal_options import (
    JournalOptions,
    duration,
    held_for_workers,
    journal_options,
    kept_by,
    with_key_of_journal,
)
from mockaxle.cli.options import option
from mockaxle.cli.running import ServePlan, end_process, run
from mockaxle.cli.scenario import scenario_of
from mockaxle.client.visible import visible
from mockaxle.serving.addresses import plain_address
from mockaxle.serving.settings import (
    BODY_TIMEOUT,
    DEFAULT_HOST,
    DEFAULT_PORT,
    DEFAULT_SEED,
    HEAD_TIMEOUT,
    MAX_ACCOUNTS,
    MAX_BODY,
    MAX_CONNECTIONS,
    MAX_HEAD,
    MAX_WORLDS,
    NEW_WORLDS_PER_MINUTE,
    ServerSettings,
)

if TYPE_CHECKING:
    from mockaxle.scenarios.sections import Scenario

SHARED = (
    "Treat the server as shared with others: it keeps passwords, and control needs a kept password or the admin token. "
    "Implied by --host off loopback, --root-path and --public-url. Requests with Forwarded, X-Forwarded-*, X-Real-IP "
    "or Via are always treated this way; behind a proxy that adds none of these headers, pass --shared."
)


def first_line(context: click.Context, option: click.Parameter, file: Path | None) -> str | None:
    """The first line of a file, which must not be empty. Raises: click.BadParameter."""
    if file is None:
        return None
    try:
        line = file.read_text(encoding="ascii").strip().partition("\n")[0]
    except (OSError, UnicodeError) as error:
        raise click.BadParameter(f"cannot be read: {error}", context, option) from None
    if not line:
        raise click.BadParameter(f"{file} is empty", context, option)
    return line


def root_path(context: click.Context, option: click.Parameter, value: str) -> str:
    """The path with its leading slash and without a trailing one. Raises: click.BadParameter."""
    if value and not value.startswith("/"):
        raise click.BadParameter("must begin with a slash, such as /axle", context, option)
    return value.rstrip("/")


def addresses(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """IP addresses in the form that the server compares. Raises: click.BadParameter."""
    try:
        return tuple(plain_address(str(ip_address(value))) for value in values)
    except ValueError as error:
        raise click.BadParameter(f"must be an IP address: {error}", context, option) from None


def hosts(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Hosts of receivers. Raises: click.BadParameter."""
    from mockaxle.deliveries.targets import read_named_host
    from mockaxle.world.commands.refusals import TargetRefused

    for value in values:
        try:
            read_named_host(value)
        except (ValueError, TargetRefused) as error:
            raise click.BadParameter(f"must be a host such as partner.example:8443: {error}", context, option) from None
    return values


@click.command(epilog=example("mockaxle serve --port 2953 --scenario busy-evening"))
@option("--host", default=DEFAULT_HOST, help="Address to listen on.")
@option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, help="Port to listen on; 0 chooses a free one.")
@option(
    "--port-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write the port to, once the server listens.",
)
@option("--seed", default=DEFAULT_SEED, help="Any text. The same seed and calls give the same ids.")
@option("--public-url", default="", show_default=False, help="Server URL in /openapi.json; by default the root path.")
@option(
    "--root-path",
    default="",
    show_default=False,
    callback=root_path,
    help="Path below which a proxy serves the mock, such as /axle.",
)
@option("--shared/--no-shared", default=None, help=SHARED)
@option("--max-worlds", type=click.IntRange(1), default=MAX_WORLDS, help="Maximum number of worlds.")
@option(
    "--when-full",
    type=click.Choice(["evict", "refuse"]),
    default="evict",
    help="At --max-worlds: evict drops a world (first of those only logged in to, then the longest unused), "
    "refuse answers 503.",
)
@option(
    "--max-accounts",
    type=click.IntRange(1),
    default=MAX_ACCOUNTS,
    help="Maximum number of accounts with a kept password, including those of dropped worlds; beyond it, new "
    "usernames get 503.",
)
@option(
    "--new-worlds-per-minute",
    type=click.IntRange(1),
    default=NEW_WORLDS_PER_MINUTE,
    help="Worlds that one address may open or fork on a shared server; then 429.",
)
@option(
    "--trusted-proxy",
    "trusted_proxies",
    multiple=True,
    callback=addresses,
    help="Address of a proxy whose last X-Forwarded-For entry is the caller's address; repeatable.",
)
@option(
    "--receiver-host",
    "receiver_hosts",
    multiple=True,
    callback=hosts,
    help="HOST or HOST:PORT of a receiver off loopback to which messages may be delivered; repeatable.",
)
@option("--max-body", type=click.IntRange(1), default=MAX_BODY, help="Maximum request body in bytes; then 413.")
@option(
    "--max-head",
    type=click.IntRange(1024),
    default=MAX_HEAD,
    help="Maximum request head, or chunk framing, in bytes; then 414 or 431.",
)
@option(
    "--head-timeout",
    default=f"{HEAD_TIMEOUT.seconds}s",
    callback=duration,
    help="Time to receive a request's head; then 408.",
)
@option(
    "--body-timeout",
    default=f"{BODY_TIMEOUT.seconds}s",
    callback=duration,
    help="Time to receive a request's body, then 408; also the time for a client to read its answer.",
)
@option(
    "--max-connections",
    type=click.IntRange(1),
    default=MAX_CONNECTIONS,
    help="Maximum number of open connections; then 503.",
)
@option("--rules-header/--no-rules-header", default=True, help="Name each answer's rules in X-Mockaxle-Rules.")
@option(
    "--scenario",
    "scenario_name",
    help="Scenario of each new world: a file, or a name from `mockaxle scenario list`.",
    shell_complete=complete_scenario,
)
@option("--admin-token", help="Token that controls every world; by default one is generated and printed.")
@option("--admin-token-file", callback=first_line, help="File that holds the admin token.", type=FILE)
@option("--allowed-host", "allowed_hosts", multiple=True, help="Further host name of this machine; repeatable.")
@option(
    "--cors-origin",
    "cors_origins",
    multiple=True,
    help="Origin whose pages may call the API (never control), or * for all; repeatable.",
)
@option("--tls-cert", type=FILE, help="PEM file with the certificate chain for HTTPS.")
@option("--tls-key", type=FILE, help="PEM file with the private key of --tls-cert.")
@option("--tls", type=click.Choice(["self"]), help="Serve HTTPS with a certificate generated at the start.")
@option(
    "--tls-ca-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write the certificate authority of --tls self to.",
)
@journal_options
@option("--quiet/--no-quiet", default=False, help="Print the base URL only.")
@option("--print-calls/--no-print-calls", default=None, help="Print each call; by default on a terminal, unless quiet.")
def serve(
    port_file: Path | None,
    quiet: bool,
    print_calls: bool | None,
    admin_token: str | None,
    admin_token_file: str | None,
    scenario_name: str | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    tls: str | None,
    tls_ca_file: Path | None,
    **others: Any,
) -> None:
    """Serve the mock until Ctrl-C."""
    journal = JournalOptions(**{name: others.pop(name) for name in JournalOptions._fields})
    journal.check_workers()
    gc.disable()  # until spare_the_collector: a start allocates much and drops little
    given = admin_token or admin_token_file
    server = ServerSettings(**(others | ({"admin_token": given} if given else {})))
    scenario = read(scenario_name, quiet=quiet) if scenario_name else None
    output = Output(quiet, port_file, tls_ca_file if tls else None, given is None, print_calls)
    source = click.get_current_context().get_parameter_source("tls_ca_file")
    if tls is None and source is ParameterSource.COMMANDLINE:
        raise click.UsageError("--tls-ca-file needs --tls self, which generates the certificate authority")
    with ExitStack() as stack:
        secured = certificate(TlsOptions(tls_cert, tls_key, tls is not None, tls_ca_file), server, stack=stack)
        listening = stack.enter_context(listen(server.host, server.port))
        keyed = with_key_of_journal(journal, server, has_admin_token=given is not None)
        plan = ServePlan(keyed, journal, scenario, secured, output.shows_calls)
        (run_one if journal.workers == 1 else run_workers)(plan, listening, output)


def read(name: str, *, quiet: bool) -> "Scenario":
    """The scenario of that name, with a line if reading it takes more than a moment. Raises: click.UsageError."""
    with nullcontext() if quiet else announced(f"Reading the scenario {visible(name)} ..."):
        return scenario_of(name)


def listen(host: str, port: int) -> socket:
    from mockaxle.serving.listener import open_socket

    try:
        return open_socket(host, port)
    except (OSError, UnicodeError) as error:
        raise click.UsageError(f"cannot listen on {host}:{port}: {error}; choose another with --port") from None


class Output(NamedTuple):
    """What the command prints, and the files that it writes."""

    quiet: bool
    port_file: Path | None
    ca_file: Path | None
    shows_token: bool
    print_calls: bool | None

    @property
    def shows_calls(self) -> bool:
        return sys.stdout.isatty() and not self.quiet if self.print_calls is None else self.print_calls


def announce(plan: ServePlan, listening: socket, output: Output, *, journal: str | None) -> None:
    """Write the port file, and print where the server is. Shape: `journal` says where the worlds are kept."""
    from mockaxle.cli import terminal
    from mockaxle.serving.listener import base_url

    write_port(output.port_file, listening.getsockname()[1])
    url = base_url(listening, secure=plan.certificate is not None)
    token = plan.settings.admin_token if output.shows_token else None
    terminal.print_welcome(url, plan.settings, ca_file=output.ca_file, admin_token=token, quiet=output.quiet)
    if journal is not None and not output.quiet:
        terminal.print_journal(journal)


def run_one(plan: ServePlan, listening: socket, output: Output) -> NoReturn:
    """Serve in this process."""
    with kept_by(plan.journal, plan.settings) as make_lasting:
        run(
            plan,
            listening,
            make_lasting=make_lasting,
            on_ready=lambda app: announce(
                plan, listening, output, journal=None if app.lasting is None else app.lasting.description
            ),
        )
    end_process()


def run_workers(plan: ServePlan, listening: socket, output: Output) -> NoReturn:
    """Serve in several processes."""
    from mockaxle.cli.workers import keep_workers

    gc.enable()
    with held_for_workers(plan.journal, plan.settings) as (place, inherited):
        announce(plan, listening, output, journal=f"{place}, served by {plan.journal.workers} workers")
        status = keep_workers(plan, listening, inherited=inherited)
    raise SystemExit(status)


def write_port(file: Path | None, port: int) -> None:
    """Write the port file whole: a reader never sees half a number. A device, FIFO or link is written to in place."""
    if file is None:
        return
    try:
        if file.is_symlink() or (file.exists() and not file.is_file()):
            file.write_text(f"{port}\n")
            return
        draft = file.with_name(file.name + ".draft")
        draft.write_text(f"{port}\n")
        draft.replace(file)
    except OSError as error:
        raise click.UsageError(f"cannot write the port file: {error}") from None
