"""`mockaxle replay`: replay a recording and report differences."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockaxle.cli.client import CA_HELP, FILE, RunningMock
from mockaxle.cli.commands import example
from mockaxle.cli.options import flag_only
from mockaxle.cli.output import counted
from mockaxle.client.visible import shown_url, visible
from mockaxle.serving.addresses import is_loopback

if TYPE_CHECKING:
    from mockaxle.recordings.applying import Difference
    from mockaxle.recordings.jsonl import Recording

MAX_SHOWN = 20
MAX_WIDTH = 300


@click.command(epilog=example("mockaxle export > log.jsonl && mockaxle replay log.jsonl"))
@click.argument("file", type=FILE)
@flag_only("--url", help="Base URL of the server to replay on; by default a fresh mock.")
@flag_only("--username", help="Account to use instead of the recorded one.")
@flag_only("--password", default="demo", help="Password of the account; recordings contain none.")
@flag_only("--allow-writes", is_flag=True, help="Allow calls that write on a server off loopback.")
@flag_only("--tls-ca-file", type=FILE, help=CA_HELP)
def replay(
    file: Path, url: str | None, username: str | None, password: str, allow_writes: bool, tls_ca_file: Path | None
) -> None:
    """Replay the recording FILE, on a fresh mock or another server, and report differences.

    `mockaxle export` writes recordings. Exits 0 if all answers are the same, 1 if not.
    """
    recording = _read(file)
    matched: dict[str, int] = {}
    if url is None:
        outcome = _here(recording)
    else:
        _check_writes(recording, url, allow_writes)
        target = RunningMock(url, username or "", password, tls_ca_file=tls_ca_file)
        outcome = _there(recording, target, username, matched=matched)
    differing, compared = _report(outcome, len(recording.entries), matched=matched)
    if not compared:
        raise click.UsageError("no entry could be compared")
    sys.exit(1 if differing else 0)


def _read(file: Path) -> "Recording":
    """Raises: click.UsageError."""
    from mockaxle.recordings.jsonl import RecordingRefused, differing_versions, read_recording

    try:
        recording = read_recording(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, RecordingRefused) as error:
        raise click.UsageError(f"{file} cannot be replayed: {visible(str(error))}") from None
    for text in differing_versions(recording):
        click.echo(f"made with {visible(text)}", err=True)
    if recording.dropped:
        click.echo(f"the recording lacks {recording.dropped} earlier entries", err=True)
    return recording


def _check_writes(recording: "Recording", url: str, allowed: bool) -> None:
    """Raises: click.UsageError."""
    from mockaxle.client.client import read_base_url
    from mockaxle.client.errors import UrlRefused
    from mockaxle.recordings.sending import writes

    try:
        host = read_base_url(url).host
    except UrlRefused as error:
        raise click.UsageError(f"{shown_url(url)}: {error}") from None
    count = writes(recording.entries)
    if count and not allowed and not is_loopback(host):
        raise click.UsageError(f"{counted(count, 'call')} would write on {host}; allow them with --allow-writes")


def _here(recording: "Recording") -> "Iterator[tuple[str, tuple[Difference, ...]]]":
    """Of each entry why it was not compared, if so, and its differences."""
    from mockaxle.app import make_apply
    from mockaxle.contract.document import load_contract
    from mockaxle.recordings.applying import replay_here
    from mockaxle.recordings.jsonl import RecordingRefused

    try:
        for differences in replay_here(recording, make_apply(load_contract())):
            yield "", tuple(differences)
    except RecordingRefused as error:
        raise click.UsageError(f"the recording cannot be replayed: {error}") from None


def _there(
    recording: "Recording", target: RunningMock, username: str | None, *, matched: dict[str, int]
) -> "Iterator[tuple[str, tuple[Difference, ...]]]":
    """The same over HTTP. Fills `matched` with counts of values that were matched, not compared."""
    from mockaxle.recordings.jsonl import RecordingRefused
    from mockaxle.recordings.sending import CannotReplay, Sender

    if recording.dropped or (recording.base and recording.base.get("state") != "origin"):
        click.echo("the recording starts from a world with earlier changes, which this server may lack", err=True)
    with target.client() as client:
        sender = Sender(client, username, target.password)
        try:
            for one in sender.replay(recording):
                yield one.left and f"{one.number} {one.what}: not compared, {one.left}", one.differences
        except RecordingRefused as error:
            raise click.UsageError(f"the recording cannot be replayed: {error}") from None
        except CannotReplay as error:
            raise click.UsageError(f"cannot replay on {shown_url(target.url)}: {visible(str(error))}") from None
    matched.update(sender.matched)


def _report(
    outcome: "Iterator[tuple[str, tuple[Difference, ...]]]", total: int, *, matched: dict[str, int]
) -> tuple[int, int]:
    """Print the differences, with a bar on a terminal. Shape: counts of entries that differ and were compared."""
    differing, compared, reasons, shown = 0, 0, 0, Counter[bool]()
    with click.progressbar(outcome, length=total, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for left, differences in bar:
            if left:
                click.echo(visible(left), err=True)
            compared += not left
            differing += any(not one.is_reason for one in differences)
            reasons += any(one.is_reason for one in differences)
            for one in differences:
                shown[one.is_reason] += 1
                if shown[one.is_reason] <= MAX_SHOWN:
                    click.echo(_line(one))
    if any(count > MAX_SHOWN for count in shown.values()):
        click.echo(f"... only the first {MAX_SHOWN} of each kind are shown")
    if matched:
        counts = ", ".join(f"{count} {kind}" for kind, count in matched.items())
        click.echo(f"matched, not compared: {counts}")
    if reasons:
        click.echo(f"{reasons} entries with other rules or another hint, which do not count as differences")
    click.echo(f"{counted(compared, 'entry')} compared, {differing} different")
    return differing, compared


def _line(one: "Difference") -> str:
    def cut(text: str) -> str:
        return visible(text if len(text) <= MAX_WIDTH else text[:MAX_WIDTH] + "...")

    place = visible(one.place, limit=MAX_WIDTH)
    recorded = f"  {place}: recorded {cut(one.recorded)}"
    came = f"  {' ' * len(place)}  received {cut(one.came)}"
    return "\n".join((f"{one.number} {visible(one.call)}", recorded, came))
