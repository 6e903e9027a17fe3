"""Calls that wait for a change of a world are woken by it, and by nothing else."""

import asyncio
from threading import Thread

from mockaxle.serving.change_signal import ChangeSignal


def test_everyone_who_waits_is_woken_from_another_thread() -> None:
    async def scene() -> list[bool]:
        signal = ChangeSignal()
        waiting = [asyncio.create_task(signal.wait(60)) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        Thread(target=signal.wake_all).start()
        return await asyncio.gather(*waiting)

    assert asyncio.run(scene()) == [True] * 3


def test_a_change_before_the_wait_does_not_count() -> None:
    async def scene() -> bool:
        signal = ChangeSignal()
        signal.wake_all()
        return await signal.wait(0.01)

    assert asyncio.run(scene()) is False


def test_who_has_gone_is_not_woken() -> None:
    async def scene() -> bool:
        signal = ChangeSignal()
        gone = asyncio.create_task(signal.wait(60))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        signal.wake_all()
        return gone.cancelled()

    assert asyncio.run(scene())
