"""`mockaxle check-receiver`: check a partner's receiver of messages, by a mock of the command's own."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockaxle.cli.client import client_of_origin
from mockaxle.cli.commands import example
from mockaxle.cli.extras import missing
from mockaxle.cli.interruption import interruptible
from mockaxle.cli.options import flag_only, gathered, option
from mockaxle.cli.report_files import read_report
from mockaxle.client.visible import shown_url, visible
from mockaxle.serving.settings import DEFAULT_PORT

if TYPE_CHECKING:
    from mockaxle.harness.receiver.rows import ReceiverResult, RowResult
    from mockaxle.harness.receiver.stage import DrivenMock
    from mockaxle.harness.receiver.suite import Report

REPORTS = ("junit", "json", "html")
GRADES = "D: documented by the vendor. Dq: documented, as others quote it. M: our own, a note."
COLOURS = {"passed": "green", "note": "cyan", "error": "red", "skipped": None}


def read_reports(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    """Shape: `junit=report.xml`. Raises: click.BadParameter."""
    return dict(read_report(context, option, value=value, kinds=REPORTS) for value in values)


@dataclass(frozen=True, slots=True)
class CheckReceiverOptions:
    """The command line. Units: pace in seconds."""

    url: str
    secret: str
    schedules: str | None
    observe: bool
    port: int
    pace: float
    username: str
    password: str
    reports: Mapping[str, Path]


@click.command(epilog=example("mockaxle check-receiver http://127.0.0.1:9000/axle --secret whsec_a-secret-of-yours"))
@click.argument("url")
@option("--secret", required=True, help="Key of the signatures, as the receiver knows it.")
@flag_only("--schedules", metavar="URL", help="Where plans are sent; its path has {asset_id} or {external_id}.")
@flag_only("--observe", is_flag=True, help="Judge what the receiver's system does to the mock, too.")
@flag_only(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    help="Port of the mock with --observe, to which the system is pointed; 0 takes a free one.",
)
@flag_only(
    "--pace",
    type=click.FloatRange(2, 3600),
    default=10.0,
    help="Seconds until a dispatch begins, and that it lasts, with --observe. The system sends readings more often.",
)
@flag_only("--username", default="demo", help="Account with which the system logs in, with --observe.")
@flag_only("--password", default="demo", help="Password of --username.")
@flag_only(
    "--report",
    "reports",
    multiple=True,
    callback=read_reports,
    help="Report to write: junit=FILE, json=FILE or html=FILE; repeatable.",
)
@gathered(CheckReceiverOptions)
def check_receiver(options: CheckReceiverOptions) -> None:
    """Check the receiver at URL: what it answers to valid, repeated, forged, broken and large messages.

    The command starts a mock of its own, which sends them. With --observe it makes dispatches and plans, too, and
    judges the callbacks and readings that come: point the receiver's system at the mock first.

    Exits 0 if no row has an error, 1 if one has, 2 if nothing answers HTTP at URL.
    """
    if "junit" in options.reports and find_spec("junitparser") is None:
        raise missing("harness", of="mockaxle check-receiver --report junit")
    with interruptible(), ExitStack() as stack:
        result = checked(options, stack)
    for line in lines(result):
        click.echo(line)
    _write(result, options.reports)
    sys.exit(0 if result.is_clean else 1)


def checked(options: CheckReceiverOptions, stack: ExitStack) -> "ReceiverResult":
    """Start a mock, and check the receiver by it. Raises: click.UsageError."""
    from mockaxle.client.control import ControlFailed
    from mockaxle.client.errors import Unanswered
    from mockaxle.harness.receiver.envoy import Envoy
    from mockaxle.harness.receiver.suite import check_receiver

    receiver = stack.enter_context(client_of_origin(options.url))
    stage = _stage(options, stack)
    envoy = Envoy(receiver, options.url, secret=options.secret)
    try:
        target, pace = options.url, options.pace if options.observe else None
        return check_receiver(stage, envoy, target=target, pace=pace, report=_progress())
    except (Unanswered, ControlFailed) as error:
        raise click.UsageError(f"{shown_url(options.url)}: {visible(str(error))}") from None


def _stage(options: CheckReceiverOptions, stack: ExitStack) -> "DrivenMock":
    """Start the mock, and log in. Raises: click.UsageError."""
    from mockaxle.app import create_app
    from mockaxle.client.client import Client
    from mockaxle.client.control import ControlSession
    from mockaxle.client.log_in import bearer, log_in
    from mockaxle.harness.receiver.stage import SCENARIO, DrivenMock
    from mockaxle.scenarios.sections import Scenario
    from mockaxle.serving.listener import serve_in_thread
    from mockaxle.serving.settings import ServerSettings

    port = options.port if options.observe else 0
    app = create_app(ServerSettings(receiver_hosts=_hosts(options)), scenario=Scenario.model_validate(SCENARIO))
    try:
        base = stack.enter_context(serve_in_thread(app, port=port))
    except OSError as error:
        raise click.UsageError(f"cannot listen on port {port}: {error}; choose another --port") from None
    if options.observe:
        click.echo(f"Observing the system that calls {base} as {visible(options.username)}")
    client = stack.enter_context(Client(base))
    token = log_in(client, options.username, password=options.password)
    control = ControlSession(client, options.username, password=options.password)
    return DrivenMock(control, client, bearer(token), options.url, options.schedules, options.secret)


def _hosts(options: CheckReceiverOptions) -> tuple[str, ...]:
    """The hosts that the mock may call, by their schemes' ports if they name none."""
    from urllib.parse import urlsplit

    urls = [urlsplit(url) for url in (options.url, options.schedules) if url]
    return tuple(url.netloc for url in urls if url.netloc and "@" not in url.netloc)


def _progress() -> "Report":
    """Report on a terminal what is being done, in one line."""
    if not sys.stderr.isatty():
        return lambda text: None
    return lambda text: click.echo(f"\r\033[K{text}", nl=False, err=True)


def lines(result: "ReceiverResult") -> Iterator[str]:
    """The verdict, and each row with what failed."""
    from mockaxle.harness.receiver.rows import RowLevel as Level

    counted = ", ".join(f"{count} {level.value}" for level, count in result.counted.items())
    what = "is clean" if result.is_clean else "is not clean"
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    yield f"{shown_url(result.target)} {what}: {counted}; {result.seconds:.1f} s\n"
    for row in result.rows:
        yield from _row(row)
    yield f"\n{GRADES}"
    if result.rows[0].failed:
        yield "Row 1 is a message with a right signature. If it is refused, is its secret the one of --secret?"
    if not result.is_observed:
        yield "Rows 7 to 10 and 20 were judged by the answers alone. The skipped ones need your system's calls: point"
        yield "it at the mock, and use --observe."
    elif result.counted[Level.SKIPPED]:
        yield "A skipped row was not judged, since your system made no call that could show it."


def _row(result: "RowResult") -> Iterator[str]:
    row, level = result.row, result.level.value
    yield f"{click.style(f'{level:8}', fg=COLOURS[level])} {row.number:2}  {row.title} ({row.grade.value})"
    if result.failed:
        yield f"             expected: {result.expected}"
    for case in result.failed:
        yield visible(f"             {case.what}: {case.came}")


def _write(result: "ReceiverResult", reports: Mapping[str, Path]) -> None:
    """Raises: click.UsageError."""
    from mockaxle.harness.receiver.reports import WRITERS

    for kind, file in reports.items():
        try:
            file.write_bytes(WRITERS[kind](result))
        except OSError as error:
            raise click.UsageError(f"cannot write {file}: {error}") from None
