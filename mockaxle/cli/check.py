"""`mockaxle check`: check a server against the contract and the rules."""

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockaxle.cli.client import FILE
from mockaxle.cli.commands import example
from mockaxle.cli.extras import missing
from mockaxle.cli.interruption import Interruption, interruptible
from mockaxle.cli.options import flag_only, gathered
from mockaxle.cli.report_files import read_report
from mockaxle.client.visible import shown_url, visible

if TYPE_CHECKING:
    from mockaxle.client.client import Client
    from mockaxle.contract.document import Contract
    from mockaxle.harness.account import CheckedAccount
    from mockaxle.harness.outcome import CheckResult, Known
    from mockaxle.harness.progress import Progress
    from mockaxle.harness.run import Run
    from mockaxle.harness.server_settings import Setting

PROFILES = ("flex-lite", "smart-charging", "vpp", "price-curves", "full")
SUITE_NAMES = (
    "journeys",
    "auth",
    "idempotency",
    "records",
    "products",
    "optimiser",
    "lifecycle",
    "repetition",
    "conformance",
)
FOLDER = click.Path(file_okay=False, path_type=Path)
CLEANING_SECONDS = 30
REPORTS = ("junit", "json", "html", "har")


def read_reports(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    """Shape: `junit=report.xml`. Raises: click.BadParameter."""
    return dict(read_report(context, option, value=value, kinds=REPORTS) for value in values)


def read_settings(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> "Mapping[str, Setting]":
    """Shape: `pause_minutes=60`. Raises: click.BadParameter."""
    from mockaxle.harness.server_settings import SettingRefused, read_setting

    try:
        pairs = [value.partition("=") for value in values]
        return {name: read_setting(name, text) for name, _, text in pairs}
    except SettingRefused as error:
        raise click.BadParameter(visible(str(error)), context, option) from None


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The command line of a check. Shape: no suites mean all of them, no seed a random one."""

    url: str
    username: str
    password: str
    other_username: str | None
    other_password: str
    limited_username: str | None
    limited_password: str
    after_expiry: str | None
    profile: str
    operations: tuple[str, ...]
    exclude: tuple[str, ...]
    only_present: bool
    suites: tuple[str, ...]
    style: str | None
    settings: Mapping[str, "Setting"]
    seed: int | None
    examples: int
    time_budget: int
    mpans: Path | None
    allow_writes: bool
    production: str | None
    reports: Mapping[str, Path]
    baseline: Path | None
    recordings: Path
    verbose: bool


@click.command(epilog=example("mockaxle check http://127.0.0.1:2953 --suite journeys --profile flex-lite"))
@click.argument("url")
@flag_only("--username", default="demo", help="Account to log in with.")
@flag_only("--password", default="demo", help="Password of --username.")
@flag_only("--other-username", help="Account of another organisation.")
@flag_only("--other-password", default="demo", help="Password of --other-username.")
@flag_only("--limited-username", help="Account that may only read.")
@flag_only("--limited-password", default="demo", help="Password of --limited-username.")
@flag_only("--after-expiry", help="Command that lets an hour pass, such as 'mockaxle advance 61m'.")
@flag_only("--profile", type=click.Choice(PROFILES), default="full", help="Product whose operations are tested.")
@flag_only("--operations", multiple=True, help="Operations to test, such as 'GET /entities/*'; repeatable.")
@flag_only("--exclude", multiple=True, help="Operations to leave out, such as '* /meter/*'; repeatable.")
@flag_only("--only-present", is_flag=True, help="Do not count operations that the server does not have.")
@flag_only(
    "--suite", "suites", type=click.Choice(SUITE_NAMES), multiple=True, help="Suite to run; repeatable. By default all."
)
@flag_only(
    "--style",
    type=click.Choice(["contract", "wire"]),
    help="wire accepts null for an absent field. By default the style of a mockaxle, contract for another server.",
)
@flag_only(
    "--setting",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=read_settings,
    help="Setting of a server that does not report it, such as pause_minutes=60; repeatable.",
)
@flag_only(
    "--seed",
    type=click.IntRange(0),
    help="Seed of the generated requests; by default random. The same seed sends the same requests to a fresh server.",
)
@flag_only(
    "--examples",
    type=click.IntRange(1),
    default=20,
    help="Number of generated stories, schedules, and cases for each operation.",
)
@flag_only("--time-budget", type=click.IntRange(1), default=600, help="Seconds after which all suites stop.")
@flag_only(
    "--mpans",
    type=FILE,
    help="File of the MPANs that may be used, one on each line: half-hourly settled homes without a site.",
)
@flag_only("--allow-writes", is_flag=True, help="Create sites, and delete them, on a server off loopback too.")
@flag_only("--production", help="Host name of the vendor's production, which is refused unless it is given here.")
@flag_only(
    "--report",
    "reports",
    multiple=True,
    callback=read_reports,
    help="Report to write: junit=FILE, json=FILE, html=FILE or har=FILE; repeatable.",
)
@flag_only(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="JSON report of an earlier check, whose findings are ignored.",
)
@flag_only(
    "--recordings",
    type=FOLDER,
    default="mockaxle-check",
    help="Folder for recordings of failures, for `mockaxle replay`.",
)
@flag_only("--verbose", is_flag=True, help="Print every line, and a table of the operations.")
@gathered(CheckOptions)
def check(options: CheckOptions) -> None:
    """Check the server at URL against the contract and the rules.

    Exits 0 if the server is clean (notes count at a mockaxle only), 1 if not, 2 if it could not be checked, 130 if
    interrupted, 143 by SIGTERM.
    """
    if find_spec("schemathesis") is None:
        raise missing("harness", of="mockaxle check")
    from mockaxle.cli.progress import suite_progress, ticking
    from mockaxle.harness.outcome import outcome

    known = _known(options.baseline)
    with interruptible() as interruption, _client(options.url) as client:
        with ticking(suite_progress(len(set(options.suites)) or len(SUITE_NAMES))) as progress:
            run = _prepared(client, options, progress)
            left_behind = _carried_out(run, options.suites or SUITE_NAMES, interruption=interruption)
        result = outcome(run, left_behind=left_behind, known=known)
        _report(result, verbose=options.verbose, interrupted=bool(interruption.number))
        _write_recordings(run, options.recordings)
        _write_reports(result, run, options.reports)
    if interruption.number:
        sys.exit(interruption.exit_code)
    sys.exit(2 if result.unfinished else 0 if result.is_clean else 1)


@contextmanager
def _client(url: str) -> "Iterator[Client]":
    """Raises: click.UsageError."""
    from mockaxle.client.client import Client
    from mockaxle.client.errors import UrlRefused

    try:
        client = Client(url)
    except UrlRefused as error:
        raise click.UsageError(f"{shown_url(url)}: {visible(str(error))}") from None
    with client:
        yield client


def _prepared(client: "Client", options: CheckOptions, progress: "Progress") -> "Run":
    """The run, logged in. Raises: click.UsageError."""
    from mockaxle.harness.safety import Unsafe
    from mockaxle.harness.suites import CannotCheck, begin
    from mockaxle.harness.target import Silent

    try:
        run = _run(client, options, progress)
        begin(run)
    except (Unsafe, CannotCheck, Silent) as error:
        raise click.UsageError(visible(str(error))) from None
    return run


def _run(client: "Client", options: CheckOptions, progress: "Progress") -> "Run":
    """Raises: Unsafe."""
    from mockaxle.harness.run import Homes, Run

    mpans, may_write = _allowed(client.base_url, options)
    contract, excluded = _selected(options)
    seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    main, other, limited = _accounts(client, options)
    assert main is not None, "it has a default"
    return Run(
        main.target,
        main,
        contract,
        Homes(mpans, seed),
        seed,
        options.examples,
        other=other,
        limited=limited,
        after_expiry=options.after_expiry,
        may_write=may_write,
        given={**options.settings, **({"style": options.style} if options.style else {})},
        profile=options.profile,
        is_partial=options.profile != "full" or bool(excluded),
        excluded=excluded,
        only_present=options.only_present,
        progress=progress,
    )


def _selected(options: CheckOptions) -> "tuple[Contract, frozenset[str]]":
    """The profile reduced to the operations to test, and those that options leave out. Raises: click.UsageError."""
    from mockaxle.contract.document import Contract, load_contract
    from mockaxle.contract.profiles import cut, profile, selected

    whole = load_contract() if options.profile == "full" else Contract(profile(options.profile))
    keys = [operation.key for operation in whole.operations]
    try:
        kept = selected(keys, patterns=options.operations, excluded=options.exclude)
    except ValueError as error:
        said = f"no operation of the profile {options.profile!r} matches {str(error)!r:.60}"
        raise click.UsageError(f"{said}; a pattern is a verb and a path, such as 'GET /entities/site*'") from None
    if not kept:
        raise click.UsageError("--operations and --exclude leave no operation")
    is_whole = kept == keys
    return whole if is_whole else Contract(cut(whole.document, kept)), frozenset(keys) - frozenset(kept)


def _allowed(url: str, options: CheckOptions) -> tuple[tuple[str, ...], bool]:
    """The MPANs that may be used (none: any), and whether the check may write. Raises: Unsafe."""
    from mockaxle.harness.safety import check_host, host_of, read_mpans
    from mockaxle.serving.addresses import is_loopback

    check_host(url, production=options.production)
    loopback = is_loopback(host_of(url))
    may_write = loopback or options.allow_writes
    return read_mpans(options.mpans, loopback=loopback, may_write=may_write), may_write


def _accounts(client: "Client", options: CheckOptions) -> "list[CheckedAccount | None]":
    """The main account, that of another organisation and that of limited roles, or None."""
    from mockaxle.harness.account import CheckedAccount
    from mockaxle.harness.target import Target

    target = Target(client.base_url, client, time.monotonic() + options.time_budget)
    named = [
        (options.username, options.password),
        (options.other_username, options.other_password),
        (options.limited_username, options.limited_password),
    ]
    if any(not is_text(one) for pair in named for one in pair if one):
        raise click.UsageError("a username or a password is not UTF-8")
    return [CheckedAccount(target, username, password) if username else None for username, password in named]


def is_text(value: str) -> bool:
    """Whether a value of the command line is UTF-8."""
    return value == value.encode("utf-8", "replace").decode()


def _carried_out(run: "Run", suites: Sequence[str], *, interruption: Interruption) -> list[str]:
    """Run the suites, then delete the sites they created, until a second signal. Shape: those that are left behind."""
    from mockaxle.harness.cleaning import clean_up
    from mockaxle.harness.run import INTERRUPTED
    from mockaxle.harness.suites import check

    interruption.is_held = run.target.interrupt
    try:
        check(run, suites)
    finally:
        interruption.is_held = lambda: True
        run.target.interrupted = False
        run.target.deadline = max(run.target.deadline, time.monotonic() + CLEANING_SECONDS)
        left_behind = clean_up(run)
    if interruption.number:
        run.unfinished = run.unfinished or INTERRUPTED
    return left_behind


def _known(baseline: Path | None) -> "Known | None":
    """The findings of an earlier report. Raises: click.UsageError."""
    if baseline is None:
        return None
    try:
        findings = json.loads(baseline.read_text(encoding="utf-8"))["findings"]
        titles = [title for one in findings for title in (one, *one.get("also", ()))]
        return {(str(title["rule"]), str(title["title"])) for title in titles}
    except (OSError, ValueError, KeyError, TypeError, RecursionError, AttributeError) as error:
        raise click.UsageError(f"{baseline} is no JSON report of mockaxle check: {error!r:.100}") from None


def _write_reports(result: "CheckResult", run: "Run", reports: Mapping[str, Path]) -> None:
    from mockaxle.harness.reports.html import write_html
    from mockaxle.harness.reports.json import write_json
    from mockaxle.harness.reports.junit import write_junit
    from mockaxle.recordings.har import write_har
    from mockaxle.recordings.jsonl import Recording

    def har() -> bytes:
        recording = Recording(run.main.username, None, tuple(run.target.exchanges))
        archive = json.loads("".join(write_har(recording, url=run.target.base_url, is_measured=True)))
        archive["log"]["entries"] += run.archived
        return json.dumps(archive).encode()

    writers: dict[str, Callable[[], bytes]] = {
        "junit": lambda: write_junit(result),
        "html": lambda: write_html(result),
        "json": lambda: write_json(result),
        "har": har,
    }
    for kind, file in reports.items():
        try:
            file.write_bytes(writers[kind]())
        except OSError as error:
            raise click.UsageError(f"cannot write {file}: {error}") from None


def _write_recordings(run: "Run", folder: Path) -> None:
    """Write a recording for `mockaxle replay` for each finding with a story. Raises: click.UsageError."""
    from mockaxle.harness.replayable import replayable
    from mockaxle.recordings.jsonl import Recording, write_recording

    for number, finding in enumerate((one for one in run.findings if one.story), start=1):
        file = folder / f"{finding.suite}-{finding.rule}-{number}.jsonl"
        recording = Recording(run.main.username, None, replayable(finding.exchanges, run.target.exchanges))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text("".join(write_recording(recording)), encoding="utf-8")
        except OSError as error:
            raise click.UsageError(f"cannot write {file}: {error}") from None
        click.echo(f"recording of a failure: mockaxle replay {file} --url {run.target.base_url}")


def _report(result: "CheckResult", *, verbose: bool, interrupted: bool) -> None:
    from mockaxle.cli.verdict import lines

    for line in lines(result, verbose=verbose):
        click.echo(line)
    if interrupted:
        click.echo("interrupted", err=True)
