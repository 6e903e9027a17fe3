"""Replays logs in a process of its own: `python -m tests.replaying FILE` prints a digest of every world and answer."""

import json
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from mockaxle.app import make_apply
from mockaxle.contract.document import load_contract
from mockaxle.core.clock import EPOCH
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.shipped import default
from mockaxle.world.commands.rows import repeat
from mockaxle.world.delivering import deliver
from mockaxle.world.entries import Command, Delivery, Entry, Exchange, Held, Response, Wait, from_json, to_json
from mockaxle.world.opening import new_world
from mockaxle.world.value import World

SEED = "replay"


def replay(name: str, log: list[Entry], *, base: World | None = None) -> tuple[World, list[Entry]]:
    """The world and the entries as they come out when the log is applied to its base, or to a world's beginning."""
    apply = make_apply(load_contract())
    world = base or new_world(blueprint(default()), name, server_seed=SEED, real=EPOCH)
    again: list[Entry] = []
    for entry in log:
        if isinstance(entry, Command):
            world = repeat(world, entry).world
            again.append(entry)
        elif isinstance(entry, Delivery):
            world = deliver(world, entry)
            again.append(entry)
        else:
            world, response = apply(world, entry)
            again.append(repeated(entry, response))
    return world, again


def repeated(entry: Exchange | Held, response: Response | Wait) -> Entry:
    """The entry as it comes out now."""
    at, real_at, principal, operation, request, _ = entry
    if isinstance(response, Response):
        return Exchange(at, real_at, principal, operation, request, response)
    assert isinstance(entry, Held)
    return entry._replace(wait=response)


def written(log: Sequence[Entry]) -> str:
    return json.dumps([to_json(entry) for entry in log], sort_keys=True)


def digest(name: str, log: list[Any]) -> str:
    _, again = replay(name, [from_json(entry) for entry in log])
    return sha256(written(again).encode()).hexdigest()


if __name__ == "__main__":
    for name, log in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        print(digest(name, log))
