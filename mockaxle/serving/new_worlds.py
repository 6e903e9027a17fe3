"""New worlds: small ones are built at once, large ones in a thread.

A world of 10,000 sites takes a quarter of a second to build. In the event loop it would delay all other calls. So a
log-in that opens one is interrupted by `WorldUnbuilt`, changes nothing, and is repeated with the world. Log-ins that
open the same world at the same time share it.
"""

from asyncio import Lock, get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple
from weakref import WeakValueDictionary

from mockaxle.core.clock import Clock
from mockaxle.core.limits import MAX_BUILT_AT_ONCE
from mockaxle.scenarios.building import Blueprint
from mockaxle.world.opening import new_world, with_clock
from mockaxle.world.value import World


class BuiltWorld(NamedTuple):
    """A world, and the machine's instant at which its state was built."""

    world: World
    built_at: datetime


class Building:
    """A world to build, shared by the log-ins that wait for it."""

    def __init__(self, build: Callable[[], BuiltWorld], thread: ThreadPoolExecutor) -> None:
        self._build = build
        self._thread = thread
        self._turn = Lock()
        self._world: BuiltWorld | None = None

    def built(self) -> BuiltWorld:
        """Build in the caller's thread."""
        self._world = self._world or self._build()
        return self._world

    async def built_aside(self) -> BuiltWorld:
        async with self._turn:
            if self._world is None:
                self._world = await get_running_loop().run_in_executor(self._thread, self._build)
            return self._world


class WorldUnbuilt(Exception):
    """A log-in cannot be answered before its world is built; nothing has changed."""

    def __init__(self, building: Building, turn: Lock) -> None:
        super().__init__("the world must be built first")
        self._building = building
        self._turn = turn

    def built(self) -> BuiltWorld:
        """Build at once, for a caller without an event loop."""
        return self._building.built()

    async def built_aside(self) -> BuiltWorld:
        """Build while other calls are answered, for each peer one world at a time."""
        async with self._turn:
            return await self._building.built_aside()


class NewWorlds:
    """Builds the worlds of a server, each from its name."""

    def __init__(self, blueprint: Blueprint, clock: Clock, *, server_seed: str) -> None:
        self._blueprint = blueprint
        self._clock = clock
        self._server_seed = server_seed
        self._is_large = blueprint.size > MAX_BUILT_AT_ONCE
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mockaxle-worlds")
        self._awaited: WeakValueDictionary[str, Building] = WeakValueDictionary()
        self._turns: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    def is_awaited(self, name: str) -> bool:
        """Tell whether a log-in waits for a world."""
        return name in self._awaited

    def world(self, name: str, *, real: datetime, built: BuiltWorld | None, peer: str) -> BuiltWorld:
        """Return a new world whose clock starts at a real instant. `built` is the world as built aside, if it was.

        Raises: WorldUnbuilt.
        """
        if built is not None and built.world.name == name:
            return built._replace(world=with_clock(self._blueprint, built.world, real=real))
        if self._is_large:
            raise WorldUnbuilt(self._building(name), self._turns.setdefault(peer, Lock()))
        return self._built(name, real)

    def _building(self, name: str) -> Building:
        building = Building(lambda: self._built(name, self._clock()), self._thread)
        return self._awaited.setdefault(name, building)

    def _built(self, name: str, real: datetime) -> BuiltWorld:
        return BuiltWorld(new_world(self._blueprint, name, server_seed=self._server_seed, real=real), real)
