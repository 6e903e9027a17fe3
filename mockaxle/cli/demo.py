"""`mockaxle demo`: one site from onboarding to a schedule with a pause, and on to offboarding."""

import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import click

from mockaxle.cli.client import CA_HELP, FILE, RunningMock
from mockaxle.cli.commands import example
from mockaxle.cli.options import flag_only
from mockaxle.client.visible import shown_url, visible

INDENT = " " * 7
SHOWN, MAX_HINT = 100, 1000


@click.command(epilog=example("mockaxle demo"))
@flag_only("--url", help="Base URL of a running server; by default the demo starts a mock.")
@flag_only("--username", help="Account to log in to, which must be new; by default a random one.")
@flag_only("--password", default="demo", help="Password of the account.")
@flag_only("--tls-ca-file", type=FILE, help=CA_HELP)
def demo(url: str | None, username: str | None, password: str, tls_ca_file: Path | None) -> None:
    """Run the demo: one site from onboarding to a schedule with a pause.

    Exits 0 only if every call went as expected.
    """
    username = username or f"demo-{secrets.token_hex(4)}"
    with server(url) as base, RunningMock(base, tls_ca_file=tls_ca_file).client() as client:
        click.echo(f"Demo at {shown_url(base)} as {visible(username)}\n")
        try:
            Demo(client, own=url is None).run(username, password=password)
        except (ValueError, LookupError, TypeError) as error:
            said = f"{shown_url(base)} answered unlike the Axle API: {visible(repr(error), limit=SHOWN)}"
            raise click.UsageError(said) from None


@contextmanager
def server(url: str | None) -> Iterator[str]:
    """The given server, or a mock for the duration of the demo."""
    if url is not None:
        yield url.rstrip("/")
        return
    from mockaxle.app import create_app
    from mockaxle.serving.listener import serve_in_thread

    with serve_in_thread(create_app()) as own:
        yield own


class Demo:
    """Makes the demo's calls and prints each with its result."""

    def __init__(self, client: Any, *, own: bool) -> None:
        from mockaxle.cli.journey import DemoJourney

        self._journey = DemoJourney(client)
        self._own = own

    def run(self, username: str, *, password: str) -> None:
        """Raises: click.ClickException at the first unexpected result."""
        from mockaxle.cli.journey import UNSEEN, DemoCall, calls
        from mockaxle.client.log_in import LogInRefused

        schedule = tonight(datetime.now(UTC))
        log_in = DemoCall("log in", "POST", "/auth/token-form", 200, UNSEEN)
        try:
            self._report(log_in, self._journey.log_in(username, password), before=UNSEEN)
        except LogInRefused as refused:
            raise click.UsageError(visible(str(refused))) from None
        for call in calls(schedule):
            before = self._journey.state
            answer = self._journey.make(call)
            self._report(call, answer, before=before)
            if call.path.endswith("plug-in-schedule") and answer.status == 200:
                self._picture(schedule, answer.json()["modified_charging_schedule"])
        click.echo("\nEvery call went as expected.")

    def _report(self, call: Any, answer: Any, *, before: str) -> None:
        """Raises: click.ClickException if the result is not as expected."""
        state = self._journey.state
        click.echo(click.style(call.why, bold=True))
        moved = state if state == before else f"{before} -> {state}"
        path = re.sub(r"([0-9a-f]{8})-[0-9a-f-]{27}", r"\1..", self._journey.path(call))
        rules = visible(answer.headers.get("x-mockaxle-rules", ""), limit=SHOWN)
        click.echo(f"  {call.verb:4} {path:58} {answer.status}  {moved:20} {rules}".rstrip())
        if answer.status >= 400 and "x-mockaxle-hint" in answer.headers:
            said = visible(f"{answer.field('detail')}. {answer.headers['x-mockaxle-hint']}", limit=MAX_HINT)
            click.echo(click.wrap_text(said, 100, initial_indent=INDENT, subsequent_indent=INDENT))
        if (answer.status, state) != (call.status, call.state):
            expected = f"expected {call.status} and {call.state}, got {answer.status} and {state}"
            raise click.ClickException(f"{call.verb} {path}: {expected}: {visible(answer.text, limit=MAX_HINT)}")

    def _picture(self, sent: list[dict[str, str]], returned: list[dict[str, str]]) -> None:
        """Raises: click.ClickException if the schedule has no pause."""
        from mockaxle.cli.timeline import Track, draw, spans_of

        full, light = ("█", "▒") if (sys.stdout.encoding or "").lower().startswith("utf") else ("#", "=")
        rows = [Track("sent", spans_of(sent), full), Track("returned", spans_of(returned), full)]
        if self._own:
            rows.append(Track("flex window", windows(spans_of(sent)[0]), light))
        click.echo("\n" + "\n".join(INDENT + line for line in draw(rows)) + "\n")
        if len(returned) != len(sent) + 1:
            raise click.ClickException("the returned schedule has no pause; the demo needs the default market")


def tonight(now: datetime) -> list[dict[str, str]]:
    """The schedule from 22:00 to 06:00 UTC, in the API's form."""
    start = datetime.combine(now.date(), time(22), UTC)
    pair = {"start_timestamp": start, "end_timestamp": start + timedelta(hours=8)}
    return [{name: at.isoformat().replace("+00:00", "Z") for name, at in pair.items()}]


def windows(night: tuple[datetime, datetime]) -> list[tuple[datetime, datetime]]:
    """The flex windows of the default world during a night."""
    from mockaxle.core.market import occurrences
    from mockaxle.scenarios.building import blueprint
    from mockaxle.scenarios.shipped import default

    found = occurrences(blueprint(default()).reference.market, night[0], end_at=night[1])
    return [(one.start_at, one.end_at) for one in found]
