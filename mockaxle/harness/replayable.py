"""Makes exchanges replayable, by adding the log-ins that issued their tokens."""

from collections.abc import Sequence

from mockaxle.world.entries import Exchange


def replayable(story: Sequence[Exchange], all_there_were: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Put the log-ins whose tokens the story sends before it."""
    given = {one.response.token for one in story}
    needed = {one.principal.token for one in story if one.principal} - given - {None}
    return (*(one for one in all_there_were if one.response.token in needed), *story)
