"""How a run reports its progress."""


class Progress:
    """Reports nothing; a subclass may. Calls: `begin` a suite, `step` and `at` any number of times, `end` it."""

    def begin(self, suite: str) -> None:
        """A suite begins."""

    def step(self, done: int, total: int) -> None:
        """So many of the suite's steps are done. Another thread may call this."""

    def at(self, what: str) -> None:
        """A call is made now. Shape: what is its operation. Another thread may call this."""

    def end(self, outcome: str) -> None:
        """The suite has ended. Shape: outcome is done, not tested or not finished."""
