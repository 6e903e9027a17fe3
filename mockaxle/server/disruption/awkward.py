"""Makes answers awkward: valid by the document, but hard for a client. Source: T4.

Only the answer changes. Ids, tokens and the stored state do not, so that a client can continue.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from hashlib import blake2b
from random import Random
from typing import Any
from urllib.parse import parse_qs

from mockaxle.contract.document import Operation
from mockaxle.core.reference import Style
from mockaxle.server.disruption.places import Place, places
from mockaxle.server.disruption.respelling import respelt
from mockaxle.world.awkwardness import Awkward
from mockaxle.world.entries import Request, Response
from mockaxle.world.value import Asked, World

FREE_TEXT = frozenset({"address", "detail", "msg", "warnings", "error", "supplier_name"})
"""Texts that no client should act on."""

LONGEST = 10_000
FULLEST, HEAVIEST = 1000, 1_000_000
UNHEARD_OF = "unheard_of"
EXTRAS: tuple[Any, ...] = ("new in this release", 7, None, {"nested": [1, {"deep": True}]}, [])
ORDERED = frozenset({"loc"})
EVENT = ("start_time", "end_time", "import_export")

Act = Callable[[Request, list[Place], Random], bool]


def make_awkward(
    world: World, response: Response, *, asked: Asked, document: Mapping[str, Any]
) -> tuple[World, Response]:
    """Count an answer and make it awkward, as set for the world."""
    awkwardness = world.awkwardness
    if not _is_json(response):
        return world, response
    key = blake2b(f"answer {awkwardness.answered}".encode(), key=world.state.seed[:64], digest_size=16)
    chance = Random(key.digest())
    world = world._replace(awkwardness=awkwardness._replace(answered=awkwardness.answered + 1))
    if chance.random() >= awkwardness.probability:
        return world, response
    return world, _made_awkward(world, response, asked, document=document, chance=chance)


def _made_awkward(
    world: World, response: Response, asked: Asked, *, document: Mapping[str, Any], chance: Random
) -> Response:
    schema, schemas = _schema(document, asked.operation, status=response.status), document["components"]["schemas"]
    body, done = json.loads(response.body), []
    nullable = world.state.reference.settings.style is Style.WIRE
    for kind in world.awkwardness.kinds:
        found = list(places(body, schema, schemas=schemas, nullable=nullable))
        is_bound = kind is Awkward.NULL and not world.awkwardness.beyond_contract
        if (_null_but_no_part_of_an_event if is_bound else _ACTS[kind])(asked.request, found, chance):
            done.append(kind.value)
    if not done:
        return response
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    why = response.why._replace(rules=(*response.why.rules, "T4"), awkward=tuple(done))
    return response._replace(body=text, why=why)


def _schema(document: Mapping[str, Any], operation: Operation, *, status: int) -> Mapping[str, Any]:
    """Return the document's schema of the answer; empty if it has none."""
    described = document["paths"].get(operation.path, {}).get(operation.verb.lower(), {})
    content = described.get("responses", {}).get(str(status), {}).get("content", {})
    schema: Mapping[str, Any] = content.get("application/json", {}).get("schema", {})
    return schema


def _is_json(response: Response) -> bool:
    return bool(response.body) and (b"content-type", b"application/json") in response.headers


def _some(found: list[Place], chance: Random) -> list[Place]:
    """Choose about half of the places, and at least one if there are any."""
    if not found:
        return []
    picked = int(chance.random() * len(found))
    return [one for number, one in enumerate(found) if number == picked or chance.random() < 0.5]


def _absent(request: Request, found: list[Place], chance: Random) -> bool:
    chosen = _some([one for one in found if one.optional], chance)
    for one in chosen:
        one.holder.pop(one.key, None)
    return bool(chosen)


def _null(request: Request, found: list[Place], chance: Random) -> bool:
    chosen = _some([one for one in found if one.nullable and one.value is not None], chance)
    for one in chosen:
        one.holder[one.key] = None
    return bool(chosen)


