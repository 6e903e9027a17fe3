"""Replays logs in a process of its own: `python -m tests.replaying FILE` prints a digest of every world and answer."""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from mockaxle.contract import load_contract
from mockaxle.exchange import Exchange, from_json, to_json
from mockaxle.scenarios import load_scenario
from mockaxle.server.surface import Surface
from mockaxle.world import World, new_world

SEED = "replay"


def replay(name: str, exchanges: list[Exchange]) -> tuple[World, list[Exchange]]:
    """The world and the exchanges as they come out when the log is applied to the world's beginning."""
    surface, world = Surface(load_contract()), new_world(name, server_seed=SEED, reference=load_scenario().reference())
    again = []
    for exchange in exchanges:
        world, response = surface.apply(world, exchange)
        again.append(exchange._replace(response=response))
    return world, again


def written(exchanges: list[Exchange]) -> str:
    return json.dumps([to_json(exchange) for exchange in exchanges], sort_keys=True)


def digest(name: str, log: list[Any]) -> str:
    _, again = replay(name, [from_json(entry) for entry in log])
    return sha256(written(again).encode()).hexdigest()


if __name__ == "__main__":
    for name, log in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        print(digest(name, log))
