"""What the caller of a call or command may do."""

from collections.abc import Callable
from typing import NamedTuple

from mockaxle.contract.document import Operation
from mockaxle.core.accounts import Grant
from mockaxle.scenarios.sections import AccountSection
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.world.entries import Principal, Request


class Checks(NamedTuple):
    """What a command's caller may do. Shape: each raises if an account may not be added, or the world be changed."""

    account: Callable[[AccountSection], None] = lambda section: None
    world: Callable[[HostedWorld], None] = lambda hosted: None


ALL_ALLOWED = Checks()


class Admitted(NamedTuple):
    """A call with its caller. Shape: grant is that of the token, None during a log-in."""

    principal: Principal
    grant: Grant | None
    operation: Operation
    request: Request