def _null_but_no_part_of_an_event(request: Request, found: list[Place], chance: Random) -> bool:
    """As `_null`, but all or none of an event's times and direction. Source: H2."""
    done = _null(request, found, chance)
    for event in [one.holder for one in found if one.name == EVENT[0] and one.holder.keys() >= set(EVENT)]:
        if any(event[key] is None for key in EVENT):
            event.update(dict.fromkeys(EVENT))
    return done


def _extra(request: Request, found: list[Place], chance: Random) -> bool:
    chosen = _some([one for one in found if isinstance(one.value, dict) and one.open], chance)
    for one in chosen:
        one.value["mockaxle_extra"] = deepcopy(EXTRAS[int(chance.random() * len(EXTRAS))])
    return bool(chosen)


def _long(request: Request, found: list[Place], chance: Random) -> bool:
    chosen = _some([one for one in found if isinstance(one.value, str) and one.name in FREE_TEXT], chance)
    for one in chosen:
        longest = one.schema.get("maxLength", LONGEST)
        one.holder[one.key] = (one.value + " " + "é🚗x" * longest)[:longest]
    return bool(chosen)


def _pages(found: list[Place]) -> list[list[Any]]:
    """Find the item lists of pages among the places."""
    holders = [one.value for one in found if isinstance(one.value, dict) and "total_num_pages" in one.value]
    return [value for page in holders for value in page.values() if isinstance(value, list)]


def _empty_page(request: Request, found: list[Place], chance: Random) -> bool:
    chosen = [page for page in _pages(found) if page and chance.random() < 0.5]
    for page in chosen:
        page.clear()
    return bool(chosen)


def _full_page(request: Request, found: list[Place], chance: Random) -> bool:
    """Fill a page by repeating its items, as when items move between pages while they are read."""
    begun = [page for page in _pages(found) if page]
    limit = min(int(parse_qs(request.query).get("limit", ["10"])[-1]), FULLEST) if begun else 0
    chosen = [page for page in begun if len(page) < limit]
    for page in chosen:
        items, room = list(page), HEAVIEST // len(json.dumps(page))
        page += [items[number % len(items)] for number in range(min(limit, len(items) * room) - len(items))]
    return bool(chosen)


def _datetimes(request: Request, found: list[Place], chance: Random) -> bool:
    stamps = [one for one in found if isinstance(one.value, str) and one.schema.get("format") == "date-time"]
    chosen = _some(stamps, chance)
    for one in chosen:
        one.holder[one.key] = respelt(one.value, chance)
    return bool(chosen)


def _reordered(request: Request, found: list[Place], chance: Random) -> bool:
    """Reorder keys and arrays of plain values, whose order has no meaning."""
    chosen = [one for one in found if isinstance(one.value, dict) and len(one.value) > 1]
    for one in chosen:
        members = sorted(one.value.items(), key=lambda _: chance.random())
        one.value.clear()
        one.value.update(members)
    lists = [one.value for one in found if isinstance(one.value, list) and one.name not in ORDERED]
    for items in lists:
        if not any(isinstance(item, dict | list) for item in items):
            items.sort(key=lambda _: chance.random())
    return bool(chosen)


def _unknown_enum(request: Request, found: list[Place], chance: Random) -> bool:
    chosen = _some([one for one in found if isinstance(one.value, str) and "enum" in one.schema], chance)
    for one in chosen:
        one.holder[one.key] = UNHEARD_OF
    return bool(chosen)


_ACTS: Mapping[Awkward, Act] = {
    Awkward.ABSENT: _absent,
    Awkward.NULL: _null,
    Awkward.EXTRA: _extra,
    Awkward.LONG: _long,
    Awkward.EMPTY_PAGE: _empty_page,
    Awkward.FULL_PAGE: _full_page,
    Awkward.DATETIMES: _datetimes,
    Awkward.REORDERED: _reordered,
    Awkward.UNKNOWN_ENUM: _unknown_enum,
}
"""Each changes the places that it chooses, and returns whether it chose any."""
