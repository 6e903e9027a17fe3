"""`mockaxle fault`: add, list and remove faults of a world."""

from collections.abc import Mapping
from typing import Any

import click

from mockaxle.cli.client import RunningMock, admin, as_json, reaching
from mockaxle.cli.commands import AdvisingGroup, example
from mockaxle.cli.options import flag_only
from mockaxle.cli.output import print_columns, print_json
from mockaxle.client.visible import visible
from mockaxle.contract.nearest import closest, nearest
from mockaxle.world.faults import FaultKind, Timing

COUNTED = ("met", "taken")
KINDS = tuple(kind.value for kind in FaultKind)


def known_kind(context: click.Context, param: click.Parameter, kind: str) -> str:
    """Raises: click.UsageError, with the nearest kind."""
    if kind not in KINDS:
        advice = "" if closest(kind, KINDS) else f"; the kinds are {', '.join(KINDS)}"
        raise click.UsageError(nearest(kind, KINDS, what="kind of fault") + advice)
    return kind


def complete_kind(context: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [kind for kind in KINDS if kind.startswith(incomplete)]


@click.group(cls=AdvisingGroup, epilog=example("mockaxle fault add status --operation 'POST /data/readings' --count 1"))
def fault() -> None:
    """Add, list and remove faults: calls that fail, break or arrive late."""


@fault.command(
    epilog=example("mockaxle fault add status --status 502 --operation 'POST /data/readings' --count 1"),
)
@click.argument("kind", callback=known_kind, shell_complete=complete_kind)
@flag_only("--operation", help="Operation that it affects, such as 'GET /entities/site'.")
@flag_only("--path", help="Paths that it affects; * matches anything.")
@flag_only("--site", help="Site that it affects, by its id or MPAN.")
@flag_only("--account", help="Account that it affects.")
@flag_only("--nth", type=int, help="First of the matching calls that it affects, counted from 1.")
@flag_only("--count", type=int, help="Number of calls that it affects; by default all.")
@flag_only("--probability", metavar="NUMBER", help="Probability for each call, above 0 and at most 1.")
@flag_only("--moment", type=click.Choice([one.value for one in Timing]), help="Whether it precedes the call's work.")
@flag_only("--status", type=int, help="Status of the answer.")
@flag_only("--detail", help="Detail of the answer.")
@flag_only("--retry-after-seconds", type=int, help="Retry-After of the answer.")
@flag_only("--calls", type=int, help="Calls that a rate limit allows.")
@flag_only("--per-seconds", type=int, help="Seconds in which a rate limit allows them.")
@flag_only("--answer", type=click.Choice(["provider_down", "provider_timeout"]), help="Answer of the meter provider.")
@flag_only("--latency-ms", type=int, help="Delay in milliseconds.")
@flag_only("--spread-ms", type=int, help="Random delay that is added to it, at most.")
@as_json
@reaching("Account of the world.")
@admin
def add(kind: str, as_json: bool, target: RunningMock, **fields: Any) -> None:
    """Add a fault of KIND, and print its id. By default it affects all calls.

    Kinds: status, rate_limit, latency, revoke_token, meter_provider, reset, empty, cut, garbage, dribble.
    docs/faults.md describes them, and which options each takes.
    """
    body = {"kind": kind, **{name: value for name, value in fields.items() if value is not None}}
    answer = target.control("POST", "/faults", json=body)
    id = target.field(answer, "id", kind=str)
    if as_json:
        print_json(answer)
    else:
        click.echo(visible(id))


@fault.command("list", epilog=example("mockaxle fault list --url http://127.0.0.1:2953"))
@as_json
@reaching("Account of the world.")
@admin
def list_faults(as_json: bool, target: RunningMock) -> None:
    """List the faults: id, kind, fields, and the numbers of calls that matched and that were affected."""
    answer = target.control("GET", "/faults")
    faults, magic = target.rows(answer, "faults"), target.field(answer, "magic_names", kind=dict)
    if as_json:
        print_json(answer)
        return
    print_columns([_row(one) for one in faults], empty="no faults")
    for name, calls in magic.items():
        click.echo(visible(f"magic name {name}: {calls} calls affected"))


@fault.command(epilog=example("mockaxle fault clear --url http://127.0.0.1:2953"))
@click.argument("id", required=False)
@as_json
@reaching("Account of the world.")
@admin
def clear(id: str | None, as_json: bool, target: RunningMock) -> None:
    """Remove the fault ID, or all faults."""
    from mockaxle.world.entries import as_segment

    if id == "":
        raise click.UsageError("the ID is empty; without one, all faults are removed")
    place = "" if id is None else f"/{as_segment(id.encode('utf-8', 'replace').decode())}"
    answer = target.control("DELETE", f"/faults{place}")
    if as_json:
        print_json(answer)
    else:
        click.echo("removed all faults" if id is None else f"removed {visible(id)}")


def _row(one: Mapping[str, Any]) -> tuple[object, ...]:
    """The columns of a fault."""
    fields = {name: value for name, value in one.items() if name not in ("id", "kind", *COUNTED)}
    said = "  ".join(f"{name}={value}" for name, value in fields.items())
    return one.get("id"), one.get("kind"), f"met {one.get('met')}", f"affected {one.get('taken')}", said
