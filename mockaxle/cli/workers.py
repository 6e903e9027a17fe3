"""Several processes that serve the same worlds on one socket. One that ends is followed by another."""

import asyncio
import pickle
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from socket import socket

from mockaxle.cli.journal_options import report
from mockaxle.cli.running import ServePlan

COMMAND = (sys.executable, "-P", "-m", "mockaxle.cli.worker")
"""-P: nothing of the present folder is imported, as by the command `mockaxle`."""

STOP_SECONDS = 60
"""The time to write their worlds, after which workers are killed."""

RESTART_SECONDS = 1.0
"""The time between two starts of a worker, at the least."""

BEFORE_IT_SERVED = -signal.SIGTERM
"""How a worker ends that is stopped while it starts."""


class Workers:
    """Shape: `inherited` are the descriptors of the journal's lock.

    A worker gets its plan, which has secrets, on its standard input, which stays open: when it ends, so has this
    process, and the worker stops.
    """

    def __init__(self, plan: ServePlan, listening: socket, *, inherited: tuple[int, ...]) -> None:
        self._count = plan.journal.workers
        self._plan = pickle.dumps((plan, listening.fileno()))
        self._listening = listening
        self._inherited = inherited
        self._running: set[Process] = set()
        self._stopping = asyncio.Event()

    async def run(self) -> int:
        """Serve until SIGINT or SIGTERM. Return 1 if a worker could not end as it should, else 0."""
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._stopping.set)
        keeping = [asyncio.create_task(self._keep_one()) for _ in range(self._count)]
        await self._stopping.wait()
        self._listening.close()
        for process in self._running:
            _stop(process)
        _, late = await asyncio.wait(keeping, timeout=STOP_SECONDS)
        if late:
            report(f"Workers that have not ended within {STOP_SECONDS} s, and are killed: {len(late)}")
        for process in self._running:
            with suppress(ProcessLookupError):
                process.kill()
        return int(not {0, BEFORE_IT_SERVED}.issuperset(await asyncio.gather(*keeping)))

    async def _keep_one(self) -> int:
        """Keep one worker running. Return the status of the last one."""
        status = 0
        while not self._stopping.is_set():
            again_at = asyncio.get_running_loop().time() + RESTART_SECONDS
            try:
                process = await self._begin()
            except OSError as error:
                report(f"A worker cannot be started: {error.strerror}")
            else:
                status = await process.wait()
                self._running.discard(process)
                if self._stopping.is_set():
                    return status
                report(f"The worker {process.pid} has ended ({_ending(status)}); another one begins")
                status = 0
            with suppress(TimeoutError):
                async with asyncio.timeout_at(again_at):
                    await self._stopping.wait()
        return status

    async def _begin(self) -> Process:
        descriptors = (self._listening.fileno(), *self._inherited)
        process = await asyncio.create_subprocess_exec(*COMMAND, stdin=PIPE, pass_fds=descriptors)
        self._running.add(process)
        if self._stopping.is_set():
            _stop(process)
        assert process.stdin
        with suppress(ConnectionError):  # its end tells more
            process.stdin.write(self._plan)
            await process.stdin.drain()
        return process


def _stop(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()


def _ending(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def keep_workers(plan: ServePlan, listening: socket, *, inherited: tuple[int, ...]) -> int:
    """Serve by several workers until the end. Return the exit status."""

    async def keeping() -> int:
        return await Workers(plan, listening, inherited=inherited).run()

    return asyncio.run(keeping())
