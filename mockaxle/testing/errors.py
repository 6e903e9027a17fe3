"""What a test's world raises."""


class ControlRefused(Exception):
    """The mock refused a control call. The text says why, and names the remedy."""


class AdvanceStopped(Exception):
    """The clock stopped before its target, since the deliveries on the way took too long. It can be continued."""

    def __init__(self, now: str, attempts: int) -> None:
        super().__init__(
            f"the clock stopped at {now}, after {attempts} attempts at deliveries: they took more than a minute, or "
            "are more than 10,000. Let your receiver answer faster, or advance again"
        )


class CallsMissing(AssertionError):
    """The log lacks calls or deliveries that a test expects. The text lists near misses."""


class NoMessage(AssertionError):
    """No message came that a test waited for. The text lists those that there are."""
