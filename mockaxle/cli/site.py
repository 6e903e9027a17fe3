"""`mockaxle site`: the sites of a world, or one of them."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import click

from mockaxle.cli.client import RunningMock, admin, as_json, reaching
from mockaxle.cli.commands import example
from mockaxle.cli.options import flag_only
from mockaxle.cli.output import counted, print_columns, print_json
from mockaxle.client.visible import visible


@click.command(epilog=example("mockaxle site --url http://127.0.0.1:2953"))
@click.argument("id", required=False)
@flag_only("--text", help="List only sites with this text in an id, MPAN, address, e-mail, user or external id.")
@flag_only("--limit", type=click.IntRange(1, 1000), default=50, help="Sites to list.")
@as_json
@reaching("Account of the world.")
@admin
def site(id: str | None, text: str | None, limit: int, as_json: bool, target: RunningMock) -> None:
    """List the sites of a world, or show the one of an ID or MPAN: its state, eligibility, assets and balance."""
    if id is not None:
        answer = target.control("GET", f"/sites/{quote(id, safe='')}")
    else:
        answer = target.control("GET", "/sites", params={"text": text or "", "limit": limit})
    if as_json:
        print_json(answer)
    elif id is None:
        found, total = target.rows(answer, "sites"), target.field(answer, "total", kind=int)
        print_columns([_row(one) for one in found], empty="no sites")
        if total > len(found):
            click.echo(f"{counted(total - len(found), 'more site')}; --limit lists more, --text fewer")
    else:
        target.field(answer, "site_id", kind=str)
        for line in _lines(answer.json()):
            click.echo(visible(line, limit=len(line)))


def _row(one: Mapping[str, Any]) -> tuple[object, ...]:
    return (one.get("mpan") or one.get("site_id"), one.get("state"), _words(one, "dispatch_methods"), _assets(one))


def _assets(one: Mapping[str, Any]) -> str:
    count = one.get("asset_count")
    return counted(count, "asset") if isinstance(count, int) else ""


def _lines(site: Mapping[str, Any]) -> Iterator[str]:
    yield f"{site.get('mpan') or 'no MPAN'}  {site.get('state')}"
    yield f"  id       {site.get('site_id')}"
    yield f"  address  {_address(site)}"
    yield f"  balance  {site.get('balance_pence')} pence"
    for one in _rows(site, "propositions"):
        why = "" if one.get("eligible") else f": {one.get('reason')}. {one.get('remedy')} ({one.get('rule')})"
        may = "may enrol" if one.get("eligible") else "may not enrol"
        yield f"  {one.get('dispatch_method')}  {one.get('state')}, {may}{why}"
    for one in _rows(site, "assets"):
        issues = _words(one, "issues")
        yield f"  asset {one.get('external_id')}  {one.get('type')}, {one.get('asset_id')}{issues and f', {issues}'}"
    for one in _rows(site, "transitions"):
        yield f"  entry {one.get('entry')}  {one.get('call')}: {one.get('outcome') or one.get('status')}"


def _address(site: Mapping[str, Any]) -> str:
    return ", ".join(str(part) for name in ("street_address", "postcode") if (part := site.get(name))) or "none"


def _words(one: Mapping[str, Any], name: str) -> str:
    """Join a list of words of an answer."""
    found = one.get(name)
    return ", ".join(map(str, found)) if isinstance(found, list) else ""


def _rows(one: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the objects in a list of an answer."""
    found = one.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
