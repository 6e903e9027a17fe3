"""Reads a log: filters entries and explains them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockaxle.contract.ledger import load_ledger
from mockaxle.control.delivery_explanation import RULES, hint_to
from mockaxle.core.outbox import Outbox
from mockaxle.core.timestamps import spell_utc
from mockaxle.world.entries import Command, Delivery, Entry, Exchange, Held, to_json
from mockaxle.world.log import Chunk, Log
from mockaxle.world.value import World

REWIND = "POST /rewind"
UNENROLLING = ("/unenrol", "/dispatch-deconsent")


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on an entry; None means any. Shape: operation as `POST /entities/site/onboard`."""

    operation: str | None = None
    status: int | None = None
    site: str | None = None
    text: str | None = None

    def takes(self, entry: Entry) -> bool:
        said = _said(entry) if self.site or self.text else ""
        if (self.site or "") not in said or (self.text or "") not in said:
            return False
        if isinstance(entry, Command | Delivery):
            status = entry.status if isinstance(entry, Delivery) else None
            return (self.operation, self.site) == (None, None) and self.status in (None, status)
        status = entry.response.status if isinstance(entry, Exchange) else None
        return self.status in (None, status) and self.operation in (None, entry.operation)


def _said(entry: Entry) -> str:
    """Return an entry's searchable text: a command, a delivery, or an exchange's path, bodies and hint."""
    if isinstance(entry, Command):
        return f"{entry.verb} {entry.place} {json.dumps(_sent(entry), ensure_ascii=False)}"
    if isinstance(entry, Delivery):
        return f"{entry.message} {entry.receiver} {entry.outcome} {entry.error or ''}"
    request = entry.request
    said = [request.path, request.query, request.body.decode("utf-8", "replace")]
    if isinstance(entry, Exchange):
        said += [entry.response.body.decode("utf-8", "replace"), entry.response.why.hint]
    return "\n".join(said)


def _sent(command: Command) -> dict[str, Any]:
    """Return the body as it was sent. The log of a rewind also has tokens."""
    return {"before": command.body["before"]} if command.key == REWIND else command.body


def numbered(log: Log[World]) -> Iterator[tuple[int, Entry]]:
    """Yield the kept entries with their numbers."""
    return enumerate(log, start=log.dropped + 1)


def summary(number: int, entry: Entry) -> dict[str, Any]:
    """Summarise an entry. The status of a call that waits is null."""
    if isinstance(entry, Command):
        call = {"command": entry.key, "path": entry.path, "body": _sent(entry)}
        return {"number": number, "at": spell_utc(entry.at), **call}
    if isinstance(entry, Delivery):
        return {"number": number, "at": spell_utc(entry.at), "delivery": entry.message, **_delivered(entry)}
    return {
        "number": number,
        "at": spell_utc(entry.at),
        "account": entry.principal and entry.principal.username,
        "operation": entry.operation,
        "method": entry.request.method,
        "path": entry.request.path,
        **(_answered(entry) if isinstance(entry, Exchange) else _waiting(entry)),
    }


def _answered(exchange: Exchange) -> dict[str, Any]:
    response = exchange.response
    return {
        "status": response.status,
        "rules": list(response.why.rules),
        **({"awkward": list(response.why.awkward)} if response.why.awkward else {}),
        **({"fault": response.way._asdict()} if response.way else {}),
    }


def _delivered(delivery: Delivery) -> dict[str, Any]:
    names = ("receiver", "attempt", "outcome", "status", "error", "ms")
    unusual = ("parallel", "awkward", "via")
    found = {name: value for name in unusual if (value := getattr(delivery, name)) is not None}
    return {**{name: getattr(delivery, name) for name in names}, **found}


def _waiting(held: Held) -> dict[str, Any]:
    return {"status": None, "rules": [held.wait.rule], "fault": held.wait._asdict()}


def whole(number: int, entry: Entry, *, chunks: Sequence[Chunk[World]], outbox: Outbox) -> dict[str, Any]:
    """Return an entry with its request, response and explanation. Shape: chunks are those of its log."""
    data: dict[str, Any] = {"number": number, **to_json(entry)}
    if isinstance(entry, Exchange):
        data["explanation"] = explanation(number, entry, chunks=chunks)
    elif isinstance(entry, Held):
        data["explanation"] = {"rules": _rules((entry.wait.rule,)), "hint": None}
    elif isinstance(entry, Delivery):
        hint = hint_to(entry, outbox.find(entry.message))
        data["explanation"] = {"rules": _rules(RULES[entry.outcome]), "hint": hint}
    return data


def explanation(number: int, exchange: Exchange, *, chunks: Sequence[Chunk[World]]) -> dict[str, Any]:
    """Explain an answer: its rules with grade and statement, the hint, and the earlier entry that caused it."""
    why = exchange.response.why
    reasons: dict[str, Any] = {"rules": _rules(why.rules), "hint": why.hint or None}
    if "L5" in why.rules:
        cause = _withdrawal(exchange, number, chunks=chunks)
        reasons["cause"] = cause and f"withdrawn by entry {cause}"
    return reasons


def _rules(ids: Sequence[str]) -> list[dict[str, str]]:
    rules = map(load_ledger().__getitem__, ids)
    return [{"id": rule.id, "grade": rule.grade, "statement": rule.statement} for rule in rules]


def _withdrawal(exchange: Exchange, number: int, *, chunks: Sequence[Chunk[World]]) -> int | None:
    """Find the last entry by which the refused site withdrew from the refused method."""
    detail = _detail(exchange.response.body)
    method = detail.rpartition(" ")[2].encode()
    for place, entry in _before(number, chunks):
        if isinstance(entry, Exchange) and entry.response.status == 200 and method in entry.request.body:
            path, changed = entry.request.path, b"already_" not in entry.response.body
            if changed and path.endswith(UNENROLLING) and path.split("/")[3].lower() in detail:
                return place
    return None


def _before(number: int, chunks: Sequence[Chunk[World]]) -> Iterator[tuple[int, Entry]]:
    """Yield the entries before an entry with their numbers, the last one first."""
    for chunk in reversed(chunks):
        earlier = chunk.entries[: max(number - chunk.first, 0)]
        yield from zip(range(chunk.first + len(earlier) - 1, 0, -1), reversed(earlier), strict=False)


def _detail(body: bytes) -> str:
    parsed: Mapping[str, Any] = json.loads(body)
    return str(parsed.get("detail"))
