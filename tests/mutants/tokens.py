"""What faults remember of earlier calls: tokens, and who owns a site or an asset."""

from typing import Any

from mockaxle.harness.operations import COMPONENT_TOKEN
from mockaxle.harness.target import LOG_IN
from tests.mutants.proxy import Call, Mock, Reply, Seen


def note_log_in(call: Call, reply: Reply, *, seen: Seen) -> None:
    """Remember the token of an account, with the call that got it."""
    if call.operation == LOG_IN and reply.is_good:
        token = reply.json["access_token"]
        seen.setdefault("log-ins", {})[token] = call
        seen["last token"] = token
    if call.operation == COMPONENT_TOKEN and reply.is_good:
        seen.setdefault("component tokens", {})[reply.json["access_token"]] = (reply.json["id"], call.bearer)


async def as_last_log_in(call: Call, mock: Mock, *, when: bool) -> Reply:
    """Send a call; one that is refused for its token is sent again with that of the last log-in."""
    reply = await mock(call)
    note_log_in(call, reply, seen=mock.seen)
    last = mock.seen.get("last token")
    if reply.status != 401 or call.operation == LOG_IN or not when or last is None:
        return reply
    return await mock(call.with_token(last))


def token_of_the_owner(call: Call, reply: Reply, *, seen: Seen) -> str | None:
    """Return the token with which the call's site or asset was read or made, if it is not the caller's."""
    note_log_in(call, reply, seen=seen)
    owners: dict[str, str] = seen.setdefault("owners", {})
    if reply.is_good:
        for id in ids_in(reply.json):
            owners.setdefault(id, call.bearer)
    owner = next((owners[id] for id in call.ids.values() if id in owners), None)
    log_ins = seen.get("log-ins", {})
    is_same = owner in log_ins and call.bearer in log_ins and log_ins[owner].form == log_ins[call.bearer].form
    return None if owner == call.bearer or is_same else owner


def ids_in(said: Any) -> list[str]:
    """Return the values of all ids in an answer."""
    if isinstance(said, list):
        return [id for item in said for id in ids_in(item)]
    if not isinstance(said, dict):
        return []
    own = [v for k, v in said.items() if k in ("id", "site_id", "asset_id") and isinstance(v, str)]
    return own + [id for value in said.values() for id in ids_in(value)]
