"""What the worlds need of the deliveries of their messages. Source: N12."""

from typing import Protocol

from mockaxle.serving.hosted_world import HostedWorld


class Outgoing(Protocol):
    """Delivers the messages of all worlds."""

    def look(self, hosted: HostedWorld) -> None:
        """Deliver what has fallen due; from any thread."""

    def forget(self, hosted: HostedWorld) -> None:
        """End the deliveries of a dropped world; from any thread."""
