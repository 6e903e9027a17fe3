"""The commands over HTTP: each row is a call of control."""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mockaxle.control.endpoint import ControlCall, Endpoint
from mockaxle.control.reading import refused
from mockaxle.core.limits import MAX_AT_ONCE
from mockaxle.scenarios.sections import AccountSection
from mockaxle.serving.admission import Checks
from mockaxle.serving.worlds import Worlds
from mockaxle.world.commands.refusals import OtherWorld
from mockaxle.world.commands.row import Row
from mockaxle.world.commands.rows import ROWS

Perform = Callable[[ControlCall, Row, Any], Awaitable[Mapping[str, Any]]]
"""Carries out a command, and returns its answer."""


def command_endpoints(worlds: Worlds, special: Mapping[str, Perform]) -> list[Endpoint[ControlCall]]:
    """Shape: `special` has the commands, by key, that do more than change the world."""
    usual = partial(_perform, worlds)
    return [
        Endpoint(
            row.key,
            row.summary,
            partial(_carry_out, special.get(row.key, usual), row),
            row.adapter,
            media=row.media,
            example=row.example,
            limit=row.limit,
        )
        for row in ROWS
    ]


async def _carry_out(perform: Perform, row: Row, call: ControlCall) -> Response:
    """Carry out a command and answer. Raises: CommandRefused, ValidationError, ScenarioRefused, Denied."""
    media_type = _media_type(call.request)
    if len(row.media) > 1 and media_type not in row.media:
        return refused(415, f"Send Content-Type: {' or '.join(reversed(row.media))}")
    body = await _read(row, call.body, media_type)
    return JSONResponse(await perform(call, row, body))


async def _perform(worlds: Worlds, call: ControlCall, row: Row, body: Any) -> Mapping[str, Any]:
    checks = Checks(account=partial(_check_account, call))
    if row.sets_time:
        checks = checks._replace(world=worlds.check_clock)
    return await worlds.carry_out(call.hosted, row, body=body, path=call.path, checks=checks)


async def _read(row: Row, body: bytes, media_type: str) -> Any:
    if len(body) > MAX_AT_ONCE or row.parse is not None:
        return await to_thread(row.read, body, media_type)
    return row.read(body, media_type)


def _check_account(call: ControlCall, account: AccountSection) -> None:
    """Raises: ForeignName; OtherWorld if the account names another world."""
    call.caller.check_name(account.username)
    if (account.world or call.name) != call.name:
        raise OtherWorld(f"The account {account.username!r:.60} belongs to the world {account.world!r:.60}")


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
