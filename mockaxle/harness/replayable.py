"""Exchanges with what they need to be replayed: the log-ins that gave their tokens."""

from collections.abc import Sequence

from mockaxle.world.entries import Exchange


def replayable(story: Sequence[Exchange], all_there_were: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """The story, led by the log-ins whose tokens it presents."""
    given = {one.response.token for one in story}
    needed = {one.principal.token for one in story if one.principal} - given - {None}
    return (*(one for one in all_there_were if one.response.token in needed), *story)
