"""Opens new worlds."""

from datetime import datetime
from functools import cached_property
from hashlib import blake2b, sha256

from mockaxle.scenarios.building import Blueprint, blueprint
from mockaxle.scenarios.sections import Scenario
from mockaxle.world.value import World


class Beginning:
    """The scenario from which worlds start, with its text, from which a journal starts the same worlds again."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario

    @cached_property
    def text(self) -> str:
        """The scenario as JSON, without its accounts."""
        return self._scenario.model_dump_json(exclude_unset=True, exclude={"accounts"})

    @cached_property
    def digest(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    @cached_property
    def blueprint(self) -> Blueprint:
        return blueprint(self._scenario)

    def world(self, name: str, *, seed: bytes, built_at: datetime, real: datetime) -> World:
        """Open a world again whose state was built, and whose clock started, at these instants of the machine."""
        return with_clock(self.blueprint, begun(self.blueprint, name, seed=seed, real=built_at), real=real)


def read_beginning(text: str) -> Beginning:
    """Raises: ValidationError."""
    return Beginning(Scenario.model_validate_json(text))


def new_world(plan: Blueprint, name: str, *, server_seed: str, real: datetime) -> World:
    """Open a world from a scenario, at an instant of the machine's clock."""
    return begun(plan, name, seed=seed_of(name, server_seed=server_seed), real=real)


def begun(plan: Blueprint, name: str, *, seed: bytes, real: datetime) -> World:
    """Open a world with a seed of its own, at an instant of the machine's clock."""
    clock = plan.clock(real)
    state = plan.state(seed, now=clock.now(real))
    return World(name, state, state, clock=clock, origin_clock=clock)


def with_clock(plan: Blueprint, world: World, *, real: datetime) -> World:
    """Start the clock of a world that was built before."""
    clock = plan.clock(real)
    return world._replace(clock=clock, origin_clock=clock)


def seed_of(name: str, *, server_seed: str) -> bytes:
    """Derive a world's seed from the server's seed and the world's name, so that no id occurs twice."""
    key = blake2b(server_seed.encode("utf-8", "surrogatepass"), digest_size=32).digest()
    return blake2b(name.encode("utf-8", "surrogatepass"), key=key, digest_size=32).digest()
