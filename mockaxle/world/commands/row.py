"""A control command as one row: the call, its typed body, its pure step, and its texts in control's document.

All users of a command read its row or its entry in the log: HTTP, the document, replays, and the
exports as curl calls and pytest files.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel, TypeAdapter

from mockaxle.scenarios.fields import SECRET
from mockaxle.scenarios.sections import AccountSection
from mockaxle.world.commands.done import Done, Moment
from mockaxle.world.entries import Command
from mockaxle.world.value import World, settled

JSON, TOML = "application/json", "application/toml"


@dataclass(frozen=True)
class Row:
    """Shape: key as `PATCH /market/windows/{id}`, below a world's path; body is its type, or None if it has no body.

    `parse` reads a body if JSON is not the only media type; `accounts` returns the accounts that a body adds, which are
    checked before the step. `replayed` is the row that repeats the command from a log, if it is another one. A command
    that sets the time is refused while the clock advances step by step. After one that restarts the world, a message
    may have the id of another one.
    Units: limit of the body in bytes; None means the server's limit.
    """

    key: str
    body: Any
    step: Callable[[World, Any, Moment], Done]
    summary: str
    example: Mapping[str, Any] | None = None
    media: tuple[str, ...] = (JSON,)
    parse: Callable[[bytes, str], Any] | None = None
    limit: int | None = None
    accounts: Callable[[Any], Sequence[AccountSection]] = lambda body: ()
    replayed: "Row | None" = None
    sets_time: bool = False
    restarts: bool = False

    @cached_property
    def adapter(self) -> TypeAdapter[Any] | None:
        return None if self.body is None else TypeAdapter(self.body)

    def read(self, body: bytes, media_type: str) -> Any:
        """Read a call's body; an empty one is an empty object. Raises: ValidationError, ScenarioRefused."""
        if self.adapter is None:
            return None
        return self.parse(body, media_type) if self.parse else self.adapter.validate_json(body or b"{}")

    def carry_out(self, world: World, body: Any, moment: Moment) -> tuple[Done, Command]:
        """Carry out the step; return its result and its log entry. Raises: CommandRefused."""
        done = self.step(settled(world, moment.at), body, moment)
        logged = dict(done.logged) if done.logged is not None else self._logged(body)
        return done, Command(moment.at, moment.real_at, self.key, dict(moment.path), logged)

    def repeat(self, world: World, command: Command) -> Done:
        """Repeat the step of a logged command. Raises: CommandRefused, ValidationError."""
        row = self.replayed or self
        body = None if row.adapter is None else row.adapter.validate_python(command.body)
        return row.step(settled(world, command.at), body, Moment(command.at, command.real_at, command.path))

    def _logged(self, body: Any) -> dict[str, Any]:
        """Return the body as JSON data, without secret fields."""
        if self.adapter is None:
            return {}
        sent: dict[str, Any] = self.adapter.dump_python(
            body, mode="json", exclude_unset=True, exclude=_secret_fields(type(body))
        )
        return sent


def _secret_fields(body: type[BaseModel]) -> set[str]:
    return {name for name, field in body.model_fields.items() if SECRET in field.metadata}
