"""`mockaxle replay`: send a recording again, and see whether the answers are the same."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockaxle.cli.client import FILE, RunningMock
from mockaxle.cli.options import flag_only
from mockaxle.client.visible import shown_url, visible
from mockaxle.serving.addresses import is_loopback

if TYPE_CHECKING:
    from mockaxle.recordings.applying import Difference
    from mockaxle.recordings.jsonl import Recording

MAX_SHOWN = 20
MAX_WIDTH = 300


@click.command()
@click.argument("file", type=FILE)
@flag_only("--url", help="Base URL of the server to replay on; without it a mock of its own.")
@flag_only("--username", help="Account to log in with, in the place of the recorded one.")
@flag_only("--password", default="demo", help="Its password; no recording has one.")
@flag_only("--allow-writes", is_flag=True, help="Send what changes something also to a server that is not on loopback.")
@flag_only("--tls-ca-file", type=FILE, help="The authority to trust, where the mock made its certificate.")
def replay(
    file: Path, url: str | None, username: str | None, password: str, allow_writes: bool, tls_ca_file: Path | None
) -> None:
    """Replay the recording FILE, which `mockaxle export` wrote. Exit 0 where all answers are the same, 1 where not."""
    recording = _read(file)
    matched: dict[str, int] = {}
    if url is None:
        outcome = _here(recording)
    else:
        _check_writes(recording, url, allow_writes)
        target = RunningMock(url, username or "", password, tls_ca_file=tls_ca_file)
        outcome = _there(recording, target, username, matched=matched)
    differing, compared = _tell(outcome, len(recording.entries), matched=matched)
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
        click.echo(f"{recording.dropped} entries from before the recording were no longer kept", err=True)
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
        raise click.UsageError(f"{count} calls would change something on {host}; --allow-writes sends them")


def _here(recording: "Recording") -> "Iterator[tuple[str, tuple[Difference, ...]]]":
    """What was left, if anything, and the differences, entry by entry."""
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
    """The same over HTTP; in the end `matched` has what was matched and not compared."""
    from mockaxle.recordings.jsonl import RecordingRefused
    from mockaxle.recordings.sending import CannotReplay, Sender

    if recording.dropped or (recording.base and recording.base.get("state") != "origin"):
        click.echo("the recording begins with a world that has a past, which this server may not have", err=True)
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


def _tell(
    outcome: "Iterator[tuple[str, tuple[Difference, ...]]]", total: int, *, matched: dict[str, int]
) -> tuple[int, int]:
    """Prints what differs, with a bar while it runs on a terminal; how many entries differed, and were compared."""
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
        click.echo(f"... the first {MAX_SHOWN} of each kind")
    if matched:
        counts = ", ".join(f"{count} {kind}" for kind, count in matched.items())
        click.echo(f"matched, not compared: {counts}")
    if reasons:
        click.echo(f"{reasons} entries with other rules or another hint, which no client need see")
    click.echo(f"{compared} entries compared, {differing} with another answer")
    return differing, compared


def _line(one: "Difference") -> str:
    def cut(text: str) -> str:
        return visible(text if len(text) <= MAX_WIDTH else text[:MAX_WIDTH] + "...")

    place = visible(one.place, limit=MAX_WIDTH)
    recorded = f"  {place}: recorded {cut(one.recorded)}"
    came = f"  {' ' * len(place)}  came     {cut(one.came)}"
    return "\n".join((f"{one.number} {visible(one.call)}", recorded, came))
