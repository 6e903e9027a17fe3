"""Opens new worlds."""

from datetime import datetime
from hashlib import blake2b

from mockaxle.scenarios.building import Blueprint
from mockaxle.world.value import World


def new_world(plan: Blueprint, name: str, *, server_seed: str, real: datetime) -> World:
    """Open a world from a scenario, at an instant of the machine's clock."""
    clock = plan.clock(real)
    state = plan.state(seed_of(name, server_seed=server_seed), now=clock.now(real))
    return World(name, state, state, clock=clock, origin_clock=clock)


def seed_of(name: str, *, server_seed: str) -> bytes:
    """Derive a world's seed from the server's seed and the world's name, so that no id occurs twice."""
    key = blake2b(server_seed.encode("utf-8", "surrogatepass"), digest_size=32).digest()
    return blake2b(name.encode("utf-8", "surrogatepass"), key=key, digest_size=32).digest()
