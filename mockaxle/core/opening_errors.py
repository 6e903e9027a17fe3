"""Why a log-in opens no world: the server has no room for it."""

from dataclasses import dataclass

from mockaxle.core.errors import Refusal


class NotOpened(Refusal):
    """A log-in for which the server has no room."""

    rule = "T5"


@dataclass(eq=False)
class AccountsFull(NotOpened):
    says = "The mock keeps {limit} accounts already, and --max-accounts allows no more"
    advice = "Use a username that has an account, raise --max-accounts, or have the admin DELETE a world."
    limit: int


@dataclass(eq=False)
class WorldsFull(NotOpened):
    says = "The mock keeps {limit} worlds already, and --max-worlds allows no more with --when-full refuse"
    advice = "Raise --max-worlds, choose --when-full evict, or have the admin DELETE a world."
    limit: int


@dataclass(eq=False)
class TooManyNewWorlds(NotOpened):
    says = "{limit} new worlds within a minute from one address are the limit of --new-worlds-per-minute"
    advice = "Try again in {retry_after_seconds} seconds, or use a username whose world is open."
    limit: int
    retry_after_seconds: int
