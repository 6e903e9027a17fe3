"""Wakes the calls that wait until a world has changed. Source: N4."""

from asyncio import Future, get_running_loop, wait_for


class ChangeSignal:
    """Shape: each waiting call has a future of its own loop."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: set[Future[None]] = set()

    def wake_all(self) -> None:
        """Wake every call that waits; from any thread."""
        for one in tuple(self._waiting):
            one.get_loop().call_soon_threadsafe(_wake, one)

    async def wait(self, seconds: float) -> bool:
        """Wait for a change; return False if none came in time."""
        waiting = get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await wait_for(waiting, seconds)
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(waiting)
        return True


def _wake(waiting: "Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)
