"""Calls in which every fault has an effect: every operation, its refusals, and odd requests.

They show only that the faults are there. Whether a check finds them is another question.
"""

from collections.abc import Awaitable, Callable, Sequence

from tests.mutants.caller import Caller
from tests.mutants.calls_of_access import surface, tokens
from tests.mutants.calls_of_homes import again, homes, pages, sites, upserts
from tests.mutants.calls_of_products import meters, missing, money, readings, schedules, sessions

Group = Callable[[Caller], Awaitable[None]]
GROUPS: tuple[Group, ...] = (
    homes, upserts, sites, pages, schedules, sessions, meters, readings, money, missing, again, surface, tokens,
)  # fmt: skip


async def make_calls(caller: Caller, groups: Sequence[Group] = GROUPS) -> None:
    """Log in and make the calls of some groups. Raises: Done."""
    await caller.log_in("checked")
    for group in groups:
        await group(caller)
